package io.crewcast.local.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Each entity's last feature row in the lake, against SQL over the lake's events.
 *
 * <p>The SQL knows only standing versions: of each fact the one with the greatest (recorded_at,
 * event_id). From the rows it takes the moment of each entity's last row and, because a finished
 * task is compared with its plan as of then, how far the task's entries had been applied.
 */
public final class FinalFeatures {

  private static final List<String> ENTITIES = List.of("task", "project", "crew", "worker");
  private static final Pattern STATEMENT_END = Pattern.compile(";\\s*(\n|$)");
  private static final int EXAMPLES = 5;

  private FinalFeatures() {}

  /**
   * Feature values compared.
   *
   * @param equal to the last bit
   * @param different all others, those that SQL does not know included
   * @param examples some that differ, in words
   */
  public record Result(long equal, long different, List<String> examples) {}

  /** Compares the feature tables of a lake with its table work_events. */
  public static Result compare(Path lake) {
    try (var connection = DriverManager.getConnection("jdbc:duckdb:");
        var sql = connection.createStatement()) {
      script(sql, "work_events.sql", lake);
      for (String entity : ENTITIES) {
        readLastRows(sql, lake, entity);
      }
      sql.execute(
          "create table task_row as select company_id, task_id, sequence, event_id from read_parquet('%s/task_features/*/*.parquet')"
              .formatted(lake));
      script(sql, "final_features.sql", lake);
      long equal = 0;
      long different = 0;
      List<String> examples = new ArrayList<>();
      for (String entity : ENTITIES) {
        for (String feature : features(sql, entity)) {
          String rows = rows(sql, entity, feature);
          try (ResultSet counts =
              sql.executeQuery(
                  "select count(*) filter (not different), count(*) filter (different) from ("
                      + rows
                      + ")")) {
            counts.next();
            equal += counts.getLong(1);
            different += counts.getLong(2);
          }
          addExamples(sql, entity, feature, rows, examples);
        }
      }
      return new Result(equal, different, List.copyOf(examples));
    } catch (SQLException e) {
      throw new IllegalStateException(
          "Cannot recompute the features of " + lake + ": " + e.getMessage(), e);
    }
  }

  private static void readLastRows(Statement sql, Path lake, String entity) throws SQLException {
    sql.execute(
        """
        create table last_%1$s as
        select * exclude (place) replace (epoch_us(as_of) as as_of) from (
          select *, row_number() over (partition by company_id, %1$s_id order by sequence desc, as_of desc) as place
          from read_parquet('%2$s/%1$s_features/*/*.parquet', union_by_name = true, hive_partitioning = false))
        where place = 1
        """
            .formatted(entity, lake));
  }

  private static List<String> features(Statement sql, String entity) throws SQLException {
    return columns(sql, "last_" + entity).stream()
        .filter(
            c ->
                !List.of("company_id", entity + "_id", "as_of", "sequence", "event_id").contains(c))
        .toList();
  }

  private static List<String> columns(Statement sql, String table) throws SQLException {
    List<String> columns = new ArrayList<>();
    try (ResultSet rows = sql.executeQuery("select column_name from (describe " + table + ")")) {
      while (rows.next()) {
        columns.add(rows.getString(1));
      }
    }
    return columns;
  }

  private static String rows(Statement sql, String entity, String feature) throws SQLException {
    if (!columns(sql, "final_" + entity).contains(feature)) {
      return "select company_id || ':' || %1$s_id as id, 'nothing: the SQL does not know it' as expected, %2$s as emitted, true as different from last_%1$s"
          .formatted(entity, feature);
    }
    return """
        select l.company_id || ':' || l.%1$s_id as id, f.%2$s as expected, %3$s as emitted, f.%2$s is distinct from %3$s as different
        from last_%1$s l join final_%1$s f on f.company_id = l.company_id and f.%1$s_id = l.%1$s_id
        """
        .formatted(
            entity,
            feature,
            (feature.endsWith("_at") ? "epoch_us(l.%s)" : "l.%s").formatted(feature));
  }

  private static void addExamples(
      Statement sql, String entity, String feature, String rows, List<String> examples)
      throws SQLException {
    if (examples.size() >= EXAMPLES) {
      return;
    }
    try (ResultSet differing =
        sql.executeQuery("select * from (" + rows + ") where different order by id limit 1")) {
      while (differing.next()) {
        examples.add(
            "%s %s, %s: recomputed %s, emitted %s"
                .formatted(
                    entity,
                    differing.getString("id"),
                    feature,
                    differing.getString("expected"),
                    differing.getString("emitted")));
      }
    }
  }

  private static void script(Statement sql, String resource, Path lake) throws SQLException {
    String text;
    try (var in =
        Objects.requireNonNull(FinalFeatures.class.getResourceAsStream(resource), resource)) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (String statement : STATEMENT_END.split(text.replace("{lake}", lake.toString()), 0)) {
      sql.execute(statement);
    }
  }
}
