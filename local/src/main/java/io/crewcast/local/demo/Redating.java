package io.crewcast.local.demo;

import io.crewcast.local.ingest.EventFile;
import io.crewcast.schemas.Project;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.WorkEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Lets events become known at another time. All of an event's dates move alike, so that what had
 * happened for an hour when it became known has happened for an hour still. Changes the event that
 * it is given.
 */
final class Redating implements UnaryOperator<WorkEvent> {

  private final UnaryOperator<Instant> recorded;

  private Redating(UnaryOperator<Instant> recorded) {
    this.recorded = recorded;
  }

  /** Later by so much. */
  static Redating by(Duration moved) {
    return new Redating(recordedAt -> recordedAt.plus(moved));
  }

  /** When it is its turn; what became known together, as repeats do, still does. */
  static Redating toNow(InstantSource clock) {
    return new Redating(
        new UnaryOperator<>() {
          private @Nullable Instant last;
          private Instant now = Instant.MIN;

          @Override
          public Instant apply(Instant recordedAt) {
            if (!recordedAt.equals(last)) {
              last = recordedAt;
              now = clock.instant().truncatedTo(ChronoUnit.MICROS);
            }
            return now;
          }
        });
  }

  @Override
  public WorkEvent apply(WorkEvent event) {
    Instant before = EventFile.recordedAt(event);
    Instant after = recorded.apply(before);
    Duration moved = Duration.between(before, after);
    event.setRecordedAt(after);
    event.setOccurredAt(event.getOccurredAt().plus(moved));
    if (event.getPayload() instanceof Task task) {
      task.setDueAt(moved(task.getDueAt(), moved));
    } else if (event.getPayload() instanceof Project project) {
      project.setStartedAt(moved(project.getStartedAt(), moved));
      project.setDueAt(moved(project.getDueAt(), moved));
    }
    return event;
  }

  private static @Nullable Instant moved(@Nullable Instant date, Duration by) {
    return date == null ? null : date.plus(by);
  }
}
