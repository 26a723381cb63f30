package io.crewcast.features.definition;

import java.io.Serializable;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * How far back a feature looks.
 *
 * @param name as in the definition and in the column: {@code 30d}, {@code 12h}, {@code total}, or
 *     empty for a lifetime value under the feature's bare name
 * @param length null for a lifetime
 */
public record Window(String name, @org.jspecify.annotations.Nullable Duration length)
    implements Serializable {

  /** A lifetime value under the feature's bare name. */
  public static final Window LIFETIME = new Window("", null);

  private static final Pattern LENGTH = Pattern.compile("([1-9][0-9]{0,4})(m|h|d)");

  /**
   * Reads {@code 5m}, {@code 12h}, {@code 30d} or {@code total}.
   *
   * @throws IllegalArgumentException with what is allowed
   */
  public static Window parse(String text) {
    if (text.equals("total")) {
      return new Window(text, null);
    }
    var match = LENGTH.matcher(text);
    if (!match.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is no window; write 5m, 12h, 30d or total");
    }
    long number = Long.parseLong(match.group(1));
    Duration length =
        switch (match.group(2)) {
          case "m" -> Duration.ofMinutes(number);
          case "h" -> Duration.ofHours(number);
          default -> Duration.ofDays(number);
        };
    if (length.compareTo(Duration.ofDays(365)) > 0) {
      throw new IllegalArgumentException(
          "'" + text + "' is longer than 365d; write total for a lifetime");
    }
    Hop hop = Hop.of(length);
    if (length.toMinutes() % hop.minutes() != 0) {
      throw new IllegalArgumentException(
          "'" + text + "' is no multiple of its hop of " + hop.minutes() + " minutes");
    }
    return new Window(text, length);
  }

  public boolean isLifetime() {
    return length == null;
  }

  /** {@code hours} and {@code 30d} make {@code hours_30d}. */
  public String column(String feature) {
    return name.isEmpty() ? feature : feature + "_" + name;
  }
}
