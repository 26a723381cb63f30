package io.crewcast.local.verify;

import static java.util.stream.Collectors.joining;

import io.crewcast.schemas.CrewMembership;
import io.crewcast.schemas.Defect;
import io.crewcast.schemas.PredictionRequested;
import io.crewcast.schemas.Project;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.TimeEntry;
import io.crewcast.schemas.Worker;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The fields of facts: those of the payload, by the contract of events, and those of all events.
 */
final class EventFields {

  private static final Map<String, Schema> PAYLOADS = new LinkedHashMap<>();
  private static final Map<String, List<String>> IDENTITIES =
      Map.of(
          "time_entry", List.of("time_entry_id"),
          "task", List.of("task_id"),
          "defect", List.of("defect_id"),
          "project", List.of("project_id"),
          "crew_membership", List.of("crew_id", "worker_id"),
          "worker", List.of("worker_id"),
          "prediction_requested", List.of("request_id"));

  static {
    PAYLOADS.put("time_entry", TimeEntry.getClassSchema());
    PAYLOADS.put("task", Task.getClassSchema());
    PAYLOADS.put("defect", Defect.getClassSchema());
    PAYLOADS.put("project", Project.getClassSchema());
    PAYLOADS.put("crew_membership", CrewMembership.getClassSchema());
    PAYLOADS.put("worker", Worker.getClassSchema());
    PAYLOADS.put("prediction_requested", PredictionRequested.getClassSchema());
  }

  /** The kinds of fact. */
  static final List<String> KINDS = List.copyOf(PAYLOADS.keySet());

  /** What every event has, each in SQL over the table work_event. */
  private static final Map<String, SqlValue> OF_ALL =
      Map.of(
          "event_id", new SqlValue("w.event_id", SqlType.TEXT),
          "company_id", new SqlValue("w.company_id", SqlType.TEXT),
          "source", new SqlValue("w.source", SqlType.TEXT),
          "occurred_at", new SqlValue("w.occurred_at", SqlType.INSTANT),
          "recorded_at", new SqlValue("w.recorded_at", SqlType.INSTANT),
          "local_date",
              new SqlValue("strftime(make_timestamp(w.occurred_at), '%Y-%m-%d')", SqlType.TEXT));

  /** What the versions of a fact say together, in SQL over the table history. */
  private static final Map<String, Map<String, SqlValue>> OF_HISTORY =
      Map.of("task", ofTasks(), "project", Map.of("scope_changes", count("scope_changes")));

  /** The field that says which phase's work a fact is, or made it, by kind. */
  private static final Map<String, String> ORIGIN_PHASES =
      Map.of("task", "phase", "defect", "injected_phase");

  private EventFields() {}

  /** What tells facts of this kind apart within a company. */
  static List<String> identity(String kind) {
    return Sql.at(IDENTITIES, kind);
  }

  /** True where the payload has this field. */
  static boolean isOfPayload(String kind, String field) {
    return Sql.at(PAYLOADS, kind).getField(field) != null;
  }

  /** The fields of the payload that a field of the version that stands is read from. */
  static Stream<String> readFrom(String kind, String field) {
    String phase = ORIGIN_PHASES.get(kind);
    if (phase != null && field.equals("origin_phase")) {
      return Stream.of(phase);
    } else if (phase != null && field.equals("origin")) {
      return Stream.of("component_id", phase);
    }
    return isOfPayload(kind, field) && !isOfHistory(kind, field)
        ? Stream.of(field)
        : Stream.empty();
  }

  /** True where the versions of a fact say something together. */
  static boolean hasHistory(String kind) {
    return OF_HISTORY.containsKey(kind);
  }

  /** True where the value comes from all versions, and not from the one that stands. */
  static boolean isOfHistory(String kind, String field) {
    return ofHistory(kind).containsKey(field);
  }

  /**
   * A field in SQL over {@code w}, the table work_event, or {@code h}, the table history; null
   * where this kind of fact has no such field.
   */
  static @Nullable SqlValue field(String kind, String name) {
    if (isOfHistory(kind, name)) {
      return ofHistory(kind).get(name);
    }
    if (OF_ALL.containsKey(name)) {
      return OF_ALL.get(name);
    }
    if (name.equals("origin") || name.equals("origin_phase")) {
      List<String> from = readFrom(kind, name).map(f -> "w.%s.%s".formatted(kind, f)).toList();
      return from.isEmpty()
          ? null
          : new SqlValue(String.join(" || chr(10) || ", from), SqlType.TEXT);
    }
    Schema.Field field = Sql.at(PAYLOADS, kind).getField(name);
    SqlType type = field == null ? null : typeOf(field.schema());
    if (type == null) {
      return null;
    }
    String column = "w.%s.%s".formatted(kind, name);
    return new SqlValue(type == SqlType.INSTANT ? "epoch_us(%s)".formatted(column) : column, type);
  }

  private static @Nullable SqlType typeOf(Schema schema) {
    return switch (schema.getType()) {
      case UNION -> {
        for (Schema branch : schema.getTypes()) {
          if (branch.getType() != Schema.Type.NULL) {
            yield typeOf(branch);
          }
        }
        yield null;
      }
      case LONG -> schema.getLogicalType() == null ? SqlType.LONG : SqlType.INSTANT;
      case DOUBLE -> SqlType.DOUBLE;
      case BOOLEAN -> SqlType.BOOLEAN;
      case STRING, ENUM -> SqlType.TEXT;
      case ARRAY -> schema.getElementType().getType() == Schema.Type.STRING ? SqlType.TEXTS : null;
      default -> null;
    };
  }

  private static Map<String, SqlValue> ofHistory(String kind) {
    return OF_HISTORY.getOrDefault(kind, Map.of());
  }

  /** SQL for the time that a task was in each status, in minutes. */
  static String statusMinutes() {
    return statuses()
        .map(
            status ->
                "coalesce(sum(lasted) filter (status = '%s'), 0) / cast(60e6 as double) as %s"
                    .formatted(status, minutesIn(status)))
        .collect(joining(", "));
  }

  private static Map<String, SqlValue> ofTasks() {
    Map<String, SqlValue> fields = new LinkedHashMap<>();
    fields.put("started_at", new SqlValue("h.started_at", SqlType.INSTANT));
    fields.put("status_since", new SqlValue("h.status_since", SqlType.INSTANT));
    fields.put("reassignments", count("reassignments"));
    fields.put("reopenings", count("reopenings"));
    statuses()
        .map(EventFields::minutesIn)
        .forEach(name -> fields.put(name, new SqlValue("h." + name, SqlType.DOUBLE)));
    return fields;
  }

  private static SqlValue count(String column) {
    return new SqlValue("coalesce(h.%s, 0)".formatted(column), SqlType.LONG);
  }

  private static Stream<String> statuses() {
    return Task.getClassSchema().getField("status").schema().getEnumSymbols().stream();
  }

  private static String minutesIn(String status) {
    return status.toLowerCase(Locale.ROOT) + "_minutes";
  }
}
