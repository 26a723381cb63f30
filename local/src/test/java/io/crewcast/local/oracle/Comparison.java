package io.crewcast.local.oracle;

import java.util.List;

/**
 * Rows of one feature against their second computation.
 *
 * @param rows compared
 * @param different not equal to the last bit
 * @param examples some of those that differ, in words
 */
public record Comparison(long rows, long different, List<String> examples) {

  @Override
  public String toString() {
    return different == 0
        ? "%,d rows, all equal".formatted(rows)
        : "%,d rows, %,d different%n    %s"
            .formatted(rows, different, String.join("\n    ", examples));
  }
}
