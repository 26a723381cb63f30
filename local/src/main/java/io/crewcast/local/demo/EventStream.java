package io.crewcast.local.demo;

import io.crewcast.local.ingest.BrokenFile;
import io.crewcast.local.ingest.EventFile;
import io.crewcast.local.ingest.Replay.Range;
import io.crewcast.schemas.WorkEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.avro.file.DataFileReader;
import org.jspecify.annotations.Nullable;

/**
 * An event file in three parts by when events became known: what the model learns from, what is
 * replayed as fast as it goes, and what is replayed at a steady pace.
 *
 * @param broken broken records that go out among the events
 * @param split first moment that is not learned from, by the file
 * @param pacedFrom first moment of the steady part, by the file
 * @param later by how much events become known later than the file says
 */
record EventStream(
    Path file,
    long events,
    long broken,
    Instant split,
    Instant pacedFrom,
    long learned,
    long replayed,
    Duration later) {
  /** Of the events, what a model learns from. */
  static final double LEARNED_SHARE = 0.7;

  private static final int PACED_EVENTS = 10_000;
  private static final Duration WEEK = Duration.ofDays(7);

  /**
   * Reads when the events of a file became known and splits them.
   *
   * @param wanted where to split; null: so that {@code learnedShare} of the events are before
   */
  static EventStream of(Path file, @Nullable Instant wanted, double learnedShare)
      throws IOException {
    List<Instant> known = new ArrayList<>();
    try (DataFileReader<WorkEvent> events = EventFile.open(file)) {
      events.forEachRemaining(event -> known.add(EventFile.recordedAt(event)));
    }
    if (known.isEmpty()) {
      throw new IllegalArgumentException(file + " holds no event: check the data and its mapping");
    }
    Instant split = wanted == null ? known.get((int) (known.size() * learnedShare)) : wanted;
    int learned = before(known, split);
    int rest = known.size() - learned;
    if (learned == 0 || rest < 2) {
      throw new IllegalArgumentException(
          "--split %s leaves %,d events before and %,d after it, of %s to %s; choose one between"
              .formatted(split, learned, rest, known.get(0), known.get(known.size() - 1)));
    }
    Instant pacedFrom = known.get(known.size() - Math.min(PACED_EVENTS, rest / 2));
    return new EventStream(
        file,
        known.size(),
        BrokenFile.read(BrokenFile.beside(file)).size(),
        split,
        pacedFrom,
        learned,
        before(known, pacedFrom) - learned,
        Duration.ZERO);
  }

  /**
   * The same so many weeks later that the steady part begins up to a week before an instant: days
   * and weeks stay what they are.
   */
  EventStream upTo(Instant now) {
    long weeks = Duration.between(pacedFrom, now).dividedBy(WEEK);
    return new EventStream(
        file, events, broken, split, pacedFrom, learned, replayed, WEEK.multipliedBy(weeks));
  }

  /** The first moment that is not learned from, as events are published. */
  Instant liveFrom() {
    return split.plus(later);
  }

  /** What becomes of the file's events when they are published. */
  UnaryOperator<WorkEvent> published() {
    return later.isZero() ? UnaryOperator.identity() : Redating.by(later);
  }

  private static int before(List<Instant> sorted, Instant moment) {
    int low = 0;
    int high = sorted.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted.get(middle).isBefore(moment)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  Range learnedRange() {
    return new Range(null, split);
  }

  Range replayedRange() {
    return new Range(split, pacedFrom);
  }

  Range pacedRange() {
    return new Range(pacedFrom, null);
  }

  long paced() {
    return events - learned - replayed;
  }
}
