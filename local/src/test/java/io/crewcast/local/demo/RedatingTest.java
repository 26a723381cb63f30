package io.crewcast.local.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.Task;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.WorkEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import org.junit.jupiter.api.Test;

class RedatingTest {

  private static final Instant THEN = Instant.parse("2024-03-01T12:00:00Z");
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private static WorkEvent recorded(Instant at) {
    return WorkEvent.newBuilder()
        .setEventId("e")
        .setCompanyId("acme")
        .setOccurredAt(at.minusSeconds(3_600))
        .setRecordedAt(at)
        .setSource("test")
        .setPayload(
            Task.newBuilder()
                .setTaskId("task-1")
                .setStatus(TaskStatus.STARTED)
                .setProjectId("bridge")
                .setDueAt(at.plusSeconds(60))
                .build())
        .build();
  }

  @Test
  void movesAllDatesOfAnEventAlike() {
    assertThat(Redating.by(Duration.ofDays(7)).apply(recorded(THEN)))
        .isEqualTo(recorded(THEN.plus(Duration.ofDays(7))));
  }

  @Test
  void recordsAnEventWhenItIsItsTurnAndARepeatTogetherWithIt() {
    var ticks =
        new ArrayDeque<>(List.of(NOW.plusNanos(1_999), NOW.plusSeconds(1), NOW.plusSeconds(2)));
    Redating redating = Redating.toNow(ticks::remove);

    assertThat(redating.apply(recorded(THEN))).isEqualTo(recorded(NOW.plusNanos(1_000)));
    assertThat(redating.apply(recorded(THEN))).isEqualTo(recorded(NOW.plusNanos(1_000)));
    assertThat(redating.apply(recorded(THEN.plusSeconds(9))))
        .isEqualTo(recorded(NOW.plusSeconds(1)));
  }
}
