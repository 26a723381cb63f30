package io.crewcast.features.definition;

import java.io.Serializable;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How far back a feature looks.
 *
 * @param name as in the definition and in the column: {@code 30d}, {@code 12h}, {@code total}, or
 *     empty for a lifetime value under the feature's bare name
 * @param length null for a lifetime
 * @param hop the step in which it moves; null for a lifetime
 */
public record Window(String name, @Nullable Duration length, @Nullable Hop hop)
    implements Serializable {

  /** A lifetime value under the feature's bare name. */
  public static final Window LIFETIME = new Window("", null, null);

  private static final Pattern LENGTH = Pattern.compile("([1-9][0-9]{0,4})(m|h|d)");
  private static final long MOST_TILES = 2_200;

  /**
   * Reads {@code 5m}, {@code 12h}, {@code 30d} or {@code total}.
   *
   * @param hop null for the one that goes with the length
   * @throws IllegalArgumentException with what is allowed
   */
  public static Window parse(String text, @Nullable Hop hop) {
    if (text.equals("total")) {
      return new Window(text, null, null);
    }
    if (!LENGTH.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is no window; write 5m, 12h, 30d or total");
    }
    Duration length = duration(text);
    if (length.compareTo(Duration.ofDays(365)) > 0) {
      throw new IllegalArgumentException(
          "'" + text + "' is longer than 365d; write total for a lifetime");
    }
    Hop step = hop == null ? Hop.of(length) : hop;
    if (length.toMinutes() % step.minutes() != 0) {
      throw new IllegalArgumentException(
          "'%s' is no multiple of its hop of %s; write one%s"
              .formatted(
                  text, step.yamlName(), step == Hop.FIVE_MINUTES ? "" : ", or a shorter hop"));
    }
    if (length.toMinutes() / step.minutes() > MOST_TILES) {
      throw new IllegalArgumentException(
          "'%s' has more than %d hops of %s; choose a longer hop"
              .formatted(text, MOST_TILES, step.yamlName()));
    }
    return new Window(text, length, step);
  }

  /**
   * Reads {@code 5m}, {@code 12h} or {@code 30d}.
   *
   * @throws IllegalArgumentException with what is allowed
   */
  static Duration duration(String text) {
    var match = LENGTH.matcher(text);
    if (!match.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is no length of time; write 5m, 12h or 30d");
    }
    long number = Long.parseLong(match.group(1));
    return switch (match.group(2)) {
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      default -> Duration.ofDays(number);
    };
  }

  /** {@code 30d} for thirty days. */
  static String text(Duration duration) {
    long minutes = duration.toMinutes();
    return minutes % 1_440 == 0
        ? minutes / 1_440 + "d"
        : minutes % 60 == 0 ? minutes / 60 + "h" : minutes + "m";
  }

  public boolean isLifetime() {
    return length == null;
  }

  /** {@code hours} and {@code 30d} make {@code hours_30d}. */
  public String column(String feature) {
    return name.isEmpty() ? feature : feature + "_" + name;
  }
}
