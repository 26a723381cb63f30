package io.crewcast.local.report;

import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** A lake that lake.sql makes, in files as the jobs lay them out. */
public final class LakeFixture {
  private static final Pattern TABLE = Pattern.compile("\\{(\\w+)}");
  private static final Pattern END = Pattern.compile(";\\s*\\n");

  /** Each table and the column that its dates are of. */
  private static final Map<String, String> TABLES =
      Map.of(
          "rollouts", "published_at",
          "predictions", "as_of",
          "model_performance", "as_of",
          "drift_statistics", "as_of",
          "experiment_metrics", "as_of",
          "exposures", "exposed_at",
          "dead_letters", "appended_at",
          "alerts", "as_of");

  private LakeFixture() {}

  public static void write(Path lake) throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement sql = connection.createStatement();
        InputStream script = LakeFixture.class.getResourceAsStream("lake.sql")) {
      for (String statement :
          END.split(new String(script.readAllBytes(), StandardCharsets.UTF_8), 0)) {
        sql.execute(statement);
      }
      for (Map.Entry<String, String> table : TABLES.entrySet()) {
        write(sql, lake, table.getKey(), table.getValue());
      }
    }
  }

  /** A lake whose tables all have a file, and none a row. */
  static void writeEmpty(Path lake, Path full) throws Exception {
    for (String table : TABLES.keySet()) {
      Path day = Files.createDirectories(lake.resolve(table).resolve("date=2026-01-05"));
      query(full, "copy (from {%s} limit 0) to '%s/part.parquet'".formatted(table, day));
    }
  }

  /**
   * The rows of a statement over the files themselves, by a DuckDB of its own.
   *
   * @param query or COPY, in which {table} stands for the rows of a table
   */
  static List<List<Object>> query(Path lake, String query) throws SQLException {
    String sql =
        TABLE
            .matcher(query)
            .replaceAll("read_parquet('" + lake + "/$1/*/*.parquet', hive_partitioning = false)");
    List<List<Object>> rows = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      statement.execute("set TimeZone = 'UTC'");
      if (!statement.execute(sql)) {
        return rows;
      }
      try (ResultSet result = statement.getResultSet()) {
        while (result.next()) {
          List<Object> row = new ArrayList<>();
          for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
            Object value = result.getObject(i);
            row.add(value instanceof BigInteger number ? number.longValue() : value);
          }
          rows.add(row);
        }
      }
    }
    return rows;
  }

  private static void write(Statement sql, Path lake, String table, String time)
      throws SQLException {
    sql.execute(
        "copy (select *, strftime(%s, '%%Y-%%m-%%d') as date from %s) to '%s' (format parquet, partition_by (date), compression zstd)"
            .formatted(time, table, lake.resolve(table)));
  }
}
