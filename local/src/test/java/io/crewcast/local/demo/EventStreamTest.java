package io.crewcast.local.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.local.ingest.EventFile;
import io.crewcast.local.simulation.Simulation;
import io.crewcast.local.simulation.SimulationOptions;
import io.crewcast.schemas.WorkEvent;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventStreamTest {
  @TempDir private Path folder;
  private final List<WorkEvent> events = Simulation.run(SimulationOptions.of(1, 1000)).events();
  private Path file = Path.of("");

  @BeforeEach
  void write() throws Exception {
    file = folder.resolve("events.avro");
    EventFile.write(file, events);
  }

  @Test
  void putsEachEventIntoOnePart() throws Exception {
    EventStream stream = EventStream.of(file, null, EventStream.LEARNED_SHARE);
    assertThat(stream.learned()).isBetween(690L, 700L);
    assertThat(stream.learned()).isEqualTo(known(stream.learnedRange()::holds));
    assertThat(stream.replayed()).isPositive().isEqualTo(known(stream.replayedRange()::holds));
    assertThat(stream.paced()).isPositive().isEqualTo(known(stream.pacedRange()::holds));
  }

  @Test
  void movesByWholeWeeksUntilTheSteadyPartBeginsNowOrInTheWeekBefore() throws Exception {
    EventStream stream = EventStream.of(file, null, EventStream.LEARNED_SHARE);
    Instant now = Instant.parse("2026-11-29T01:00:00Z");
    EventStream moved = stream.upTo(now);
    assertThat(moved.later()).isEqualTo(Duration.ofDays(moved.later().toDays() / 7 * 7));
    assertThat(moved.pacedFrom().plus(moved.later())).isBetween(now.minus(Duration.ofDays(7)), now);
    assertThat(moved.learnedRange()).isEqualTo(stream.learnedRange());
    assertThat(moved.liveFrom()).isEqualTo(stream.liveFrom().plus(moved.later()));
  }

  @Test
  void saysWhichMomentsCanSplitItWhenTheOneWantedCannot() {
    assertThatThrownBy(
            () ->
                EventStream.of(
                    file, Instant.parse("1999-01-01T00:00:00Z"), EventStream.LEARNED_SHARE))
        .hasMessageContaining("--split 1999-01-01T00:00:00Z leaves 0 events before")
        .hasMessageContaining(EventFile.recordedAt(events.get(0)).toString());
  }

  private long known(java.util.function.Predicate<Instant> part) {
    return events.stream().map(EventFile::recordedAt).filter(part).count();
  }
}
