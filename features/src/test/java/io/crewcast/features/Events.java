package io.crewcast.features;

import io.crewcast.schemas.CrewMembership;
import io.crewcast.schemas.Defect;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.MembershipAction;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.TimeEntry;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.Arrival;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.Fact;
import io.crewcast.schemas.stream.RawRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Events to test with, each a line. */
public final class Events {

  public static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");

  private Events() {}

  public static TimeEntry entry(
      String id, String worker, String project, @Nullable String task, long minutes) {
    return new TimeEntry(id, worker, project, "crew", task, minutes, 0L, 0L, null, "code", null);
  }

  public static Task task(
      String id, TaskStatus status, @Nullable String worker, @Nullable Double planned) {
    return Task.newBuilder()
        .setTaskId(id)
        .setStatus(status)
        .setProjectId("project")
        .setWorkerId(worker)
        .setCrewId("crew")
        .setPlannedMinutes(planned)
        .setPhase("code")
        .build();
  }

  public static Defect defect(String id, String project, double minutes) {
    return new Defect(id, project, null, null, null, minutes, null, null);
  }

  public static CrewMembership membership(String crew, String worker, MembershipAction action) {
    return new CrewMembership(crew, worker, action, List.of());
  }

  public static WorkEvent event(String id, Instant occurredAt, Instant recordedAt, Object payload) {
    return new WorkEvent(id, "acme", occurredAt, recordedAt, "test", false, payload);
  }

  public static WorkEvent event(String id, Instant at, Object payload) {
    return event(id, at, at, payload);
  }

  public static WorkEvent voided(WorkEvent event, String id, Instant recordedAt) {
    WorkEvent voided = WorkEvent.newBuilder(event).build();
    voided.setEventId(id);
    voided.setRecordedAt(recordedAt);
    voided.setVoided(true);
    return voided;
  }

  public static Change change(
      @Nullable Fact retracted, @Nullable Fact applied, Instant recordedAt) {
    return Change.newBuilder()
        .setRetracted(retracted)
        .setApplied(applied)
        .setEventId("change")
        .setRecordedAt(recordedAt)
        .setVisits(new ArrayList<>())
        .build();
  }

  public static Arrival arrival(WorkEvent event) {
    RawRecord raw = new RawRecord("work-events", 0, 0L, Instants.ofMicros(0), null, null);
    return new Arrival(raw, event, null);
  }
}
