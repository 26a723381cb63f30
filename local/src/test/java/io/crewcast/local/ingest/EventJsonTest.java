package io.crewcast.local.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.schemas.Task;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.WorkEvent;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventJsonTest {
  private static final String TASK =
      """
      {"event_id": "e1", "company_id": "acme", "occurred_at": "2026-01-05T10:00:00+01:00", "kind": "task",
       "payload": {"task_id": "t1", "status": "STARTED", "project_id": "p1", "planned_minutes": 90, "depends_on": ["t0"]}}
      """;

  @Test
  void readsPlainJsonWithDefaultsForWhatIsAbsent() {
    WorkEvent event = EventJson.read(TASK);

    assertThat(event.getOccurredAt()).isEqualTo(Instant.parse("2026-01-05T09:00:00Z"));
    assertThat(event.getRecordedAt()).isNull();
    assertThat(event.getSource()).isEqualTo("unknown");
    assertThat(event.getPayload())
        .isEqualTo(
            Task.newBuilder()
                .setTaskId("t1")
                .setStatus(TaskStatus.STARTED)
                .setProjectId("p1")
                .setPlannedMinutes(90.0)
                .setDependsOn(List.of("t0"))
                .build());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "kind": "task"     | "kind": "job"       | is none of [time_entry, task,
          "STARTED"          | "BEGUN"             | payload.status: "BEGUN" is no one of [CREATED,
          "project_id": "p1" | "project": "p1"     | payload.project: no such field; there are [task_id,
          "company_id": "acme", | ` `              | company_id: is missing; The company (tenant)
          10:00:00+01:00     | 10:00               | is no date such as 2026-01-05T09:00:00Z
          ["t0"]             | "t0"                | payload.depends_on: "t0" is no list
          : 90               | : "90"              | payload.planned_minutes: "90" is no double
          {"event_id"        | "event_id"          | is not a JSON object
          """)
  void saysInOneLineWhatIsWrong(String good, String bad, String message) {
    assertThatThrownBy(() -> EventJson.read(TASK.replace(good, bad)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }
}
