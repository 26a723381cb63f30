package io.crewcast.sinks.redis;

import io.crewcast.schemas.FeatureSchema;
import java.io.Serializable;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import redis.clients.jedis.util.JedisURIHelper;

/**
 * How features get to Redis.
 *
 * @param uri such as {@code redis://127.0.0.1:6379/0}
 * @param views the kinds of entity to keep; vectors of others are passed over
 * @param timeToLive how long an entity is kept after its last write; zero keeps it for ever
 * @param flushInterval how long a vector may wait for others to be written with
 * @param batch how many entities are written at once, at most
 */
public record OnlineStore(
    URI uri, List<FeatureSchema> views, Duration timeToLive, Duration flushInterval, int batch)
    implements Serializable {

  private static final Duration FLUSH_INTERVAL = Duration.ofMillis(20);
  private static final int BATCH = 500;

  public OnlineStore {
    views = List.copyOf(views);
    if (views.stream().map(FeatureSchema::entity).distinct().count() < views.size()) {
      throw new IllegalArgumentException("Two feature schemas are given for one kind of entity");
    }
  }

  /** A store that flushes every 20 ms, or when 500 entities wait. */
  public OnlineStore(URI uri, List<FeatureSchema> views, Duration timeToLive) {
    this(uri, views, timeToLive, FLUSH_INTERVAL, BATCH);
  }

  /** Whether a text is {@code redis://host:port} or as much more as there may be. */
  public static boolean isUri(String text) {
    try {
      return JedisURIHelper.isValid(URI.create(text));
    } catch (IllegalArgumentException unused) { // no URI at all
      return false;
    }
  }
}
