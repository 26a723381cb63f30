package io.crewcast.scoring.operator;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How far event time has been told of. The watermark that ends a bounded input says nothing about
 * time, and those before it depend on the order in which partitions came to their ends: what time
 * alone brings out goes by the newest event there, so that each run brings out the same.
 */
public final class TimeTold {

  private TimeTold() {}

  /**
   * Whether a timer that a watermark fired is due.
   *
   * @param timer milliseconds since 1970
   * @param watermark milliseconds since 1970; the greatest number at the end of the input
   * @param newest when the newest event of a bounded input was recorded; null of one without end
   */
  public static boolean reaches(long timer, long watermark, @Nullable Instant newest) {
    return watermark != Long.MAX_VALUE || (newest != null && timer <= newest.toEpochMilli());
  }
}
