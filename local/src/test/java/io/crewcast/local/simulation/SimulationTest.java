package io.crewcast.local.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.local.ingest.BrokenFile;
import io.crewcast.local.ingest.BrokenRecord;
import io.crewcast.local.ingest.EventFile;
import io.crewcast.schemas.DeadLetterReason;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.TimeEntry;
import io.crewcast.schemas.WorkEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulationTest {
  private static final Simulation.Outcome YEAR = Simulation.run(SimulationOptions.of(1, 60_000));

  @TempDir Path folder;

  @Test
  void makesTheSameBytesFromTheSameSeed() throws IOException {
    for (String name : List.of("one", "two")) {
      Simulation.Outcome outcome = Simulation.run(SimulationOptions.of(7, 3_000));
      EventFile.write(folder.resolve(name + ".avro"), outcome.events());
      BrokenFile.write(folder.resolve(name + ".broken.jsonl"), outcome.broken());
    }
    EventFile.write(
        folder.resolve("other.avro"), Simulation.run(SimulationOptions.of(8, 3_000)).events());

    assertThat(folder.resolve("two.avro")).hasSameBinaryContentAs(folder.resolve("one.avro"));
    assertThat(folder.resolve("two.broken.jsonl"))
        .hasSameBinaryContentAs(folder.resolve("one.broken.jsonl"));
    assertThat(Files.readAllBytes(folder.resolve("other.avro")))
        .isNotEqualTo(Files.readAllBytes(folder.resolve("one.avro")));
  }

  @Test
  void makesAsManyEventsAsAskedOverAboutAYear() {
    List<WorkEvent> events = YEAR.events();

    assertThat(events).hasSize(60_000).isSortedAccordingTo(EventFile.ORDER);
    Duration span =
        Duration.between(
            EventFile.recordedAt(events.get(0)), EventFile.recordedAt(events.get(59_999)));
    assertThat(span).isBetween(Duration.ofDays(320), Duration.ofDays(410));
  }

  @Test
  void makesCorrectionsVoidsRepeatsReassignmentsAndLateEntriesInTheirShares() {
    List<WorkEvent> events = YEAR.events();
    Set<WorkEvent> distinct = new HashSet<>(events);
    List<WorkEvent> entries =
        distinct.stream()
            .filter(event -> event.getPayload() instanceof TimeEntry && !event.getVoided())
            .toList();
    long late =
        entries.stream()
            .filter(event -> event.getEventId().endsWith("-1"))
            .filter(
                event ->
                    Duration.between(event.getOccurredAt(), event.getRecordedAt()).toMinutes()
                        >= 60)
            .count();

    assertThat(1.0 * late / entries.size()).isBetween(0.065, 0.09);
    assertThat(1.0 * count(entries, "-2") / entries.size()).isBetween(0.02, 0.04);
    assertThat(count(distinct, "-void")).isGreaterThan(100);
    assertThat(count(distinct, "-started-first")).isGreaterThan(200);
    assertThat(1.0 * (events.size() - distinct.size()) / events.size()).isBetween(0.015, 0.025);
  }

  private static long count(Collection<WorkEvent> events, String suffix) {
    return events.stream().filter(event -> event.getEventId().endsWith(suffix)).count();
  }

  @Test
  void makesEveryKindOfBrokenRecordAndReadsItBack() throws IOException {
    Path file = BrokenFile.beside(folder.resolve("events.avro"));
    BrokenFile.write(file, YEAR.broken());

    List<BrokenRecord> read = BrokenFile.read(file);

    assertThat(file).hasFileName("events.broken.jsonl");
    assertThat(read).usingRecursiveComparison().isEqualTo(YEAR.broken());
    assertThat(read.stream().map(BrokenRecord::expected).collect(Collectors.toSet()))
        .contains(
            DeadLetterReason.CORRUPT_PAYLOAD,
            DeadLetterReason.UNKNOWN_SCHEMA,
            DeadLetterReason.NOT_AVRO,
            DeadLetterReason.NULL_VALUE,
            DeadLetterReason.MISSING_ID,
            DeadLetterReason.OUT_OF_RANGE,
            DeadLetterReason.DATE_OUT_OF_RANGE,
            DeadLetterReason.FUTURE);
  }

  /** The rate of overruns that a worker had in a phase before, alone, must tell tasks apart. */
  @Test
  void letsThePastOfAWorkerInAPhaseTellOverruns() {
    Map<String, Long> logged = new HashMap<>();
    for (WorkEvent event : YEAR.events()) {
      if (event.getPayload() instanceof TimeEntry entry && event.getEventId().endsWith("-1")) {
        logged.merge(event.getCompanyId() + entry.getTaskId(), entry.getMinutes(), Long::sum);
      }
    }
    Map<String, long[]> past = new HashMap<>();
    List<double[]> scored = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    long over = 0;
    for (WorkEvent event : YEAR.events()) {
      if (event.getPayload() instanceof Task task
          && task.getStatus() == TaskStatus.COMPLETED
          && seen.add(event.getEventId())) {
        boolean overran =
            logged.getOrDefault(event.getCompanyId() + task.getTaskId(), 0L)
                > 1.25 * task.getPlannedMinutes();
        long[] rate =
            past.computeIfAbsent(
                event.getCompanyId() + task.getWorkerId() + task.getPhase(), key -> new long[2]);
        scored.add(new double[] {(rate[0] + 0.9) / (rate[1] + 3), overran ? 1 : 0});
        rate[0] += overran ? 1 : 0;
        rate[1]++;
        over += overran ? 1 : 0;
      }
    }
    List<double[]> later = scored.subList(scored.size() / 3, scored.size());

    assertThat(1.0 * over / scored.size()).as("base rate").isBetween(0.25, 0.38);
    assertThat(auc(later)).as("AUC of the past rate alone").isBetween(0.65, 0.78);
  }

  private static double auc(List<double[]> scored) {
    List<double[]> sorted = scored.stream().sorted((a, b) -> Double.compare(a[0], b[0])).toList();
    double ranks = 0;
    double positives = 0;
    for (int from = 0; from < sorted.size(); ) {
      int to = from;
      while (to < sorted.size() && sorted.get(to)[0] == sorted.get(from)[0]) {
        to++;
      }
      for (int i = from; i < to; i++) {
        ranks += sorted.get(i)[1] * (from + to + 1) / 2.0;
        positives += sorted.get(i)[1];
      }
      from = to;
    }
    double negatives = sorted.size() - positives;
    return (ranks - positives * (positives + 1) / 2) / (positives * negatives);
  }
}
