package io.crewcast.local.lake;

import com.fasterxml.jackson.databind.JsonNode;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The rows that a query answers with, one after the other.
 *
 * <p>Values are as JSON has them ({@link SqlValues}). Of columns with one name the second is {@code
 * name_1}, as DuckDB calls it in a subquery.
 */
public final class Answer {

  private final ResultSet rows;
  private final List<String> columns;

  Answer(ResultSet rows) throws SQLException {
    this.rows = rows;
    this.columns = List.copyOf(names(rows.getMetaData()));
  }

  private static Set<String> names(ResultSetMetaData data) throws SQLException {
    Set<String> names = new LinkedHashSet<>();
    for (int i = 1; i <= data.getColumnCount(); i++) {
      String name = data.getColumnLabel(i);
      for (int n = 1; !names.add(name); n++) {
        name = data.getColumnLabel(i) + '_' + n;
      }
    }
    return names;
  }

  /** Names of the columns, each once. */
  public List<String> columns() {
    return columns;
  }

  /** The next rows, in order; none after the last. */
  public List<List<JsonNode>> next(int atMost) throws SQLException {
    List<List<JsonNode>> next = new ArrayList<>();
    while (next.size() < atMost && rows.next()) {
      List<JsonNode> row = new ArrayList<>(columns.size());
      for (int i = 1; i <= columns.size(); i++) {
        row.add(SqlValues.json(rows.getObject(i)));
      }
      next.add(row);
    }
    return next;
  }
}
