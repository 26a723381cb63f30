package io.crewcast.local.report;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.apache.commons.io.FileUtils;

/**
 * The tables of a lake as views of one DuckDB, with the rows of one range of time and exactly the
 * columns of {@link LakeTable}. A table that is not there is an empty view.
 */
final class Lake implements AutoCloseable {

  private final Path folder;
  private final Path scratch;
  private final Connection connection;
  private final Statement sql;

  private Lake(Path folder, Path scratch) throws SQLException {
    this.folder = folder;
    this.scratch = scratch;
    this.connection = DriverManager.getConnection("jdbc:duckdb:");
    this.sql = connection.createStatement();
  }

  static Lake open(Path folder, TimeRange range) throws SQLException, IOException {
    Lake lake = new Lake(folder, Files.createTempDirectory("crewcast-report"));
    try {
      lake.run("set TimeZone = 'UTC'");
      lake.run("set ieee_floating_point_ops = true");
      lake.run("set memory_limit = '2GB'");
      lake.run("set temp_directory = '%s'".formatted(quoted(lake.scratch)));
      lake.run("set preserve_insertion_order = false");
      for (LakeTable table : LakeTable.values()) {
        lake.define(table, range);
      }
      return lake;
    } catch (SQLException | IOException e) {
      lake.close();
      throw e;
    }
  }

  /** By name, so that files of before a column came are as good as those of today. */
  private void define(LakeTable table, TimeRange range) throws SQLException, IOException {
    String contract = table.table() + "_contract";
    run("create table %s (%s)".formatted(contract, table.columns));
    String files =
        isThere(table)
            ? "union all by name select * from read_parquet('%s', union_by_name = true, hive_partitioning = false)"
                .formatted(quoted(folder.resolve(table.table())) + "/date=*/*.parquet")
            : "";
    // What serves was often rolled out before the range begins.
    String within = table == LakeTable.ROLLOUTS ? "true" : range.holds(table.time);
    run(
        "create view %s as select %s from (from %s %s) where %s"
            .formatted(table.table(), columns(contract), contract, files, within));
  }

  private static String quoted(Path path) {
    return path.toString().replace("'", "''");
  }

  private String columns(String contract) throws SQLException {
    try (ResultSet columns =
        sql.executeQuery(
            "select string_agg('\"' || column_name || '\"', ', ' order by column_index) from duckdb_columns() where table_name = '%s'"
                .formatted(contract))) {
      columns.next();
      return columns.getString(1);
    }
  }

  /** Whether the lake has a file of a table. */
  boolean isThere(LakeTable table) throws IOException {
    Path rows = folder.resolve(table.table());
    if (!Files.isDirectory(rows)) {
      return false;
    }
    try (DirectoryStream<Path> days = Files.newDirectoryStream(rows, "date=*")) {
      for (Path day : days) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(day, "*.parquet")) {
          if (files.iterator().hasNext()) {
            return true;
          }
        }
      }
    }
    return false;
  }

  void run(String statement) throws SQLException {
    sql.execute(statement);
  }

  /** The one number that a query answers with. */
  long number(String query) throws SQLException {
    try (ResultSet row = sql.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }

  /**
   * The answer to a query, a record a row.
   *
   * @param type its components are the columns, in order
   */
  <R extends Record> List<R> rows(Class<R> type, String query) throws SQLException {
    try (ResultSet rows = sql.executeQuery(query)) {
      return RecordReader.read(rows, type);
    }
  }

  @Override
  public void close() throws SQLException {
    try {
      sql.close();
      connection.close();
    } finally {
      FileUtils.deleteQuietly(scratch.toFile());
    }
  }
}
