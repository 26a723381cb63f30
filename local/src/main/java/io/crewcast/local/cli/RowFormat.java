package io.crewcast.local.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crewcast.local.lake.Answer;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.QuoteMode;
import org.jspecify.annotations.Nullable;

/** How the rows of a query are written; they are written as they come. */
enum RowFormat {
  /** For people: columns of one width, or, where a terminal is too narrow, a line a value. */
  TABLE,
  /** RFC 4180 with a header; null is nothing, an empty text is "", what is nested is JSON. */
  CSV,
  /** An object a line. */
  JSON;

  private static final int BATCH = 1_000;

  /**
   * Writes all rows.
   *
   * @param width of the terminal, in characters; of tables alone
   */
  void write(Answer answer, PrintWriter out, int width) throws SQLException, IOException {
    switch (this) {
      case TABLE -> table(answer, out, width);
      case CSV -> csv(answer, out);
      case JSON -> json(answer, out);
    }
    out.flush();
  }

  private static void table(Answer answer, PrintWriter out, int width) throws SQLException {
    List<List<JsonNode>> rows = answer.next(BATCH);
    TextTable table = new TextTable(answer.columns(), rows, width);
    table.head(out);
    long count = 0;
    while (!rows.isEmpty() && !out.checkError()) {
      table.rows(rows, out);
      count += rows.size();
      rows = answer.next(BATCH);
    }
    out.printf("(%,d %s)%n", count, count == 1 ? "row" : "rows");
  }

  private static void csv(Answer answer, PrintWriter out) throws SQLException, IOException {
    CSVPrinter csv =
        CSVFormat.RFC4180
            .builder()
            .setQuoteMode(QuoteMode.NON_NUMERIC)
            .setRecordSeparator('\n')
            .get()
            .print(out);
    csv.printRecord(answer.columns());
    List<List<JsonNode>> rows = answer.next(BATCH);
    while (!rows.isEmpty() && !out.checkError()) {
      for (List<JsonNode> row : rows) {
        csv.printRecord(row.stream().map(RowFormat::cell));
      }
      rows = answer.next(BATCH);
    }
  }

  private static @Nullable Object cell(JsonNode value) {
    return value.isNumber() ? value.numberValue() : value.isNull() ? null : text(value);
  }

  private static void json(Answer answer, PrintWriter out) throws SQLException {
    List<List<JsonNode>> rows = answer.next(BATCH);
    while (!rows.isEmpty() && !out.checkError()) {
      for (List<JsonNode> row : rows) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < row.size(); i++) {
          object.set(answer.columns().get(i), row.get(i));
        }
        out.println(object);
      }
      rows = answer.next(BATCH);
    }
  }

  /** A value as a text: what is nested as JSON. */
  static String text(JsonNode value) {
    return value.isTextual() ? value.textValue() : value.toString();
  }
}
