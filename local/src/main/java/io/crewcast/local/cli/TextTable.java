package io.crewcast.local.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Rows for a terminal. Columns are as wide as what the first rows hold, numbers to the right; where
 * that is wider than the terminal, each row is told in a line a value.
 */
final class TextTable {

  private static final String GAP = "  ";
  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}+");

  private final List<String> columns;
  private final List<Integer> widths = new ArrayList<>();
  private final List<Boolean> right = new ArrayList<>();
  private final boolean upright;
  private final int width;
  private long told;

  /**
   * A table as these rows make it.
   *
   * @param first by which it is laid out
   * @param width of the terminal, in characters
   */
  TextTable(List<String> columns, List<List<JsonNode>> first, int width) {
    this.columns = columns;
    this.width = width;
    int all = 0;
    for (int i = 0; i < columns.size(); i++) {
      int column = i;
      int widest = first.stream().mapToInt(row -> length(text(row.get(column)))).max().orElse(0);
      widths.add(Math.max(widest, length(columns.get(i))));
      right.add(
          first.stream().anyMatch(row -> row.get(column).isNumber())
              && first.stream()
                  .allMatch(row -> row.get(column).isNumber() || row.get(column).isNull()));
      all += widths.get(i) + (i == 0 ? 0 : GAP.length());
    }
    this.upright = all > width;
  }

  void head(PrintWriter out) {
    if (!upright) {
      out.println(line(columns));
      out.println(line(widths.stream().map("-"::repeat).toList()));
    }
  }

  void rows(List<List<JsonNode>> rows, PrintWriter out) {
    for (List<JsonNode> row : rows) {
      List<String> cells = row.stream().map(TextTable::text).toList();
      if (upright) {
        upright(cells, out);
      } else {
        out.println(line(cells));
      }
    }
  }

  private String line(List<String> cells) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      String cell = cells.get(i);
      String padding = " ".repeat(Math.max(0, widths.get(i) - length(cell)));
      line.append(i == 0 ? "" : GAP).append(right.get(i) ? padding + cell : cell + padding);
    }
    return line.toString().stripTrailing();
  }

  private void upright(List<String> cells, PrintWriter out) {
    told++;
    out.printf("-- row %d%n", told);
    int names = columns.stream().mapToInt(TextTable::length).max().orElse(0);
    for (int i = 0; i < cells.size(); i++) {
      String line =
          columns.get(i) + " ".repeat(names - length(columns.get(i))) + GAP + cells.get(i);
      out.println(length(line) <= width ? line : cut(line));
    }
  }

  private String cut(String line) {
    return line.substring(0, line.offsetByCodePoints(0, Math.max(0, width - 1))) + "…";
  }

  private static String text(JsonNode value) {
    return value.isNull() ? "NULL" : CONTROL.matcher(RowFormat.text(value)).replaceAll(" ");
  }

  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }
}
