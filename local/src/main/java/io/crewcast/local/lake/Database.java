package io.crewcast.local.lake;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.apache.commons.io.FileUtils;

/** A DuckDB of its own, in UTC, that puts on disk what does not fit into the memory it may take. */
public final class Database implements AutoCloseable {

  /** What the driver says before the error itself. */
  private static final Pattern PENDING =
      Pattern.compile("^Invalid Input Error: Attempting to execute an unsuccessful .*\\nError: ");

  private static final Pattern STATEMENT_END = Pattern.compile(";\\s*(\n|$)");

  private final Path scratch;
  private final Connection connection;
  private final Statement sql;

  private Database(Path scratch, Connection connection) throws SQLException {
    this.scratch = scratch;
    this.connection = connection;
    this.sql = connection.createStatement();
  }

  /**
   * Opens one.
   *
   * @param memory that it may take, such as {@code 3GB}
   */
  public static Database open(String memory) throws SQLException, IOException {
    Path scratch = Files.createTempDirectory("crewcast-duckdb");
    try {
      Database database = new Database(scratch, DriverManager.getConnection("jdbc:duckdb:"));
      database.run("set memory_limit = '%s'".formatted(memory));
      database.run("set temp_directory = " + text(scratch.toString()));
      database.run("set preserve_insertion_order = false");
      database.run("set ieee_floating_point_ops = true");
      database.run("set parquet_metadata_cache = true");
      database.run("set TimeZone = 'UTC'");
      return database;
    } catch (SQLException e) {
      FileUtils.deleteQuietly(scratch.toFile());
      throw e;
    }
  }

  /** A text as it is written in SQL. */
  public static String text(String value) {
    return "'" + value.replace("'", "''") + "'";
  }

  /** What DuckDB says of an error, without what its driver says of it. */
  public static String message(SQLException error) {
    return PENDING.matcher(String.valueOf(error.getMessage())).replaceFirst("");
  }

  /** Runs a statement that answers nothing. */
  public void run(String statement) throws SQLException {
    sql.execute(statement);
  }

  /**
   * Runs a script, statement by statement; {name} in it stands for a part.
   *
   * @param beside the class whose package holds it
   */
  public void script(Class<?> beside, String resource, Map<String, String> parts)
      throws SQLException {
    String text;
    try (InputStream in = Objects.requireNonNull(beside.getResourceAsStream(resource), resource)) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (Map.Entry<String, String> part : parts.entrySet()) {
      text = text.replace("{" + part.getKey() + "}", part.getValue());
    }
    for (String statement : STATEMENT_END.split(text, 0)) {
      run(statement);
    }
  }

  /** Reads all rows of a query. */
  public <T> T read(String query, Reading<T> reading) throws SQLException {
    try (ResultSet rows = sql.executeQuery(query)) {
      return reading.of(rows);
    }
  }

  /** What is made of the rows of a query. */
  @FunctionalInterface
  public interface Reading<T> {

    /** Reads them. */
    T of(ResultSet rows) throws SQLException;
  }

  /** Runs statements, and has the rows of the last of them used, where it has any. */
  void answer(String statements, LakeSql.Use use) throws SQLException, IOException {
    if (sql.execute(statements)) {
      try (ResultSet rows = sql.getResultSet()) {
        use.of(new Answer(rows));
      }
    }
  }

  /** How many rows a statement changed. */
  public long update(String statement) throws SQLException {
    return sql.executeLargeUpdate(statement);
  }

  /** The first row of a query, all of whose columns are whole numbers; null is 0. */
  public long[] numbers(String query) throws SQLException {
    try (ResultSet row = sql.executeQuery(query)) {
      row.next();
      long[] numbers = new long[row.getMetaData().getColumnCount()];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = row.getLong(i + 1);
      }
      return numbers;
    }
  }

  /** The one whole number that a query answers with. */
  public long number(String query) throws SQLException {
    return numbers(query)[0];
  }

  /** The first column of a query, as texts. */
  public List<String> texts(String query) throws SQLException {
    List<String> texts = new ArrayList<>();
    try (ResultSet rows = sql.executeQuery(query)) {
      while (rows.next()) {
        texts.add(rows.getString(1));
      }
    }
    return texts;
  }

  /** A query of a text and a whole number. */
  public Map<String, Long> counts(String query) throws SQLException {
    Map<String, Long> counts = new LinkedHashMap<>();
    try (ResultSet rows = sql.executeQuery(query)) {
      while (rows.next()) {
        counts.put(rows.getString(1), rows.getLong(2));
      }
    }
    return counts;
  }

  /** Columns of a query or a table and their types, in order. */
  public Map<String, String> columns(String query) throws SQLException {
    Map<String, String> columns = new LinkedHashMap<>();
    try (ResultSet rows = sql.executeQuery("describe " + query)) {
      while (rows.next()) {
        columns.put(rows.getString(1), rows.getString(2));
      }
    }
    return columns;
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
