package io.crewcast.local.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.local.ingest.EventFile;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.TimeEntry;
import io.crewcast.schemas.WorkEvent;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OverrunsTest {

  @TempDir private Path folder;

  private final List<WorkEvent> events = new ArrayList<>();

  private void tell(Object payload, boolean voided) {
    Instant at = Instant.parse("2024-03-01T12:00:00Z").plusSeconds(events.size());
    events.add(
        WorkEvent.newBuilder()
            .setEventId("event-" + events.size())
            .setCompanyId("acme")
            .setOccurredAt(at)
            .setRecordedAt(at)
            .setSource("test")
            .setVoided(voided)
            .setPayload(payload)
            .build());
  }

  private void plan(String task) {
    tell(
        Task.newBuilder()
            .setTaskId(task)
            .setStatus(TaskStatus.STARTED)
            .setProjectId("bridge")
            .setPlannedMinutes(100.0)
            .build(),
        false);
  }

  private static TimeEntry entry(String id, String task, long minutes) {
    return TimeEntry.newBuilder()
        .setTimeEntryId(id)
        .setWorkerId("kim")
        .setProjectId("bridge")
        .setTaskId(task)
        .setMinutes(minutes)
        .build();
  }

  @Test
  void countsEachTimeEntryAsItStandsInTheEnd() throws Exception {
    for (String task : List.of("over", "at-the-limit", "corrected", "voided", "moved-to")) {
      plan(task);
    }
    tell(entry("1", "over", 100), false);
    tell(entry("2", "over", 26), false);
    tell(entry("3", "at-the-limit", 125), false);
    tell(entry("4", "corrected", 300), false);
    tell(entry("4", "corrected", 30), false);
    tell(entry("5", "voided", 300), false);
    tell(entry("5", "voided", 300), true);
    tell(entry("6", "at-the-limit", 200), false);
    tell(entry("6", "moved-to", 200), false);
    Path file = folder.resolve("events.avro");
    EventFile.write(file, events);

    assertThat(Overruns.in(file).tasks()).containsExactlyInAnyOrder("acme:over", "acme:moved-to");
  }
}
