package io.crewcast.local.oracle;

import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A running whole number of one entity: what each contribution adds while it counts, in SQL over
 * the table contribution.
 *
 * @param column name of the number
 * @param kind of fact
 * @param when condition on the contribution
 * @param value what is added, or with {@code distinct} the value whose carriers are counted once
 * @param distinct whether different values are counted
 * @param days length of the window, null for all time
 * @param by field of the contribution that must equal the same field of the version that a row is
 *     about, null for all contributions
 */
record Measure(
    String entity,
    String column,
    String kind,
    String when,
    String value,
    boolean distinct,
    @Nullable Integer days,
    @Nullable String by) {

  private static final long DAY_MICROS = 86_400_000_000L;

  static Measure sum(
      String entity, String column, String kind, String value, @Nullable Integer days) {
    return new Measure(entity, column, kind, "true", value, false, days, null);
  }

  static Measure count(
      String entity, String column, String kind, String when, @Nullable Integer days) {
    return new Measure(entity, column, kind, when, "1", false, days, null);
  }

  static Measure distinct(String entity, String column, String kind, String value, int days) {
    return new Measure(entity, column, kind, "true", value, true, days, null);
  }

  /** Finished tasks of a window, those among them that overran and their effort in millionths. */
  static Stream<Measure> finished(String entity, int days, @Nullable String by) {
    var suffix = (by == null ? "_" : "_" + by + "_") + days + "d";
    return Stream.of(
        new Measure(
            entity, "finished" + suffix, "task", "overran is not null", "1", false, days, by),
        new Measure(entity, "overran" + suffix, "task", "overran", "1", false, days, by),
        new Measure(
            entity, "effort" + suffix, "task", "overran is not null", "effort", false, days, by));
  }

  /** Windows hop by 5 minutes up to 12 hours, by 1 hour up to 90 days, by 1 day beyond. */
  static long hopMicros(int days) {
    return days <= 90 ? DAY_MICROS / 24 : DAY_MICROS;
  }

  static long windowMicros(int days) {
    return days * DAY_MICROS;
  }
}
