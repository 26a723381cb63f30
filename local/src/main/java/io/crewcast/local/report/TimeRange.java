package io.crewcast.local.report;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which rows a report is about.
 *
 * @param from the first instant; null for all that came before {@code to}
 * @param to the first instant that is out again; null for all since {@code from}
 */
public record TimeRange(@Nullable Instant from, @Nullable Instant to) {

  public static final TimeRange ALL = new TimeRange(null, null);

  /** The condition that a column's instant lies within, in SQL. */
  String holds(String column) {
    String since =
        from == null ? "true" : "%s >= timestamptz '%s'".formatted(column, from.toString());
    String before = to == null ? "true" : "%s < timestamptz '%s'".formatted(column, to.toString());
    return since + " and " + before;
  }

  @Nullable Long fromMillis() {
    return from == null ? null : from.toEpochMilli();
  }

  @Nullable Long toMillis() {
    return to == null ? null : to.toEpochMilli();
  }
}
