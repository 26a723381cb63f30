package io.crewcast.local.verify;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What CESAW's own files say about each emitted feature row, with none of our events in between.
 */
public final class CesawOracle {

  private CesawOracle() {}

  /** Whether the folder is there: it is not ours to ship. */
  public static boolean isPresent(Path csv) {
    return Files.isRegularFile(csv.resolve("CESAW_time_fact.csv.gz"));
  }

  /** Compares every feature of every row in the lake's feature tables. */
  public static VerificationReport compare(Path csv, Path lake, Path definitions)
      throws IOException {
    try (var in = Objects.requireNonNull(CesawOracle.class.getResourceAsStream("cesaw.sql"))) {
      var script = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return FeatureVerification.run(
          lake,
          definitions,
          Selection.EVERY_ROW,
          result -> {},
          List.of(script.replace("{csv}", csv.toString()).split(";\\s*\n")),
          "cesaw_event");
    }
  }

  /**
   * Tasks whose minutes at the end are not those that CESAW's task file states.
   *
   * @param tasks with entries
   * @param different in words
   */
  public record LoggedMinutes(long tasks, List<String> different) {}

  /**
   * Compares the last {@code logged_minutes} of every task that has entries. One row of the task
   * file is known to differ.
   */
  public static LoggedMinutes compareLoggedMinutes(Path csv, Path lake) {
    try (var connection = DriverManager.getConnection("jdbc:duckdb:");
        var sql = connection.createStatement()) {
      sql.execute(
          """
          create table compared as
          with stated as (
            select project_key || '-' || person_key || '-' || plan_item_key as task_id, cast(task_actual_time_minutes as bigint) as minutes
            from read_csv('%1$s/CESAW_task_fact.csv.gz', all_varchar = true, nullstr = '\\N') t
            where exists (
              from read_csv('%1$s/CESAW_time_fact.csv.gz', all_varchar = true, nullstr = '\\N') e
              where e.project_key = t.project_key and e.person_key = t.person_key and e.plan_item_key = t.plan_item_key)),
          last as (
            select task_id, arg_max(logged_minutes, sequence) as minutes
            from read_parquet('%2$s/task_features/*/*.parquet', union_by_name = true, hive_partitioning = false) group by all)
          select task_id, s.minutes as stated, coalesce(l.minutes, 0) as emitted
          from stated s left join last l using (task_id)
          """
              .formatted(csv, lake));
      var different = new ArrayList<String>();
      try (var rows =
          sql.executeQuery("select * from compared where stated <> emitted order by task_id")) {
        while (rows.next()) {
          different.add(
              "task %s: stated %d, emitted %d"
                  .formatted(rows.getString(1), rows.getLong(2), rows.getLong(3)));
        }
      }
      try (var count = sql.executeQuery("select count(*) from compared")) {
        count.next();
        return new LoggedMinutes(count.getLong(1), different);
      }
    } catch (SQLException e) {
      throw new IllegalStateException("DuckDB refused: " + e.getMessage(), e);
    }
  }

  /**
   * How well predictions of task_overrun tell tasks that took more than 1.25 times their plan.
   *
   * @param tasks scored
   * @param auc ties count half
   * @param tasksOverAMinute those that did not end in the minute they started
   * @param aucOverAMinute the same among these
   */
  public record Overrun(long tasks, double auc, long tasksOverAMinute, double aucOverAMinute) {}

  /**
   * Compares the lake's predictions by a model (fallbacks left out) with the label of the task
   * file: tasks with valid dates and a plan of at least a minute that started after an instant.
   */
  public static Overrun scoreOverrun(Path csv, Path lake, String startedAfter) {
    try (var connection = DriverManager.getConnection("jdbc:duckdb:");
        var sql = connection.createStatement()) {
      sql.execute(
          """
          create table scored as
          with task as (
            select project_key || '-' || person_key || '-' || plan_item_key as task_id,
                   try_strptime(task_actual_start_date, '%%m/%%d/%%Y %%H:%%M') as started_at,
                   try_strptime(task_actual_complete_date, '%%m/%%d/%%Y %%H:%%M') as completed_at,
                   cast(task_actual_time_minutes as double) > 1.25 * cast(task_plan_time_minutes as double) as happened
            from read_csv('%1$s/CESAW_task_fact.csv.gz', all_varchar = true, nullstr = '\\N')
            where cast(task_plan_time_minutes as double) >= 1),
          prediction as (
            select entity_id as task_id, arg_min(outputs['score'], as_of) as score
            from read_parquet('%2$s/predictions/*/*.parquet', union_by_name = true, hive_partitioning = false)
            where model = 'task_overrun' and role = 'CHAMPION' group by all)
          select happened, completed_at > started_at as over_a_minute, score
          from task join prediction using (task_id)
          where started_at > timestamp '%3$s' and completed_at is not null and score is not null
          """
              .formatted(csv, lake, startedAfter));
      double[] all = auc(sql, "true");
      double[] over = auc(sql, "over_a_minute");
      return new Overrun((long) all[0], all[1], (long) over[0], over[1]);
    } catch (SQLException e) {
      throw new IllegalStateException("DuckDB refused: " + e.getMessage(), e);
    }
  }

  /**
   * How well predictions of defect_risk tell tasks of which a defect is found later.
   *
   * @param tasks of construction that started and ended after an instant
   * @param share of these that a defect followed
   * @param scored by a model
   * @param auc of the scored, ties count half
   */
  public record DefectsFound(long tasks, double share, long scored, double auc) {}

  /**
   * Compares the lake's predictions by a model (fallbacks left out) with what the defect file says:
   * whether within 30 days of the end of the task a defect was found in its element of the work
   * breakdown that the task's phase had injected. Tasks with valid dates and a plan of at least a
   * minute, of the phases that inject defects and construct: not those that inspect, identify, or
   * only run tests.
   */
  public static DefectsFound scoreDefects(Path csv, Path lake, String startedAfter) {
    try (var connection = DriverManager.getConnection("jdbc:duckdb:");
        var sql = connection.createStatement()) {
      sql.execute(
          """
          create table scored as
          with defect as (
            select project_key, wbs_element_key, injected_phase_name, injected_phase_type,
                   try_strptime(defect_found_date, '%%m/%%d/%%Y %%H:%%M') as found_at
            from read_csv('%1$s/CESAW_defect_fact.csv', all_varchar = true, nullstr = '\\N')),
          task as (
            select *, project_key || '-' || person_key || '-' || plan_item_key as task_id,
                   try_strptime(task_actual_start_date, '%%m/%%d/%%Y %%H:%%M') as started_at,
                   try_strptime(task_actual_complete_date, '%%m/%%d/%%Y %%H:%%M') as completed_at
            from read_csv('%1$s/CESAW_task_fact.csv.gz', all_varchar = true, nullstr = '\\N')
            where cast(task_plan_time_minutes as double) >= 1
              and phase_short_name in (select injected_phase_name from defect where injected_phase_type = 'Construction')
              and phase_short_name not like '%%Inspect%%' and phase_short_name not in ('Ident', 'PerformTest-ExecuteTest')),
          prediction as (
            select entity_id as task_id, arg_min(outputs['score'], as_of) as score
            from read_parquet('%2$s/predictions/*/*.parquet', union_by_name = true, hive_partitioning = false)
            where model = 'defect_risk' and role = 'CHAMPION' group by all)
          select exists (
                   from defect d
                   where d.project_key = t.project_key and d.wbs_element_key = t.wbs_element_key and d.injected_phase_name = t.phase_short_name
                     and d.found_at between t.completed_at and t.completed_at + interval 30 days) as happened,
                 score
          from task t left join prediction using (task_id)
          where started_at > timestamp '%3$s' and completed_at >= started_at
          """
              .formatted(csv, lake, startedAfter));
      double[] scored = auc(sql, "score is not null");
      try (var all = sql.executeQuery("select count(*), avg(cast(happened as int)) from scored")) {
        all.next();
        return new DefectsFound(all.getLong(1), all.getDouble(2), (long) scored[0], scored[1]);
      }
    } catch (SQLException e) {
      throw new IllegalStateException("DuckDB refused: " + e.getMessage(), e);
    }
  }

  /** Count and area under the curve, as the sum of mid-ranks (Mann and Whitney). */
  private static double[] auc(Statement sql, String where) throws SQLException {
    try (var rows =
        sql.executeQuery(
            """
            with ranked as (
              select happened, rank() over (order by score) + (count(*) over (partition by score) - 1) / 2.0 as middle
              from scored where %s),
            summed as (
              select count(*) as n, count(*) filter (happened) as positive, sum(middle) filter (happened) as ranks from ranked)
            select n, (ranks - positive * (positive + 1) / 2.0) / (positive * cast(n - positive as double)) from summed
            """
                .formatted(where))) {
      rows.next();
      return new double[] {rows.getLong(1), rows.getDouble(2)};
    }
  }
}
