package io.crewcast.scoring.serving;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How long a call of one version may take. A version that was too slow in half of its last sixteen
 * calls is cut off for ten seconds; the next call is then a trial. One slow call, as when the
 * collector stops all, cuts nothing off. Belongs to one thread.
 */
public final class Budget {

  private static final int LAST_CALLS = 0xffff;
  private static final int TOO_MANY = 8;
  private static final long PAUSE_NANOS = Duration.ofSeconds(10).toNanos();

  private final long limitNanos;
  private final LongSupplier nanos;

  /** A bit a call, the last one lowest: set where it was too slow. */
  private int slow;

  private boolean cutOff;
  private long until;

  /**
   * @param limit of one call; null: any
   * @param nanos the clock
   */
  public Budget(@Nullable Duration limit, LongSupplier nanos) {
    this.limitNanos = limit == null ? Long.MAX_VALUE : limit.toNanos();
    this.nanos = nanos;
  }

  /** Whether the version may be called now. */
  boolean allows() {
    return !cutOff || nanos.getAsLong() - until >= 0;
  }

  /** True while the version answers nothing, or is on trial. */
  public boolean isCutOff() {
    return cutOff;
  }

  long limitNanos() {
    return limitNanos;
  }

  long now() {
    return nanos.getAsLong();
  }

  /** Says when the call began that has just ended, or was given up. */
  void spentSince(long start) {
    long now = nanos.getAsLong();
    boolean over = now - start > limitNanos;
    slow = (slow << 1 | (over ? 1 : 0)) & LAST_CALLS;
    if (cutOff ? over : Integer.bitCount(slow) >= TOO_MANY) {
      cutOff = true;
      until = now + PAUSE_NANOS;
      slow = 0;
    } else {
      cutOff = false;
    }
  }
}
