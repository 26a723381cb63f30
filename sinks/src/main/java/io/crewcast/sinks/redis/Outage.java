package io.crewcast.sinks.redis;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A time in which Redis takes no writes: how long to wait before it is asked again, and what people
 * are told, a line at its beginning and one at its end.
 */
final class Outage {

  private static final Logger LOG = LoggerFactory.getLogger(Outage.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final RedisAddress address;
  private final long sinceNanos = System.nanoTime();
  private Duration pause = FIRST_PAUSE;
  private int attempts;

  Outage(RedisAddress address) {
    this.address = address;
  }

  /**
   * Waits, each time about twice as long: half to one and a half of what it is meant to be, so that
   * tasks do not come back all at once.
   *
   * @param waiting rows that were not taken
   */
  void pause(Exception cause, int waiting) throws InterruptedException {
    if (attempts++ == 0) {
      LOG.warn(
          "{} takes no writes ({}): {} rows wait for it, and the job behind them; it is asked again"
              + " until it does",
          address,
          reason(cause),
          waiting);
    } else {
      LOG.debug("{} still takes no writes: {}", address, reason(cause));
    }
    long millis = pause.toMillis();
    Thread.sleep(millis / 2 + ThreadLocalRandom.current().nextLong(millis));
    Duration twice = pause.multipliedBy(2);
    pause = twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
  }

  /** All that waited was taken. */
  void over(boolean restarted) {
    LOG.warn(
        "{} takes writes again after {} s and {} attempts; nothing that was to be written is"
            + " lost{}",
        address,
        Duration.ofNanos(System.nanoTime() - sinceNanos).toMillis() / 1e3,
        attempts,
        restarted
            ? ". It was started anew: if it came back empty, ./crewcast features republish writes"
                + " what it held before"
            : "");
  }

  private static String reason(Throwable cause) {
    Throwable deepest = cause;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    return deepest.getMessage() == null ? deepest.toString() : deepest.getMessage();
  }
}
