package io.crewcast.local.verify;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A small random history with corrections, voids, repeats, moves and late arrivals, and its feature
 * rows by the most obvious program: every row is counted anew from all that its entity holds.
 */
public final class NaiveStream {

  private static final long HOUR = 3_600_000_000L;
  private static final long DAY = 24 * HOUR;
  private static final long FIRST = 20_000 * DAY;

  record Version(
      String kind,
      String factId,
      String eventId,
      long occurredAt,
      long recordedAt,
      boolean voided,
      @Nullable String task,
      @Nullable String project,
      @Nullable String crew,
      @Nullable String worker,
      long minutes,
      long overtime,
      @Nullable String status,
      @Nullable Double planned,
      @Nullable String phase,
      @Nullable String component) {

    @Nullable String names(String entity) {
      return switch (entity) {
        case "task" -> task;
        case "project" -> project;
        case "crew" -> crew;
        default -> worker;
      };
    }
  }

  record Fact(Version version, @Nullable Long startedAt, long reassignments) {}

  record Held(Fact fact, @Nullable Boolean overran, @Nullable Long effort) {}

  record Row(
      String entity,
      String id,
      long asOf,
      long sequence,
      @Nullable String eventId,
      Map<String, @Nullable Object> features) {}

  private static final class Entity {
    long asOf;
    long sequence;
    final Map<String, Held> held = new HashMap<>();
  }

  private static final Comparator<Version> NEWER =
      Comparator.comparingLong(Version::recordedAt).thenComparing(Version::eventId);

  private final SplittableRandom random;
  private final List<Version> arrivals = new ArrayList<>();
  private final List<Row> rows = new ArrayList<>();
  private final Map<String, Map<String, Entity>> entities = new HashMap<>();

  public NaiveStream(long seed, int events) {
    random = new SplittableRandom(seed);
    arrive(events);
    apply();
  }

  List<Row> rows() {
    return rows;
  }

  private void arrive(int events) {
    var versions = new ArrayList<Version>();
    long now = FIRST;
    for (int i = 0; i < events; i++) {
      now += random.nextLong(random.nextInt(10) == 0 ? 6 * DAY : 6 * HOUR);
      versions.add(
          versions.isEmpty() || random.nextInt(4) > 0
              ? fresh(i, now)
              : correction(i, now, pick(versions)));
    }
    var late = new HashMap<Version, Long>();
    versions.forEach(
        v -> late.put(v, v.recordedAt + (random.nextInt(5) == 0 ? random.nextLong(4 * DAY) : 0)));
    versions.sort(Comparator.comparing((Version v) -> Objects.requireNonNull(late.get(v))));
    for (var version : versions) {
      arrivals.add(version);
      if (random.nextInt(20) == 0) {
        arrivals.add(pick(arrivals));
      }
    }
  }

  private Version fresh(int i, long now) {
    long occurred = now - (random.nextInt(6) == 0 ? random.nextLong(20 * DAY) : 0);
    String event = "e" + (9999 - i);
    return switch (random.nextInt(12)) {
      case 0 ->
          new Version(
              "defect",
              "d" + i,
              event,
              occurred,
              now,
              false,
              maybe("t", 12),
              id("p", 2),
              null,
              maybe("w", 3),
              0,
              0,
              null,
              null,
              phase(),
              maybe("m", 3));
      case 1 -> {
        var crew = id("c", 2);
        var worker = id("w", 3);
        yield new Version(
            "crew_membership",
            crew + "\u0001" + worker,
            event,
            occurred,
            now,
            false,
            null,
            null,
            crew,
            worker,
            0,
            0,
            random.nextBoolean() ? "JOINED" : "LEFT",
            null,
            null,
            null);
      }
      case 2, 3, 4, 5 -> {
        var task = id("t", 12);
        var status =
            List.of(
                    "CREATED",
                    "ASSIGNED",
                    "STARTED",
                    "STARTED",
                    "COMPLETED",
                    "COMPLETED",
                    "COMPLETED",
                    "REOPENED")
                .get(random.nextInt(8));
        yield new Version(
            "task",
            task,
            event,
            occurred,
            now,
            random.nextInt(12) == 0,
            task,
            id("p", 2),
            maybe("c", 2),
            maybe("w", 3),
            0,
            0,
            status,
            random.nextInt(6) == 0 ? null : 40.0 * random.nextInt(5),
            phase(),
            maybe("m", 3));
      }
      default -> {
        long minutes = random.nextInt(200);
        yield new Version(
            "time_entry",
            "n" + i,
            event,
            occurred,
            now,
            false,
            maybe("t", 12),
            id("p", 2),
            maybe("c", 2),
            id("w", 3),
            minutes,
            random.nextLong(minutes + 1),
            null,
            null,
            phase(),
            null);
      }
    };
  }

  private Version correction(int i, long now, Version v) {
    boolean voided = random.nextInt(3) == 0;
    boolean moves = random.nextBoolean() && v.kind.equals("time_entry");
    return new Version(
        v.kind,
        v.factId,
        "e" + (9999 - i),
        v.occurredAt - random.nextLong(3) * HOUR,
        random.nextInt(8) == 0 ? v.recordedAt : now,
        voided,
        moves ? maybe("t", 12) : v.task,
        moves ? id("p", 2) : v.project,
        moves ? maybe("c", 2) : v.crew,
        moves ? id("w", 3) : v.worker,
        v.minutes + random.nextInt(30),
        v.overtime,
        v.status,
        v.planned,
        v.phase,
        v.component);
  }

  private void apply() {
    var seen = new HashSet<String>();
    var known = new HashMap<String, List<Version>>();
    for (var arrival : arrivals) {
      if (!seen.add(arrival.eventId)) {
        continue;
      }
      var versions = known.computeIfAbsent(arrival.kind + arrival.factId, k -> new ArrayList<>());
      var before = standing(versions);
      versions.add(arrival);
      var after = standing(versions);
      if (Objects.equals(before, after)) {
        continue;
      }
      var names =
          List.<Function<Version, @Nullable String>>of(
              Version::task, Version::project, Version::crew, Version::worker);
      if (before != null
          && after != null
          && names.stream()
              .allMatch(n -> Objects.equals(n.apply(before.version), n.apply(after.version)))) {
        visit(before, after, arrival);
      } else if (before != null && after != null && overtakes(before, after)) {
        visit(null, after, arrival);
        visit(before, null, arrival);
      } else {
        if (before != null) {
          visit(before, null, arrival);
        }
        if (after != null) {
          visit(null, after, arrival);
        }
      }
    }
  }

  /** Two changes by different tasks may change places on their way to the project. */
  private boolean overtakes(Fact before, Fact after) {
    return !Objects.equals(before.version.task, after.version.task) && random.nextBoolean();
  }

  private static @Nullable Fact standing(List<Version> versions) {
    var sorted = versions.stream().sorted(NEWER).toList();
    if (sorted.isEmpty() || sorted.get(sorted.size() - 1).voided) {
      return null;
    }
    var last = sorted.get(sorted.size() - 1);
    if (!last.kind.equals("task")) {
      return new Fact(last, null, 0);
    }
    Long started = null;
    String worker = null;
    long moves = 0;
    for (var v : sorted) {
      if (v.voided) {
        started = null;
        worker = null;
        moves = 0;
        continue;
      }
      if ("STARTED".equals(v.status)) {
        started = started == null ? v.occurredAt : Math.min(started, v.occurredAt);
      }
      if (v.worker != null) {
        moves += worker == null || worker.equals(v.worker) ? 0 : 1;
        worker = v.worker;
      }
    }
    return new Fact(last, started, moves);
  }

  private void visit(@Nullable Fact retracted, @Nullable Fact applied, Version cause) {
    Long logged = null;
    for (var type : List.of("task", "project", "crew", "worker")) {
      var id = Objects.requireNonNull(retracted != null ? retracted : applied).version.names(type);
      if (id == null || (cause.kind.equals("defect") && !type.equals("project"))) {
        continue;
      }
      var entity =
          entities
              .computeIfAbsent(type, t -> new HashMap<>())
              .computeIfAbsent(id, k -> new Entity());
      if (entity.sequence > 0 && random.nextInt(3) == 0) {
        long hours = (cause.recordedAt - entity.asOf) / HOUR;
        if (hours > 1) {
          entity.asOf = (entity.asOf / HOUR + 1 + random.nextLong(hours - 1)) * HOUR;
          rows.add(
              new Row(type, id, entity.asOf, entity.sequence, null, features(type, entity, null)));
        }
      }
      entity.asOf = Math.max(entity.asOf, cause.recordedAt);
      entity.sequence++;
      if (retracted != null) {
        entity.held.remove(retracted.version.kind + retracted.version.eventId);
      }
      if (applied != null) {
        var v = applied.version;
        Boolean overran = null;
        Long effort = null;
        if ("COMPLETED".equals(v.status) && v.planned != null && v.planned > 0) {
          double actual = type.equals("task") ? 0 : Objects.requireNonNull(logged);
          overran = actual > 1.25 * v.planned;
          effort = Math.round(1e6 * (actual > 4 * v.planned ? 4 : actual / v.planned));
        }
        entity.held.put(v.kind + v.eventId, new Held(applied, overran, effort));
      }
      var features =
          features(
              type, entity, Objects.requireNonNull(applied != null ? applied : retracted).version);
      if (type.equals("task")) {
        logged = (Long) features.get("logged_minutes");
      }
      rows.add(new Row(type, id, entity.asOf, entity.sequence, cause.eventId, features));
    }
  }

  private static Map<String, @Nullable Object> features(
      String type, Entity entity, @Nullable Version subject) {
    var row = new LinkedHashMap<String, @Nullable Object>();
    Predicate<Held> held =
        h ->
            Set.of("ASSIGNED", "STARTED", "BLOCKED", "IN_REVIEW")
                .contains(String.valueOf(h.fact.version.status));
    Predicate<Held> completed = h -> "COMPLETED".equals(h.fact.version.status);
    long minutes30 = sum(of(entity, "time_entry", 30), Version::minutes);
    switch (type) {
      case "task" -> {
        var latest = of(entity, "task", 0).findFirst().map(Held::fact);
        row.put("logged_minutes", sum(of(entity, "time_entry", 0), Version::minutes));
        row.put("status", latest.map(f -> f.version.status).orElse(null));
        row.put("planned_minutes", latest.map(f -> f.version.planned).orElse(null));
        row.put("phase", latest.map(f -> f.version.phase).orElse(null));
        row.put("priority", (String) null);
        row.put("reassignments", latest.map(Fact::reassignments).orElse(null));
        row.put("started_at", latest.map(Fact::startedAt).orElse(null));
      }
      case "project" -> {
        row.put("hours_30d", minutes30 / 60.0);
        row.put("hours_total", sum(of(entity, "time_entry", 0), Version::minutes) / 60.0);
        row.put("open_tasks", of(entity, "task", 0).filter(held).count());
        row.put("tasks_completed_7d", of(entity, "task", 7).filter(completed).count());
        row.put("overrun_rate_90d", rate(of(entity, "task", 90)));
        row.put(
            "overrun_rate_phase_90d", rate(like(subject, Version::phase, of(entity, "task", 90))));
        row.put(
            "overrun_rate_component_365d",
            rate(like(subject, Version::component, of(entity, "task", 365))));
        row.put(
            "tasks_finished_component_365d",
            subject == null || subject.component == null
                ? null
                : Long.valueOf(
                    like(subject, Version::component, of(entity, "task", 365))
                        .filter(h -> h.overran != null)
                        .count()));
        row.put(
            "effort_ratio_phase_90d",
            effort(like(subject, Version::phase, of(entity, "task", 90))));
        row.put(
            "effort_ratio_component_365d",
            effort(like(subject, Version::component, of(entity, "task", 365))));
        row.put(
            "worker_count_30d",
            of(entity, "time_entry", 30).map(h -> h.fact.version.worker).distinct().count());
        row.put("defects_30d", of(entity, "defect", 30).count());
        row.put("started_at", (Long) null);
      }
      case "crew" -> {
        row.put("hours_30d", minutes30 / 60.0);
        row.put(
            "member_count",
            of(entity, "crew_membership", 0)
                .filter(h -> "JOINED".equals(h.fact.version.status))
                .count());
        row.put("overrun_rate_90d", rate(of(entity, "task", 90)));
        row.put(
            "overrun_rate_phase_365d",
            rate(like(subject, Version::phase, of(entity, "task", 365))));
        row.put(
            "effort_ratio_phase_365d",
            effort(like(subject, Version::phase, of(entity, "task", 365))));
        row.put("open_tasks", of(entity, "task", 0).filter(held).count());
      }
      default -> {
        long days =
            of(entity, "time_entry", 30)
                .map(h -> h.fact.version.occurredAt / DAY)
                .distinct()
                .count();
        double overtime = sum(of(entity, "time_entry", 30), Version::overtime) / 60.0;
        row.put("hours_7d", sum(of(entity, "time_entry", 7), Version::minutes) / 60.0);
        row.put("hours_30d", minutes30 / 60.0);
        row.put("hours_total", sum(of(entity, "time_entry", 0), Version::minutes) / 60.0);
        row.put("active_days_30d", days);
        row.put(
            "project_count_30d",
            of(entity, "time_entry", 30).map(h -> h.fact.version.project).distinct().count());
        row.put("overtime_hours_30d", overtime);
        row.put("open_tasks", of(entity, "task", 0).filter(held).count());
        row.put("tasks_completed_90d", of(entity, "task", 90).filter(completed).count());
        row.put("overrun_rate_365d", rate(of(entity, "task", 365)));
        row.put("overrun_rate_90d", rate(of(entity, "task", 90)));
        row.put(
            "overrun_rate_phase_90d", rate(like(subject, Version::phase, of(entity, "task", 90))));
        row.put(
            "overrun_rate_phase_365d",
            rate(like(subject, Version::phase, of(entity, "task", 365))));
        row.put(
            "overrun_rate_project_365d",
            rate(like(subject, Version::project, of(entity, "task", 365))));
        row.put(
            "tasks_finished_phase_365d",
            subject == null || subject.phase == null
                ? null
                : Long.valueOf(
                    like(subject, Version::phase, of(entity, "task", 365))
                        .filter(h -> h.overran != null)
                        .count()));
        row.put("effort_ratio_365d", effort(of(entity, "task", 365)));
        row.put(
            "effort_ratio_phase_365d",
            effort(like(subject, Version::phase, of(entity, "task", 365))));
        row.put(
            "last_entry_at",
            of(entity, "time_entry", 0)
                .map(h -> h.fact.version.occurredAt)
                .max(Long::compare)
                .orElse(null));
        row.put(
            "avg_hours_per_day_30d", days == 0 ? null : Double.valueOf(minutes30 / 60.0 / days));
        row.put(
            "overtime_percentage_30d",
            minutes30 == 0 ? null : Double.valueOf(100.0 * overtime / (minutes30 / 60.0)));
      }
    }
    return row;
  }

  private static Stream<Held> of(Entity entity, String kind, int days) {
    long hop = days <= 90 ? HOUR : DAY;
    long lowest = days == 0 ? Long.MIN_VALUE : (entity.asOf - days * DAY) / hop * hop;
    return entity.held.values().stream()
        .filter(h -> h.fact.version.kind.equals(kind) && h.fact.version.occurredAt >= lowest);
  }

  private static long sum(Stream<Held> held, java.util.function.ToLongFunction<Version> value) {
    return held.mapToLong(h -> value.applyAsLong(h.fact.version)).sum();
  }

  /** Those that carry what the version that a row is about carries; none where that is nothing. */
  private static Stream<Held> like(
      @Nullable Version subject, Function<Version, @Nullable String> field, Stream<Held> held) {
    var key = subject == null ? null : field.apply(subject);
    return key == null ? Stream.empty() : held.filter(h -> key.equals(field.apply(h.fact.version)));
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

  /** Writes the lake's tables as the job would. */
  public void write(Path lake) throws Exception {
    try (var connection = DriverManager.getConnection("jdbc:duckdb:")) {
      writeEvents(connection, lake);
      for (var entity : List.of("task", "project", "crew", "worker")) {
        writeRows(connection, lake, entity);
      }
    }
  }

  private void writeEvents(Connection connection, Path lake) throws Exception {
    try (var sql = connection.createStatement()) {
      sql.execute(
          """
          create table event (event_id varchar, kind varchar, fact varchar, occurred_at bigint, recorded_at bigint, voided boolean,
            task_id varchar, project_id varchar, crew_id varchar, worker_id varchar, minutes bigint, overtime_minutes bigint,
            status varchar, planned_minutes double, phase varchar, component_id varchar)
          """);
      insert(
          connection,
          "event",
          arrivals.stream()
              .map(
                  v ->
                      new @Nullable Object[] {
                        v.eventId,
                        v.kind,
                        v.factId,
                        v.occurredAt,
                        v.recordedAt,
                        v.voided,
                        v.task,
                        v.project,
                        v.crew,
                        v.worker,
                        v.minutes,
                        v.overtime,
                        v.status,
                        v.planned,
                        v.phase,
                        v.component
                      })
              .toList());
      java.nio.file.Files.createDirectories(lake.resolve("work_events/date=all"));
      sql.execute(
          """
          copy (select event_id, 'acme' as company_id, make_timestamptz(occurred_at) as occurred_at, make_timestamptz(recorded_at) as recorded_at,
            'naive' as source, voided, kind,
            case when kind = 'time_entry' then {time_entry_id: fact, worker_id: worker_id, project_id: project_id, crew_id: crew_id, task_id: task_id, minutes: minutes, overtime_minutes: overtime_minutes, phase: phase} end as time_entry,
            case when kind = 'task' then {task_id: task_id, status: status, project_id: project_id, worker_id: worker_id, crew_id: crew_id, planned_minutes: planned_minutes, phase: phase, component_id: component_id, priority: null::varchar} end as task,
            case when kind = 'defect' then {defect_id: fact, project_id: project_id, worker_id: worker_id, task_id: task_id, phase: phase, component_id: component_id} end as defect,
            case when kind = 'project' then {project_id: project_id, started_at: make_timestamptz(0)} end as project,
            case when kind = 'crew_membership' then {crew_id: crew_id, worker_id: worker_id, action: status} end as crew_membership,
            case when kind = 'worker' then {worker_id: worker_id} end as worker,
            0 as kafka_partition, rowid as kafka_offset, make_timestamptz(rowid) as appended_at
            from event) to '%s/work_events/date=all/a.parquet'
          """
              .formatted(lake));
    }
  }

  private void writeRows(Connection connection, Path lake, String entity) throws Exception {
    Collection<Row> of = rows.stream().filter(r -> r.entity.equals(entity)).toList();
    var features = of.iterator().next().features.keySet();
    try (var sql = connection.createStatement()) {
      var types = new StringBuilder();
      var columns = new StringBuilder();
      for (var feature : features) {
        boolean real = feature.matches(".*(hours|rate|ratio|percentage|planned).*");
        boolean text = Set.of("status", "phase", "priority").contains(feature);
        types.append(", ").append(feature).append(text ? " varchar" : real ? " double" : " bigint");
        columns
            .append(", ")
            .append(
                feature.endsWith("_at")
                    ? "make_timestamptz(%1$s) as %1$s".formatted(feature)
                    : feature);
      }
      sql.execute(
          "create table %1$s (id varchar, as_of bigint, sequence bigint, event_id varchar%2$s)"
              .formatted(entity, types));
      insert(
          connection,
          entity,
          of.stream()
              .map(
                  r ->
                      Stream.concat(
                              Stream.of(r.id, r.asOf, r.sequence, r.eventId),
                              features.stream().map(r.features::get))
                          .toArray())
              .toList());
      java.nio.file.Files.createDirectories(lake.resolve(entity + "_features/date=all"));
      sql.execute(
          "copy (select 'acme' as company_id, id as %1$s_id, make_timestamptz(as_of) as as_of, sequence, event_id%2$s from %1$s) to '%3$s/%1$s_features/date=all/a.parquet'"
              .formatted(entity, columns, lake));
    }
  }

  private static void insert(Connection connection, String table, List<@Nullable Object[]> rows)
      throws SQLException {
    var marks = "?,".repeat(rows.get(0).length);
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into " + table + " values (" + marks.substring(0, marks.length() - 1) + ")")) {
      for (var row : rows) {
        for (int i = 0; i < row.length; i++) {
          insert.setObject(i + 1, row[i]);
        }
        insert.execute();
      }
    }
  }

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  private String id(String prefix, int of) {
    return prefix + random.nextInt(of);
  }

  private @Nullable String maybe(String prefix, int of) {
    return random.nextInt(4) == 0 ? null : id(prefix, of);
  }

  private @Nullable String phase() {
    return random.nextInt(5) == 0 ? null : id("phase", 2);
  }
}
