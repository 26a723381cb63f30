package io.crewcast.local.report;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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

  /**
   * Compares the feature tables of a lake, written with one set of definitions, with work_events.
   */
  public static Result compare(Path lake) {
    try (var connection = DriverManager.getConnection("jdbc:duckdb:");
        var sql = connection.createStatement()) {
      script(sql, "work_events.sql", eventsOf(lake));
      for (String entity : ENTITIES) {
        readRows(sql, lake, entity);
      }
      script(sql, "final_facts.sql", Map.of());
      for (String nth : List.of("1", "2")) {
        script(sql, "final_vectors.sql", Map.of("nth", nth));
      }
      long equal = 0;
      long different = 0;
      List<String> examples = new ArrayList<>();
      for (String entity : ENTITIES) {
        List<Feature> features = features(sql, entity);
        try (ResultSet counts = sql.executeQuery(counts(entity, features))) {
          counts.next();
          for (int i = 0; i < features.size(); i++) {
            equal += counts.getLong(2 * i + 1);
            different += counts.getLong(2 * i + 2);
          }
        }
        if (different > 0) {
          for (Feature feature : features) {
            addExample(sql, entity, feature, examples);
          }
        }
      }
      return new Result(equal, different, List.copyOf(examples));
    } catch (SQLException e) {
      throw new IllegalStateException(
          "Cannot recompute the features of " + lake + ": " + e.getMessage(), e);
    }
  }

  /** What the script that reads a lake's events has to be told of it. */
  public static Map<String, String> eventsOf(Path lake) {
    String deadLetters =
        Files.isDirectory(lake.resolve("dead_letters"))
            ? "read_parquet('%s/dead_letters/*/*.parquet')".formatted(lake)
            : "(select null as partition, null as offset where false)";
    return Map.of("lake", lake.toString(), "dead_letters", deadLetters);
  }

  private static void readRows(Statement sql, Path lake, String entity) throws SQLException {
    String kept = entity.equals("task") ? "table" : "view"; // the rows of tasks are read again
    sql.execute(
        "create %3$s %1$s_row as from read_parquet('%2$s/%1$s_features/*/*.parquet', hive_partitioning = false)"
            .formatted(entity, lake, kept));
    sql.execute(
        """
        create table last_%1$s as
        select * exclude (place) replace (epoch_us(as_of) as as_of) from (
          select *, row_number() over newest_first as place, event_id is not null and count(*) over (partition by company_id, %1$s_id, event_id) > 1 as twice
          from %1$s_row
          window newest_first as (partition by company_id, %1$s_id order by sequence desc, as_of desc))
        where place = 1
        """
            .formatted(entity));
  }

  /**
   * A feature of an emitted row {@code l}.
   *
   * @param emitted SQL for its value there
   * @param recomputed SQL for what it should be, from {@code f}
   * @param different SQL, true if it is not
   */
  private record Feature(String name, String emitted, String recomputed, String different) {}

  private static List<Feature> features(Statement sql, String entity) throws SQLException {
    List<String> known = columns(sql, recomputed(entity, 1));
    List<Feature> features = new ArrayList<>();
    for (String name : columns(sql, "last_" + entity)) {
      if (List.of("company_id", entity + "_id", "as_of", "sequence", "event_id", "twice")
          .contains(name)) {
        continue;
      }
      String emitted = (name.endsWith("_at") ? "epoch_us(l.%s)" : "l.%s").formatted(name);
      if (!known.contains(name)) {
        features.add(new Feature(name, emitted, "'nothing: the SQL does not know it'", "true"));
        continue;
      }
      String differs = "f.%s is distinct from %s".formatted(name, emitted);
      if (!entity.equals("task")) {
        differs +=
            " and (l.twice is not true or o.%s is distinct from %s)".formatted(name, emitted);
      }
      features.add(new Feature(name, emitted, "f." + name, differs));
    }
    return features;
  }

  private static String recomputed(String entity, int nth) {
    return entity.equals("task") ? "final_task" : "final_%s_%d".formatted(entity, nth);
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

  /** Emitted rows beside what was recomputed; {@code o} is there where an event made two rows. */
  private static String rows(String entity) {
    return """
        from last_%1$s l
        join %2$s f on f.company_id = l.company_id and f.%1$s_id = l.%1$s_id
        left join %3$s o on o.company_id = l.company_id and o.%1$s_id = l.%1$s_id
        """
        .formatted(entity, recomputed(entity, 1), recomputed(entity, 2));
  }

  /** Of each feature in turn, how many rows are equal and how many are not. */
  private static String counts(String entity, List<Feature> features) {
    return features.stream()
        .map(
            feature ->
                "count(*) filter (not (%1$s)), count(*) filter (%1$s)"
                    .formatted(feature.different()))
        .collect(joining(", ", "select ", " " + rows(entity)));
  }

  private static void addExample(
      Statement sql, String entity, Feature feature, List<String> examples) throws SQLException {
    if (examples.size() == EXAMPLES) {
      return;
    }
    try (ResultSet differing =
        sql.executeQuery(
            "select l.company_id || ':' || l.%s_id as id, %s as expected, %s as emitted %s where %s order by id limit 1"
                .formatted(
                    entity,
                    feature.recomputed(),
                    feature.emitted(),
                    rows(entity),
                    feature.different()))) {
      while (differing.next()) {
        examples.add(
            "%s %s, %s: recomputed %s, emitted %s"
                .formatted(
                    entity,
                    differing.getString("id"),
                    feature.name(),
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
