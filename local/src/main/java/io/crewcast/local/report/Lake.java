package io.crewcast.local.report;

import io.crewcast.local.lake.Database;
import io.crewcast.local.lake.LakeFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;

/**
 * The tables of a lake as views of one DuckDB, with the rows of one range of time and exactly the
 * columns of {@link LakeTable}. A table that is not there is an empty view.
 */
final class Lake implements AutoCloseable {

  private final LakeFolder folder;
  private final Database sql;

  private Lake(LakeFolder folder, Database sql) {
    this.folder = folder;
    this.sql = sql;
  }

  static Lake open(Path path, TimeRange range) throws SQLException, IOException {
    LakeFolder folder = LakeFolder.at(path);
    Lake lake = new Lake(folder, Database.open("2GB"));
    try {
      for (LakeTable table : LakeTable.values()) {
        // What serves was often rolled out before the range begins.
        String within = table == LakeTable.ROLLOUTS ? "true" : range.holds(table.time);
        folder.define(lake.sql, table.table(), table.columns, within);
      }
      return lake;
    } catch (SQLException | IOException e) {
      lake.close();
      throw e;
    }
  }

  /** Whether the lake has a file of a table. */
  boolean isThere(LakeTable table) throws IOException {
    return folder.has(table.table());
  }

  void run(String statement) throws SQLException {
    sql.run(statement);
  }

  /** The one number that a query answers with. */
  long number(String query) throws SQLException {
    return sql.number(query);
  }

  /**
   * The answer to a query, a record a row.
   *
   * @param type its components are the columns, in order
   */
  <R extends Record> List<R> rows(Class<R> type, String query) throws SQLException {
    return sql.read(query, rows -> RecordReader.read(rows, type));
  }

  @Override
  public void close() throws SQLException {
    sql.close();
  }
}
