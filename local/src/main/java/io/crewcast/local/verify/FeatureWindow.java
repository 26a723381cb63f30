package io.crewcast.local.verify;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How far back a column looks.
 *
 * @param name as in the column, such as {@code 30d}; empty for a lifetime under the bare name
 * @param micros its length; 0 for a lifetime
 * @param hopMicros the step in which it moves
 */
record FeatureWindow(String name, long micros, long hopMicros) {

  static final FeatureWindow LIFETIME = new FeatureWindow("", 0, 0);

  private static final Pattern LENGTH = Pattern.compile("([0-9]+)([mhd])");
  private static final long MINUTE = 60_000_000;
  private static final long HOUR = 60 * MINUTE;
  private static final long DAY = 24 * HOUR;

  /** Moves by 5 minutes up to 12 hours, by 1 hour up to 90 days, by 1 day beyond. */
  static FeatureWindow of(String name) {
    if (name.equals("total")) {
      return new FeatureWindow(name, 0, 0);
    }
    long length = micros(name);
    return new FeatureWindow(
        name, length, length <= 12 * HOUR ? 5 * MINUTE : length <= 90 * DAY ? HOUR : DAY);
  }

  FeatureWindow hopping(String hop) {
    return isLifetime() ? this : new FeatureWindow(name, micros, micros(hop));
  }

  private static long micros(String length) {
    Matcher matcher = LENGTH.matcher(length);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + length + "' is no window such as 5m, 12h or 30d");
    }
    long unit =
        switch (matcher.group(2)) {
          case "m" -> MINUTE;
          case "h" -> HOUR;
          default -> DAY;
        };
    return Long.parseLong(matcher.group(1)) * unit;
  }

  boolean isLifetime() {
    return micros == 0;
  }

  String column(String feature) {
    return name.isEmpty() ? feature : feature + '_' + name;
  }

  /** SQL for the beginning of the window at an instant. */
  String lowest(String asOf) {
    return "(%s - %d) // %d * %d".formatted(asOf, micros, hopMicros, hopMicros);
  }
}
