package io.crewcast.local.lake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import java.util.regex.Pattern;

/** A lake that answers queries: DuckDB with a view of each of its tables. */
public final class LakeSql implements AutoCloseable {

  private static final String MEMORY = "2GB";
  private static final Pattern BREAKS = Pattern.compile("\\s*\\R\\s*");

  private final LakeCatalogue catalogue;
  private final Database sql;

  private LakeSql(LakeCatalogue catalogue, Database sql) {
    this.catalogue = catalogue;
    this.sql = sql;
  }

  /**
   * Opens a lake.
   *
   * @throws IllegalStateException with one line where it is not there or cannot be read
   */
  public static LakeSql open(Path lake, LakeCatalogue catalogue) throws IOException {
    LakeFolder folder = LakeFolder.at(lake);
    try {
      Database sql = Database.open(MEMORY);
      try {
        catalogue.define(sql, folder);
        sql.run("set preserve_insertion_order = true");
        sql.run("set errors_as_json = true");
        return new LakeSql(catalogue, sql);
      } catch (SQLException | IOException e) {
        sql.close();
        throw e;
      }
    } catch (SQLException e) {
      throw new IllegalStateException("Cannot read %s: %s".formatted(lake, inOneLine(e)), e);
    }
  }

  /** What is done with the rows of a query. */
  @FunctionalInterface
  public interface Use {

    /** Takes them. */
    void of(Answer answer) throws SQLException, IOException;
  }

  /**
   * Runs one statement or several, parted by semicolons.
   *
   * @param use takes the rows of the last of them; it is not called where that has none
   * @throws IllegalArgumentException with one line that says what DuckDB refuses, and where
   */
  public void run(String statements, Use use) throws IOException {
    try {
      sql.answer(statements, use);
    } catch (SQLException e) {
      throw new IllegalArgumentException(refused(statements, Database.message(e)), e);
    }
  }

  private String refused(String statements, String message) {
    Optional<JsonNode> told = told(message);
    if (told.isEmpty()) {
      return BREAKS.matcher(message.strip()).replaceAll(" ");
    }
    JsonNode error = told.get();
    String what = error.path("exception_message").asText();
    String place =
        error.has("position") ? place(statements, error.get("position").asInt()) + ": " : "";
    boolean unknownTable =
        error.path("error_subtype").asText().equals("MISSING_ENTRY")
            && error.path("type").asText().equals("Table");
    return place
        + BREAKS.matcher(what.strip()).replaceAll(" ")
        + (unknownTable
            ? " The lake's tables are " + String.join(", ", catalogue.tables().keySet())
            : "");
  }

  private static Optional<JsonNode> told(String message) {
    try {
      // "Parser Error: " may stand before it
      JsonNode error =
          new ObjectMapper().readTree(message.substring(Math.max(0, message.indexOf('{'))));
      return Optional.of(error).filter(JsonNode::isObject);
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** Line and column of a byte, both from 1 on. */
  private static String place(String statements, int position) {
    byte[] bytes = statements.getBytes(StandardCharsets.UTF_8);
    String before = new String(bytes, 0, Math.min(position, bytes.length), StandardCharsets.UTF_8);
    int line = before.lastIndexOf('\n') + 1;
    return "line %d, column %d"
        .formatted(
            before.chars().filter(c -> c == '\n').count() + 1,
            before.codePointCount(line, before.length()) + 1);
  }

  private static String inOneLine(SQLException error) {
    return BREAKS.matcher(Database.message(error).strip()).replaceAll(" ");
  }

  @Override
  public void close() throws SQLException {
    sql.close();
  }
}
