package io.crewcast.local.verify;

import io.crewcast.local.verify.NaiveStream.Row;
import io.crewcast.local.verify.NaiveStream.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A naive stream in the tables of a lake, as the job would write them. */
final class NaiveLake {

  private NaiveLake() {}

  static void write(Path lake, List<Version> arrivals, List<Row> rows) throws Exception {
    try (var connection = DriverManager.getConnection("jdbc:duckdb:")) {
      writeEvents(connection, lake, arrivals);
      for (var entity : NaiveStream.ENTITIES) {
        writeRows(
            connection,
            lake,
            entity,
            rows.stream().filter(r -> r.entity().equals(entity)).toList());
      }
    }
  }

  private static void writeEvents(Connection connection, Path lake, List<Version> arrivals)
      throws Exception {
    try (var sql = connection.createStatement()) {
      sql.execute(
          """
          create table event (event_id varchar, kind varchar, fact varchar, occurred_at bigint, recorded_at bigint, voided boolean,
            task_id varchar, project_id varchar, crew_id varchar, worker_id varchar, minutes bigint, overtime_minutes bigint,
            status varchar, planned_minutes double, phase varchar, component_id varchar, origin_phase varchar)
          """);
      insert(
          connection,
          "event",
          arrivals.stream()
              .map(
                  v ->
                      new @Nullable Object[] {
                        v.eventId(),
                        v.kind(),
                        v.factId(),
                        v.occurredAt(),
                        v.recordedAt(),
                        v.voided(),
                        v.task(),
                        v.project(),
                        v.crew(),
                        v.worker(),
                        v.minutes(),
                        v.overtime(),
                        v.status(),
                        v.planned(),
                        v.phase(),
                        v.component(),
                        v.originPhase()
                      })
              .toList());
      Files.createDirectories(lake.resolve("work_events/date=all"));
      sql.execute(
          """
          copy (select event_id, 'acme' as company_id, make_timestamptz(occurred_at) as occurred_at, make_timestamptz(recorded_at) as recorded_at,
            'naive' as source, voided, kind,
            case when kind = 'time_entry' then {time_entry_id: fact, worker_id: worker_id, project_id: project_id, crew_id: crew_id, task_id: task_id, minutes: minutes, overtime_minutes: overtime_minutes, phase: phase} end as time_entry,
            case when kind = 'task' then {task_id: task_id, status: status, project_id: project_id, worker_id: worker_id, crew_id: crew_id, planned_minutes: planned_minutes, phase: phase, component_id: component_id, priority: null::varchar} end as task,
            case when kind = 'defect' then {defect_id: fact, project_id: project_id, worker_id: worker_id, task_id: task_id, phase: phase, injected_phase: origin_phase, component_id: component_id} end as defect,
            case when kind = 'project' then {project_id: project_id, started_at: make_timestamptz(0)} end as project,
            case when kind = 'crew_membership' then {crew_id: crew_id, worker_id: worker_id, action: status} end as crew_membership,
            case when kind = 'worker' then {worker_id: worker_id} end as worker,
            0 as kafka_partition, rowid as kafka_offset, make_timestamptz(rowid) as appended_at
            from event) to '%s/work_events/date=all/a.parquet'
          """
              .formatted(lake));
    }
  }

  private static void writeRows(Connection connection, Path lake, String entity, List<Row> of)
      throws Exception {
    var features = of.get(0).features().keySet();
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
                              Stream.of(r.id(), r.asOf(), r.sequence(), r.eventId()),
                              features.stream().map(r.features()::get))
                          .toArray())
              .toList());
      Files.createDirectories(lake.resolve(entity + "_features/date=all"));
      sql.execute(
          "copy (select 'acme' as company_id, %4$s, make_timestamptz(as_of) as as_of, sequence, event_id%2$s from %1$s) to '%3$s/%1$s_features/date=all/a.parquet'"
              .formatted(entity, columns, lake, ids(entity)));
    }
  }

  private static String ids(String entity) {
    return entity.equals("worker_project")
        ? "split_part(id, chr(%1$d), 1) as worker_id, split_part(id, chr(%1$d), 2) as project_id"
            .formatted((int) NaiveStream.PAIR)
        : "id as %s_id".formatted(entity);
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
}
