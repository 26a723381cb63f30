package io.crewcast.schemas.serde;

import static io.crewcast.schemas.DeadLetterReason.DATE_OUT_OF_RANGE;
import static io.crewcast.schemas.DeadLetterReason.FUTURE;
import static io.crewcast.schemas.DeadLetterReason.INVALID_ID;
import static io.crewcast.schemas.DeadLetterReason.LATE;
import static io.crewcast.schemas.DeadLetterReason.MISSING_ID;
import static io.crewcast.schemas.DeadLetterReason.OUT_OF_RANGE;

import io.crewcast.schemas.CrewMembership;
import io.crewcast.schemas.Defect;
import io.crewcast.schemas.EntityRef;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.Observation;
import io.crewcast.schemas.PredictionRequested;
import io.crewcast.schemas.Project;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.TimeEntry;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.Worker;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the fields of an event may hold, as their documentation in the schema says. */
final class EventLimits {

  private static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");
  private static final Instant LATEST = Instant.parse("2100-01-01T00:00:00Z");
  private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);
  private static final int LONGEST_ID = 256;
  private static final long MINUTES_31_DAYS = 44_640;
  private static final long MINUTES_WEEK = 10_080;

  private final Duration lateAfter;

  EventLimits(Duration lateAfter) {
    this.lateAfter = lateAfter;
  }

  /**
   * Checks an event whose {@code recorded_at} is set.
   *
   * @throws UnreadableException for the first field that is out of its limits
   */
  void check(WorkEvent event, Instant appendedAt) throws UnreadableException {
    id("event_id", event.getEventId());
    company(event.getCompanyId());
    checkTimes(event.getOccurredAt(), event.getRecordedAt(), appendedAt);
    checkPayload(event.getPayload());
  }

  private void checkTimes(Instant occurredAt, Instant recordedAt, Instant appendedAt)
      throws UnreadableException {
    date("occurred_at", occurredAt);
    date("recorded_at", recordedAt);
    if (occurredAt.isAfter(recordedAt.plus(CLOCK_SKEW))) {
      throw new UnreadableException(
          FUTURE,
          "occurred_at %s is more than %s after recorded_at %s"
              .formatted(occurredAt, inWords(CLOCK_SKEW), recordedAt));
    }
    notFuture("recorded_at", recordedAt, appendedAt);
    if (Duration.between(occurredAt, recordedAt).compareTo(lateAfter) > 0) {
      throw new UnreadableException(
          LATE,
          "occurred_at %s is more than %s before recorded_at %s"
              .formatted(occurredAt, inWords(lateAfter), recordedAt));
    }
  }

  /**
   * Checks an observation.
   *
   * @throws UnreadableException for the first field that is out of its limits
   */
  static void check(Observation observation, Instant appendedAt) throws UnreadableException {
    company(observation.getCompanyId());
    optionalId("prediction_id", observation.getPredictionId());
    optionalId("request_id", observation.getRequestId());
    optionalId("unit_id", observation.getUnitId());
    if (observation.getPredictionId() == null
        && observation.getRequestId() == null
        && observation.getUnitId() == null) {
      throw new UnreadableException(
          MISSING_ID, "name what it is about: prediction_id, request_id or unit_id");
    }
    id("name", observation.getName());
    finite("value", observation.getValue());
    date("observed_at", observation.getObservedAt());
    notFuture("observed_at", observation.getObservedAt(), appendedAt);
  }

  private static void company(String companyId) throws UnreadableException {
    id("company_id", companyId);
    if (companyId.indexOf(':') >= 0) {
      throw new UnreadableException(
          INVALID_ID, "company_id must not hold a colon: " + shown(companyId));
    }
  }

  private static void notFuture(String field, Instant instant, Instant appendedAt)
      throws UnreadableException {
    if (instant.isAfter(appendedAt.plus(CLOCK_SKEW))) {
      throw new UnreadableException(
          FUTURE,
          "%s %s is more than %s after the broker's append time %s"
              .formatted(field, instant, inWords(CLOCK_SKEW), appendedAt));
    }
  }

  private static String inWords(Duration limit) {
    if (limit.toMinutesPart() != 0) {
      return limit.toMinutes() + " minutes";
    }
    return limit.toHoursPart() != 0 ? limit.toHours() + " hours" : limit.toDays() + " days";
  }

  private static void checkPayload(Object payload) throws UnreadableException {
    if (payload instanceof TimeEntry entry) {
      check(entry);
    } else if (payload instanceof Task task) {
      check(task);
    } else if (payload instanceof Defect defect) {
      check(defect);
    } else if (payload instanceof Project project) {
      check(project);
    } else if (payload instanceof CrewMembership membership) {
      id("crew_id", membership.getCrewId());
      id("worker_id", membership.getWorkerId());
    } else if (payload instanceof Worker worker) {
      check(worker);
    } else if (payload instanceof PredictionRequested request) {
      check(request);
    }
  }

  private static void check(TimeEntry entry) throws UnreadableException {
    id("time_entry_id", entry.getTimeEntryId());
    id("worker_id", entry.getWorkerId());
    id("project_id", entry.getProjectId());
    optionalId("crew_id", entry.getCrewId());
    optionalId("task_id", entry.getTaskId());
    range("minutes", entry.getMinutes(), MINUTES_31_DAYS);
    range("overtime_minutes", entry.getOvertimeMinutes(), entry.getMinutes());
    range("break_minutes", entry.getBreakMinutes(), MINUTES_31_DAYS);
    range("cost_cents", entry.getCostCents(), 1_000_000_000_000L);
  }

  private static void check(Task task) throws UnreadableException {
    id("task_id", task.getTaskId());
    id("project_id", task.getProjectId());
    optionalId("worker_id", task.getWorkerId());
    optionalId("crew_id", task.getCrewId());
    optionalId("component_id", task.getComponentId());
    optionalId("request_id", task.getRequestId());
    for (String dependency : task.getDependsOn()) {
      id("depends_on", dependency);
    }
    range("planned_minutes", task.getPlannedMinutes(), 1e7);
    range("story_points", task.getStoryPoints(), 1e6);
    finite("complexity", task.getComplexity());
    range("quality", task.getQuality(), 1);
    date("due_at", task.getDueAt());
  }

  private static void check(Defect defect) throws UnreadableException {
    id("defect_id", defect.getDefectId());
    id("project_id", defect.getProjectId());
    optionalId("worker_id", defect.getWorkerId());
    optionalId("task_id", defect.getTaskId());
    optionalId("component_id", defect.getComponentId());
    range("fix_minutes", defect.getFixMinutes(), 1e6);
  }

  private static void check(Project project) throws UnreadableException {
    id("project_id", project.getProjectId());
    finite("complexity", project.getComplexity());
    range("budget_minutes", project.getBudgetMinutes(), 1_000_000_000_000L);
    range("budget_cents", project.getBudgetCents(), 1_000_000_000_000_000L);
    date("started_at", project.getStartedAt());
    date("due_at", project.getDueAt());
  }

  private static void check(Worker worker) throws UnreadableException {
    id("worker_id", worker.getWorkerId());
    range("weekly_minutes", worker.getWeeklyMinutes(), MINUTES_WEEK);
    if (worker.getTimeZone() != null) {
      try {
        ZoneId.of(worker.getTimeZone());
      } catch (DateTimeException e) {
        throw new UnreadableException(
            OUT_OF_RANGE,
            "time_zone is none of the IANA database, such as Europe/Berlin: "
                + shown(worker.getTimeZone()));
      }
    }
  }

  private static void check(PredictionRequested request) throws UnreadableException {
    id("request_id", request.getRequestId());
    id("model", request.getModel());
    if (request.getEntities().isEmpty()) {
      throw new UnreadableException(OUT_OF_RANGE, "entities is empty; name one at least");
    }
    for (EntityRef entity : request.getEntities()) {
      check(entity);
    }
    if (request.getTask() != null) {
      check(request.getTask());
    }
  }

  private static void check(EntityRef entity) throws UnreadableException {
    List<String> ids;
    try {
      ids = FeatureSchema.ids(entity.getEntity(), entity.getEntityId());
    } catch (IllegalArgumentException e) {
      throw new UnreadableException(
          INVALID_ID,
          "entity_id of a WORKER_PROJECT is not worker_id/project_id, with %25 for % and %2F for / in the worker's: "
              + shown(entity.getEntityId()));
    }
    for (String id : ids) {
      id("entity_id", id);
    }
  }

  private static void optionalId(String field, @Nullable String id) throws UnreadableException {
    if (id != null) {
      id(field, id);
    }
  }

  private static void id(String field, String id) throws UnreadableException {
    if (id.isEmpty()) {
      throw new UnreadableException(MISSING_ID, field + " is empty");
    }
    if (id.codePointCount(0, id.length()) > LONGEST_ID) {
      throw new UnreadableException(
          INVALID_ID,
          "%s is longer than %d characters: %s".formatted(field, LONGEST_ID, shown(id)));
    }
    if (id.codePoints().anyMatch(Character::isISOControl)) {
      throw new UnreadableException(INVALID_ID, field + " holds a control character: " + shown(id));
    }
  }

  private static void date(String field, @Nullable Instant date) throws UnreadableException {
    if (date != null && (date.isBefore(EARLIEST) || !date.isBefore(LATEST))) {
      throw new UnreadableException(
          DATE_OUT_OF_RANGE,
          "%s is not within %s and %s: %s".formatted(field, EARLIEST, LATEST, date));
    }
  }

  private static void range(String field, @Nullable Long value, long greatest)
      throws UnreadableException {
    if (value != null && (value < 0 || value > greatest)) {
      throw new UnreadableException(
          OUT_OF_RANGE, "%s is not within 0 and %d: %d".formatted(field, greatest, value));
    }
  }

  private static void range(String field, @Nullable Double value, double greatest)
      throws UnreadableException {
    if (value != null && !(value >= 0 && value <= greatest)) {
      throw new UnreadableException(
          OUT_OF_RANGE, "%s is not within 0 and %.0f: %s".formatted(field, greatest, value));
    }
  }

  private static void finite(String field, @Nullable Double value) throws UnreadableException {
    if (value != null && !Double.isFinite(value)) {
      throw new UnreadableException(OUT_OF_RANGE, "%s is not finite: %s".formatted(field, value));
    }
  }

  /** The value with control characters escaped and cut to a length that a log can bear. */
  private static String shown(String value) {
    StringBuilder shown = new StringBuilder();
    value
        .codePoints()
        .limit(64)
        .forEach(
            c -> {
              if (Character.isISOControl(c)) {
                shown.append("\\u%04x".formatted(c));
              } else {
                shown.appendCodePoint(c);
              }
            });
    return shown.toString();
  }
}
