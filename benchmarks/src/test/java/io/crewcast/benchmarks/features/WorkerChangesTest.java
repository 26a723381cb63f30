package io.crewcast.benchmarks.features;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.Fact;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkerChangesTest {

  private static final int WORKERS = 3;

  private final WorkerChanges changes =
      WorkerChanges.aDay(WORKERS, Instant.parse("2026-01-01T00:00:00Z"));

  @Test
  void takesBackWhatStands() {
    Map<String, Fact> standing = new HashMap<>();
    int takenBack = 0;
    for (long number = 0; number < changes.in(Duration.ofDays(40)); number++) {
      Change change = changes.change(number);
      String fact = FactKind.factKey(change.getApplied().getEvent());
      Fact before = standing.put(fact, change.getApplied());
      assertThat(change.getRetracted()).isEqualTo(before);
      takenBack += before == null ? 0 : 1;
    }
    assertThat(takenBack).isEqualTo(40 / 2 * WORKERS + 40 * 4 / 32 * WORKERS);
  }

  @Test
  void comesToEveryWorkerFourTimesADay() {
    Map<String, Integer> visits = new HashMap<>();
    for (long number = 0; number < changes.in(Duration.ofDays(1)); number++) {
      visits.merge(changes.key(number), 1, Integer::sum);
    }
    assertThat(visits)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("acme:worker-0", 4, "acme:worker-1", 4, "acme:worker-2", 4));
  }

  @Test
  void completesATaskForEachThatItStarts() {
    Map<TaskStatus, Integer> tasks = new HashMap<>();
    for (long number = 0; number < changes.in(Duration.ofDays(40)); number++) {
      if (changes.change(number).getApplied().getEvent().getPayload() instanceof Task task) {
        tasks.merge(task.getStatus(), 1, Integer::sum);
      }
    }
    assertThat(tasks)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(TaskStatus.STARTED, 20 * WORKERS, TaskStatus.COMPLETED, 20 * WORKERS));
  }
}
