package io.crewcast.features.definition;

import java.time.Duration;
import java.util.Arrays;

/**
 * The step in which a window moves: windows up to 12 hours hop by 5 minutes, up to 90 days by the
 * hour, beyond by the day, unless the definition says otherwise.
 */
public enum Hop {
  FIVE_MINUTES("5m", 5),
  HOUR("1h", 60),
  DAY("1d", 1440);

  private static final long MICROS_A_MINUTE = 60_000_000;

  private final String yamlName;
  private final long minutes;

  Hop(String yamlName, long minutes) {
    this.yamlName = yamlName;
    this.minutes = minutes;
  }

  /** The hop that goes with windows of this length. */
  public static Hop of(Duration window) {
    if (window.compareTo(Duration.ofHours(12)) <= 0) {
      return FIVE_MINUTES;
    }
    return window.compareTo(Duration.ofDays(90)) <= 0 ? HOUR : DAY;
  }

  /**
   * Reads {@code 5m}, {@code 1h} or {@code 1d}.
   *
   * @throws IllegalArgumentException with what is allowed
   */
  public static Hop parse(String text) {
    return Arrays.stream(values())
        .filter(hop -> hop.yamlName.equals(text))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("'" + text + "' is no hop; write 5m, 1h or 1d"));
  }

  /** {@code 5m}: as definitions write it. */
  String yamlName() {
    return yamlName;
  }

  public long minutes() {
    return minutes;
  }

  /** Length of a tile, microseconds. */
  public long micros() {
    return minutes * MICROS_A_MINUTE;
  }

  /** The start of the tile that holds an instant, both in microseconds. */
  public long floor(long micros) {
    return Math.floorDiv(micros, micros()) * micros();
  }
}
