package io.crewcast.sinks.redis;

import java.io.Serializable;
import java.time.Duration;

/**
 * How rows get to Redis.
 *
 * @param address of the server
 * @param timeToLive how long an entity is kept after its last write; zero keeps it for ever
 * @param flushInterval how long a row may wait for others to be written with
 * @param batch how many entities are written at once, at most
 */
public record OnlineStore(
    RedisAddress address, Duration timeToLive, Duration flushInterval, int batch)
    implements Serializable {

  private static final Duration FLUSH_INTERVAL = Duration.ofMillis(20);

  /** Rows in a pipeline, at most. */
  public static final int BATCH = 500;

  /** A store that flushes every 20 ms, or when 500 entities wait. */
  public OnlineStore(RedisAddress address, Duration timeToLive) {
    this(address, timeToLive, FLUSH_INTERVAL, BATCH);
  }
}
