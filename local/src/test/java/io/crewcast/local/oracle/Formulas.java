package io.crewcast.local.oracle;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** The feature files once more, by hand, as measures and as SQL over them. */
final class Formulas {

  private static final String HELD = "status in ('ASSIGNED', 'STARTED', 'BLOCKED', 'IN_REVIEW')";
  private static final String COMPLETED = "status = 'COMPLETED'";

  static final List<String> ENTITIES = List.of("task", "project", "crew", "worker");

  private static final List<Measure> MEASURES =
      Stream.concat(
              Stream.of(
                  Measure.sum("task", "minutes_total", "time_entry", "minutes", null),
                  Measure.sum("project", "minutes_30d", "time_entry", "minutes", 30),
                  Measure.sum("project", "minutes_total", "time_entry", "minutes", null),
                  Measure.count("project", "open_tasks", "task", HELD, null),
                  Measure.count("project", "completed_7d", "task", COMPLETED, 7),
                  Measure.distinct("project", "workers_30d", "time_entry", "worker_id", 30),
                  Measure.count("project", "defects_30d", "defect", "true", 30),
                  Measure.sum("crew", "minutes_30d", "time_entry", "minutes", 30),
                  Measure.count("crew", "members", "crew_membership", "action = 'JOINED'", null),
                  Measure.count("crew", "open_tasks", "task", HELD, null),
                  Measure.sum("worker", "minutes_7d", "time_entry", "minutes", 7),
                  Measure.sum("worker", "minutes_30d", "time_entry", "minutes", 30),
                  Measure.sum("worker", "minutes_total", "time_entry", "minutes", null),
                  Measure.sum("worker", "overtime_30d", "time_entry", "overtime_minutes", 30),
                  Measure.distinct(
                      "worker", "days_30d", "time_entry", "occurred_at // 86400000000", 30),
                  Measure.distinct("worker", "projects_30d", "time_entry", "project_id", 30),
                  Measure.count("worker", "open_tasks", "task", HELD, null),
                  Measure.count("worker", "completed_90d", "task", COMPLETED, 90)),
              Stream.of(
                      Measure.finished("project", 90, null),
                      Measure.finished("project", 90, "phase"),
                      Measure.finished("project", 365, "component_id"),
                      Measure.finished("crew", 90, null),
                      Measure.finished("crew", 365, "phase"),
                      Measure.finished("worker", 90, null),
                      Measure.finished("worker", 365, null),
                      Measure.finished("worker", 90, "phase"),
                      Measure.finished("worker", 365, "phase"),
                      Measure.finished("worker", 365, "project_id"))
                  .flatMap(measures -> measures))
          .toList();

  private static final Map<String, Map<String, String>> FEATURES =
      Map.of(
          "task",
          ordered(
              "logged_minutes", "minutes_total",
              "status", "latest.status",
              "planned_minutes", "latest.planned_minutes",
              "phase", "latest.phase",
              "priority", "latest.priority",
              "reassignments", "latest.reassignments",
              "started_at", "latest.started_at"),
          "project",
          ordered(
              "hours_30d", hours("minutes_30d"),
              "hours_total", hours("minutes_total"),
              "open_tasks", "open_tasks",
              "tasks_completed_7d", "completed_7d",
              "overrun_rate_90d", rate("90d"),
              "overrun_rate_phase_90d", rate("phase_90d"),
              "overrun_rate_component_365d", rate("component_id_365d"),
              "tasks_finished_component_365d", finished("component_id"),
              "effort_ratio_phase_90d", effort("phase_90d"),
              "effort_ratio_component_365d", effort("component_id_365d"),
              "worker_count_30d", "workers_30d",
              "defects_30d", "defects_30d",
              "started_at", "latest.started_at"),
          "crew",
          ordered(
              "hours_30d", hours("minutes_30d"),
              "member_count", "members",
              "overrun_rate_90d", rate("90d"),
              "overrun_rate_phase_365d", rate("phase_365d"),
              "effort_ratio_phase_365d", effort("phase_365d"),
              "open_tasks", "open_tasks"),
          "worker",
          ordered(
              "hours_7d", hours("minutes_7d"),
              "hours_30d", hours("minutes_30d"),
              "hours_total", hours("minutes_total"),
              "active_days_30d", "days_30d",
              "project_count_30d", "projects_30d",
              "overtime_hours_30d", hours("overtime_30d"),
              "open_tasks", "open_tasks",
              "tasks_completed_90d", "completed_90d",
              "overrun_rate_90d", rate("90d"),
              "overrun_rate_365d", rate("365d"),
              "overrun_rate_phase_90d", rate("phase_90d"),
              "overrun_rate_phase_365d", rate("phase_365d"),
              "overrun_rate_project_365d", rate("project_id_365d"),
              "tasks_finished_phase_365d", finished("phase"),
              "effort_ratio_365d", effort("365d"),
              "effort_ratio_phase_365d", effort("phase_365d"),
              "last_entry_at", "newest.occurred_at",
              "avg_hours_per_day_30d", hours("minutes_30d") + " / " + divisor("days_30d"),
              "overtime_percentage_30d",
                  "cast(100 as double) * %s / nullif(%s, 0)"
                      .formatted(hours("overtime_30d"), hours("minutes_30d"))));

  private static final Map<String, String> INSTANTS =
      Map.of("task", "started_at", "project", "started_at", "worker", "last_entry_at");

  private static final Map<String, List<String>> FACTS =
      Map.of(
          "task", List.of("time_entry", "task"),
          "project", List.of("time_entry", "task", "defect", "project"),
          "crew", List.of("time_entry", "task", "crew_membership"),
          "worker", List.of("time_entry", "task"));

  private Formulas() {}

  static List<Measure> measures(String entity) {
    return MEASURES.stream().filter(m -> m.entity().equals(entity)).toList();
  }

  /** Features by name: SQL over the entity's measures, latest, newest and subject. */
  static Map<String, String> features(String entity) {
    return Objects.requireNonNull(FEATURES.get(entity), entity);
  }

  /** Features that are instants. */
  static List<String> instants(String entity) {
    return Stream.ofNullable(INSTANTS.get(entity)).toList();
  }

  /** Kinds of fact that the entity's features are made of. */
  static List<String> facts(String entity) {
    return Objects.requireNonNull(FACTS.get(entity), entity);
  }

  /** A whole number in which almost every change of what counts shows. */
  static String level(String entity, String row) {
    var more =
        switch (entity) {
          case "project" -> "round(60 * %1$s.hours_total) + 1e8 * %1$s.tasks_completed_7d + ";
          case "worker" -> "round(60 * %1$s.hours_total) + 1e8 * %1$s.tasks_completed_90d + ";
          default -> "";
        };
    return (more + "round(60 * %1$s.hours_30d) + 1e5 * %1$s.open_tasks").formatted(row);
  }

  private static String hours(String minutes) {
    return "(%s / cast(60 as double))".formatted(minutes);
  }

  private static String rate(String window) {
    return "overran_%1$s / %2$s".formatted(window, divisor("finished_" + window));
  }

  private static String effort(String window) {
    return "effort_%1$s / (cast(1e6 as double) * %2$s)"
        .formatted(window, divisor("finished_" + window));
  }

  private static String finished(String by) {
    return "case when subject.%1$s is not null then finished_%1$s_365d end".formatted(by);
  }

  private static String divisor(String count) {
    return "nullif(cast(%s as double), 0)".formatted(count);
  }

  private static Map<String, String> ordered(String... namesAndExpressions) {
    var map = new LinkedHashMap<String, String>();
    for (int i = 0; i < namesAndExpressions.length; i += 2) {
      map.put(namesAndExpressions[i], namesAndExpressions[i + 1]);
    }
    return map;
  }
}
