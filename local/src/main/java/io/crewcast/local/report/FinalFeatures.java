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
import java.util.Map;
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
   * @param equal to the last bit; where an event made two rows of an entity, with either of them
   *     last
   * @param different all others, those that SQL does not know included
   * @param examples some that differ, in words
   */
  public record Result(long equal, long different, List<String> examples) {}

  /** Compares the feature tables of a lake with its table work_events. */
  public static Result compare(Path lake) {
    try (var connection = DriverManager.getConnection("jdbc:duckdb:");
        var sql = connection.createStatement()) {
      script(sql, "work_events.sql", Map.of("lake", lake.toString()));
      for (String entity : ENTITIES) {
        readLastRows(sql, lake, entity);
      }
      sql.execute(
          "create table task_row as select company_id, task_id, sequence, event_id from read_parquet('%s/task_features/*/*.parquet')"
              .formatted(lake));
      script(sql, "final_facts.sql", Map.of());
      for (String nth : List.of("1", "2")) {
        script(sql, "final_vectors.sql", Map.of("nth", nth));
      }
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
          if (different > 0 && examples.size() < EXAMPLES) {
            addExample(sql, entity, feature, rows, examples);
          }
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
          select *, row_number() over newest_first as place, event_id is not null and count(*) over (partition by company_id, %1$s_id, event_id) > 1 as twice
          from read_parquet('%2$s/%1$s_features/*/*.parquet', union_by_name = true, hive_partitioning = false)
          window newest_first as (partition by company_id, %1$s_id order by sequence desc, as_of desc))
        where place = 1
        """
            .formatted(entity, lake));
  }

  private static List<String> features(Statement sql, String entity) throws SQLException {
    return columns(sql, "last_" + entity).stream()
        .filter(
            c ->
                !List.of("company_id", entity + "_id", "as_of", "sequence", "event_id", "twice")
                    .contains(c))
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
    String recomputed = entity.equals("task") ? "final_task" : "final_" + entity + "_1";
    if (!columns(sql, recomputed).contains(feature)) {
      return "select company_id || ':' || %1$s_id as id, 'nothing: the SQL does not know it' as expected, %2$s as emitted, true as different from last_%1$s"
          .formatted(entity, feature);
    }
    String emitted = (feature.endsWith("_at") ? "epoch_us(l.%s)" : "l.%s").formatted(feature);
    String other =
        entity.equals("task")
            ? ""
            : "and (l.twice is not true or exists (from final_%1$s_2 o where o.company_id = l.company_id and o.%1$s_id = l.%1$s_id and o.%2$s is distinct from %3$s))"
                .formatted(entity, feature, emitted);
    return """
        select l.company_id || ':' || l.%1$s_id as id, f.%2$s as expected, %3$s as emitted, f.%2$s is distinct from %3$s %5$s as different
        from last_%1$s l join %4$s f on f.company_id = l.company_id and f.%1$s_id = l.%1$s_id
        """
        .formatted(entity, feature, emitted, recomputed, other);
  }

  private static void addExample(
      Statement sql, String entity, String feature, String rows, List<String> examples)
      throws SQLException {
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

  private static void script(Statement sql, String resource, Map<String, String> parameters)
      throws SQLException {
    String text;
    try (var in =
        Objects.requireNonNull(FinalFeatures.class.getResourceAsStream(resource), resource)) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (Map.Entry<String, String> parameter : parameters.entrySet()) {
      text = text.replace('{' + parameter.getKey() + '}', parameter.getValue());
    }
    for (String statement : STATEMENT_END.split(text, 0)) {
      sql.execute(statement);
    }
  }
}
