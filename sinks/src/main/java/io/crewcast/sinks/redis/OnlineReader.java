package io.crewcast.sinks.redis;

import io.crewcast.schemas.FeatureSchema.Column;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisRedirectionException;

/**
 * Reads rows of views, as many as one likes in one round trip, in a Cluster one a node. May be
 * shared by threads.
 */
final class OnlineReader implements AutoCloseable {

  private final RedisAddress address;
  private @Nullable UnifiedJedis client;
  private boolean closed;

  OnlineReader(RedisAddress address) {
    this.address = address;
  }

  /**
   * What is stored of one view at one key.
   *
   * @param asOf as of when
   * @param order among those as of that moment; 0 of what Feast itself wrote
   * @param values by column, in the order of the view; a null says that it has none
   * @param absent columns of which nothing is stored
   */
  record Stored(
      Instant asOf, long order, Map<String, @Nullable Object> values, Set<String> absent) {}

  /**
   * What is stored at each key, in their order.
   *
   * @throws JedisConnectionException when Redis does not answer
   */
  List<Optional<Stored>> read(FeastView view, List<byte[]> keys) {
    List<byte[]> fields = new ArrayList<>(view.fields());
    fields.add(view.timestampField());
    fields.add(view.sequenceField());
    byte[][] wanted = fields.toArray(new byte[0][]);
    UnifiedJedis server = client();
    List<List<byte @Nullable []>> answers;
    try {
      answers = ask(server, keys, wanted);
    } catch (JedisConnectionException e) { // of a server that was started anew all are broken
      answers = ask(another(server), keys, wanted);
    }
    List<Optional<Stored>> rows = new ArrayList<>(keys.size());
    answers.forEach(answer -> rows.add(row(view, answer)));
    return rows;
  }

  private static List<List<byte @Nullable []>> ask(
      UnifiedJedis server, List<byte[]> keys, byte[][] fields) {
    List<Response<List<byte[]>>> responses = new ArrayList<>(keys.size());
    try (AbstractPipeline pipeline = server.pipelined()) {
      keys.forEach(key -> responses.add(pipeline.hmget(key, fields)));
      pipeline.sync();
    }
    List<List<byte @Nullable []>> answers = new ArrayList<>(keys.size());
    for (int i = 0; i < keys.size(); i++) {
      answers.add(answer(server, keys.get(i), fields, responses.get(i)));
    }
    return answers;
  }

  private static List<byte @Nullable []> answer(
      UnifiedJedis server, byte[] key, byte[][] fields, Response<List<byte[]>> response) {
    try {
      return response.get();
    } catch (JedisRedirectionException e) { // the client follows, and remembers
      return server.hmget(key, fields);
    } catch (IllegalStateException e) { // the pipeline of a Cluster passes over a node's silence
      throw new JedisConnectionException("A node of the Cluster does not answer", e);
    }
  }

  private static Optional<Stored> row(FeastView view, List<byte @Nullable []> stored) {
    List<Column> columns = view.columns();
    byte[] asOf = stored.get(columns.size());
    if (asOf == null) {
      return Optional.empty();
    }
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    Set<String> absent = new LinkedHashSet<>();
    for (int i = 0; i < columns.size(); i++) {
      Column column = columns.get(i);
      byte[] value = stored.get(i);
      if (value == null) {
        absent.add(column.name());
      } else {
        values.put(column.name(), FeastCodec.value(column.type(), value));
      }
    }
    return Optional.of(
        new Stored(
            FeastCodec.timestamp(asOf),
            order(stored.get(columns.size() + 1)),
            Collections.unmodifiableMap(values),
            Collections.unmodifiableSet(absent)));
  }

  private static long order(byte @Nullable [] stands) {
    return stands == null
        ? 0
        : Long.parseLong(new String(stands, StandardCharsets.US_ASCII).split(" ", 3)[1]);
  }

  private synchronized UnifiedJedis client() {
    if (closed) {
      throw new IllegalStateException("It is closed");
    }
    if (client == null) {
      client = address.connect();
    }
    return client;
  }

  /** One in place of {@code broken}, which other threads may have replaced already. */
  private synchronized UnifiedJedis another(UnifiedJedis broken) {
    if (client == broken) {
      client = null;
      broken.close();
    }
    return client();
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (client != null) {
      client.close();
    }
  }
}
