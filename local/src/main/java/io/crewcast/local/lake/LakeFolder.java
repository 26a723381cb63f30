package io.crewcast.local.lake;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;

/**
 * A lake on disk. Only what is published is read, {@code <table>/date=<day>/<file>.parquet}; what a
 * job has staged and not yet published is not.
 */
public record LakeFolder(Path path) {

  /**
   * A lake that must be there.
   *
   * @throws IllegalStateException with one line where it is no folder
   */
  public static LakeFolder at(Path path) {
    if (!Files.isDirectory(path)) {
      throw new IllegalStateException(
          "%s is no folder: name the one that a job was given as --lake".formatted(path));
    }
    return new LakeFolder(path);
  }

  /** Whether it has a file of a table. */
  public boolean has(String table) throws IOException {
    Path rows = path.resolve(table);
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

  /** The files of a table, as a text in SQL; DuckDB refuses it where there are none. */
  public String files(String table) {
    return Database.text(path.resolve(table) + "/date=*/*.parquet");
  }

  /** SQL for the rows of a table, by name: a column that a file does not have is null in it. */
  public String rows(String table) {
    return "read_parquet(%s, union_by_name = true, hive_partitioning = false)"
        .formatted(files(table));
  }

  /**
   * Makes a view of a table, under its name. It has the declared columns first, be they in the
   * files or not, then what else the files have; without a file it is empty.
   *
   * @param columns as DuckDB declares them: {@code company_id varchar, as_of timestamptz}
   */
  public void define(Database sql, String table, String columns) throws SQLException, IOException {
    declare(sql, table, columns);
    view(sql, table, "*", "true");
  }

  /**
   * Makes a view of some rows of a table that has the declared columns alone.
   *
   * @param where the condition that a row fits
   */
  public void define(Database sql, String table, String columns, String where)
      throws SQLException, IOException {
    declare(sql, table, columns);
    List<String> names =
        sql.texts(
            "select '\"' || column_name || '\"' from duckdb_columns() where schema_name = 'contract' and table_name = %s order by column_index"
                .formatted(Database.text(table)));
    view(sql, table, String.join(", ", names), where);
  }

  private static void declare(Database sql, String table, String columns) throws SQLException {
    sql.run("create schema if not exists contract");
    sql.run("create table contract.%s (%s)".formatted(table, columns));
  }

  private void view(Database sql, String table, String select, String where)
      throws SQLException, IOException {
    String files = has(table) ? "union all by name select * from " + rows(table) : "";
    sql.run(
        "create view %1$s as select %2$s from (from contract.%1$s %3$s) where %4$s"
            .formatted(table, select, files, where));
  }
}
