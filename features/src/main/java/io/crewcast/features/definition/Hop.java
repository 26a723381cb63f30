package io.crewcast.features.definition;

import java.time.Duration;

/**
 * The step in which windows of a length move, and how many of its tiles share a page in state.
 * Windows up to 12 hours hop by 5 minutes, up to 90 days by the hour, beyond by the day.
 */
public enum Hop {
  FIVE_MINUTES(5, 12),
  HOUR(60, 24),
  DAY(1440, 8);

  private static final long MICROS_A_MINUTE = 60_000_000;

  private final long minutes;
  private final int tilesPerPage;

  Hop(long minutes, int tilesPerPage) {
    this.minutes = minutes;
    this.tilesPerPage = tilesPerPage;
  }

  /** The hop of windows of this length. */
  public static Hop of(Duration window) {
    if (window.compareTo(Duration.ofHours(12)) <= 0) {
      return FIVE_MINUTES;
    }
    return window.compareTo(Duration.ofDays(90)) <= 0 ? HOUR : DAY;
  }

  public long minutes() {
    return minutes;
  }

  /** Length of a tile, microseconds. */
  public long micros() {
    return minutes * MICROS_A_MINUTE;
  }

  /** Length of a page of tiles, microseconds. */
  public long pageMicros() {
    return micros() * tilesPerPage;
  }

  /** The start of the tile that holds an instant, both in microseconds. */
  public long floor(long micros) {
    return Math.floorDiv(micros, micros()) * micros();
  }

  /** The number of the page that holds an instant in microseconds. */
  public long page(long micros) {
    return Math.floorDiv(micros, pageMicros());
  }
}
