package io.crewcast.local.verify;

import io.crewcast.local.verify.NaiveStream.Fact;
import io.crewcast.local.verify.NaiveStream.Held;
import io.crewcast.local.verify.NaiveStream.Version;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The features of an entity, each counted anew from all that it holds.
 *
 * @param held versions that stand, and what was found of them when they were applied
 * @param asOf the entity's time, microseconds
 * @param subject the version that a row is about; null for an expiry
 */
record NaiveFeatures(Collection<Held> held, long asOf, @Nullable Version subject) {

  static Map<String, @Nullable Object> of(
      String entity, Collection<Held> held, long asOf, @Nullable Version subject) {
    var features = new NaiveFeatures(held, asOf, subject);
    return switch (entity) {
      case "task" -> features.ofTask();
      case "project" -> features.ofProject();
      case "crew" -> features.ofCrew();
      case "worker_project" -> features.ofPair();
      default -> features.ofWorker();
    };
  }

  private Map<String, @Nullable Object> ofTask() {
    var latest = of("task", 0).findFirst().map(Held::fact);
    var row = new LinkedHashMap<String, @Nullable Object>();
    row.put("logged_minutes", sum(Version::minutes, 0));
    row.put("status", latest.map(f -> f.version().status()).orElse(null));
    row.put("planned_minutes", latest.map(f -> f.version().planned()).orElse(null));
    row.put("phase", latest.map(f -> f.version().phase()).orElse(null));
    row.put("priority", (String) null);
    row.put("reassignments", latest.map(Fact::reassignments).orElse(null));
    row.put("started_at", latest.map(Fact::startedAt).orElse(null));
    return row;
  }

  private Map<String, @Nullable Object> ofProject() {
    var row = new LinkedHashMap<String, @Nullable Object>();
    row.put("hours_30d", hours(30));
    row.put("hours_total", hours(0));
    row.put("open_tasks", openTasks());
    row.put("tasks_completed_7d", completed(7));
    row.put("overrun_rate_90d", rate(of("task", 90)));
    row.put("overrun_rate_phase_90d", rate(alike(Version::phase, 90)));
    row.put("overrun_rate_component_365d", rate(alike(Version::component, 365)));
    row.put("tasks_finished_component_365d", finished(Version::component, 365));
    row.put("effort_ratio_phase_90d", effort(alike(Version::phase, 90)));
    row.put("effort_ratio_component_365d", effort(alike(Version::component, 365)));
    row.put("worker_count_30d", distinct(Version::worker));
    row.put("defects_30d", of("defect", 30).count());
    row.put("defects_origin", defects(NaiveFeatures::origin, 0));
    row.put("defects_origin_phase_90d", defects(Version::originPhase, 90));
    row.put("started_at", (Long) null);
    return row;
  }

  private Map<String, @Nullable Object> ofCrew() {
    var row = new LinkedHashMap<String, @Nullable Object>();
    row.put("hours_30d", hours(30));
    row.put("member_count", of("crew_membership", 0).filter(h -> isIn(h, "JOINED")).count());
    row.put("overrun_rate_90d", rate(of("task", 90)));
    row.put("overrun_rate_phase_365d", rate(alike(Version::phase, 365)));
    row.put("effort_ratio_phase_365d", effort(alike(Version::phase, 365)));
    row.put("open_tasks", openTasks());
    return row;
  }

  private Map<String, @Nullable Object> ofWorker() {
    long days = distinct(v -> v.occurredAt() / NaiveStream.DAY);
    double overtime = sum(Version::overtime, 30) / 60.0;
    var row = new LinkedHashMap<String, @Nullable Object>();
    row.put("hours_7d", hours(7));
    row.put("hours_30d", hours(30));
    row.put("hours_total", hours(0));
    row.put("active_days_30d", days);
    row.put("project_count_30d", distinct(Version::project));
    row.put("overtime_hours_30d", overtime);
    row.put("open_tasks", openTasks());
    row.put("tasks_completed_90d", completed(90));
    row.put("overrun_rate_365d", rate(of("task", 365)));
    row.put("overrun_rate_90d", rate(of("task", 90)));
    row.put("overrun_rate_phase_90d", rate(alike(Version::phase, 90)));
    row.put("overrun_rate_phase_365d", rate(alike(Version::phase, 365)));
    row.put("overrun_rate_project_365d", rate(alike(Version::project, 365)));
    row.put("tasks_finished_phase_365d", finished(Version::phase, 365));
    row.put("effort_ratio_365d", effort(of("task", 365)));
    row.put("effort_ratio_phase_365d", effort(alike(Version::phase, 365)));
    row.put("last_entry_at", lastEntryAt());
    row.put("avg_hours_per_day_30d", days == 0 ? null : Double.valueOf(hours(30) / days));
    row.put(
        "overtime_percentage_30d",
        hours(30) == 0 ? null : Double.valueOf(100.0 * overtime / hours(30)));
    return row;
  }

  private Map<String, @Nullable Object> ofPair() {
    var row = new LinkedHashMap<String, @Nullable Object>();
    row.put("hours_30d", hours(30));
    row.put("hours_365d", hours(365));
    row.put("open_tasks", openTasks());
    row.put(
        "tasks_finished_365d",
        Long.valueOf(of("task", 365).filter(h -> h.overran() != null).count()));
    row.put("overrun_rate_365d", rate(of("task", 365)));
    row.put("overrun_rate_phase_365d", rate(alike(Version::phase, 365)));
    row.put("effort_ratio_365d", effort(of("task", 365)));
    row.put("last_entry_at", lastEntryAt());
    return row;
  }

  private @Nullable Long lastEntryAt() {
    return of("time_entry", 0)
        .map(h -> h.fact().version().occurredAt())
        .max(Long::compare)
        .orElse(null);
  }

  /** In a window of so many days; of all time where they are 0. */
  private Stream<Held> of(String kind, int days) {
    long hop = days <= 90 ? NaiveStream.HOUR : NaiveStream.DAY;
    long lowest = days == 0 ? Long.MIN_VALUE : (asOf - days * NaiveStream.DAY) / hop * hop;
    return held.stream()
        .filter(h -> h.fact().version().kind().equals(kind))
        .filter(h -> h.fact().version().occurredAt() >= lowest);
  }

  /** Tasks that carry what the subject carries; none where that is nothing. */
  private Stream<Held> alike(Function<Version, @Nullable String> field, int days) {
    var key = subject == null ? null : field.apply(subject);
    return key == null
        ? Stream.empty()
        : of("task", days).filter(h -> key.equals(field.apply(h.fact().version())));
  }

  private @Nullable Long finished(Function<Version, @Nullable String> field, int days) {
    return subject == null || field.apply(subject) == null
        ? null
        : Long.valueOf(alike(field, days).filter(h -> h.overran() != null).count());
  }

  private @Nullable Long defects(Function<Version, @Nullable String> field, int days) {
    var key = subject == null ? null : field.apply(subject);
    return key == null
        ? null
        : Long.valueOf(
            of("defect", days).filter(h -> key.equals(field.apply(h.fact().version()))).count());
  }

  private static @Nullable String origin(Version version) {
    return version.component() == null || version.originPhase() == null
        ? null
        : version.component() + " of " + version.originPhase();
  }

  private long sum(ToLongFunction<Version> value, int days) {
    return of("time_entry", days).mapToLong(h -> value.applyAsLong(h.fact().version())).sum();
  }

  private double hours(int days) {
    return sum(Version::minutes, days) / 60.0;
  }

  private long distinct(Function<Version, @Nullable Object> value) {
    return of("time_entry", 30).map(h -> value.apply(h.fact().version())).distinct().count();
  }

  private long openTasks() {
    return of("task", 0)
        .filter(h -> isIn(h, "ASSIGNED", "STARTED", "BLOCKED", "IN_REVIEW"))
        .count();
  }

  private long completed(int days) {
    return of("task", days).filter(h -> isIn(h, "COMPLETED")).count();
  }

  private static boolean isIn(Held held, String... statuses) {
    return Set.of(statuses).contains(String.valueOf(held.fact().version().status()));
  }

  private static @Nullable Double effort(Stream<Held> tasks) {
    var efforts = tasks.map(Held::effort).filter(Objects::nonNull).toList();
    return efforts.isEmpty()
        ? null
        : Double.valueOf(efforts.stream().mapToLong(e -> e).sum() / (1e6 * efforts.size()));
  }

  private static @Nullable Double rate(Stream<Held> tasks) {
    var overran = tasks.map(Held::overran).filter(Objects::nonNull).toList();
    return overran.isEmpty()
        ? null
        : Double.valueOf((double) overran.stream().filter(o -> o).count() / overran.size());
  }
}
