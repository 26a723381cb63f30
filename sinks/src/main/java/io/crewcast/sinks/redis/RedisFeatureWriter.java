package io.crewcast.sinks.redis;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.Instants;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.groups.SinkWriterMetricGroup;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/**
 * Collects the newest vector of each entity and writes them in one pipeline, every {@code
 * flushInterval}, when the batch is full, and before each checkpoint. The server compares and
 * writes in one step, so that neither a repeat nor a late write of another task can put an older
 * vector over a newer one. Runs on the task's thread alone.
 */
final class RedisFeatureWriter implements SinkWriter<FeatureVector> {

  private static final List<String> PASSING =
      List.of(
          "LOADING",
          "READONLY",
          "MASTERDOWN",
          "TRYAGAIN",
          "CLUSTERDOWN",
          "BUSY",
          "OOM",
          "MISCONF",
          "NOREPLICAS");

  private static final Logger LOG = LoggerFactory.getLogger(RedisFeatureWriter.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  /**
   * Writes ARGV[5..] unless a greater (as_of, sequence) is there. Both stay below 2^53, which Lua
   * compares exactly.
   */
  private static final byte[] NEWEST_WINS =
      """
      local stands = redis.call('HGET', KEYS[1], ARGV[1])
      if stands then
        local as_of, sequence = string.match(stands, '^(%-?%d+) (%-?%d+)$')
        as_of, sequence = tonumber(as_of), tonumber(sequence)
        local new_as_of, new_sequence = tonumber(ARGV[2]), tonumber(ARGV[3])
        if as_of > new_as_of or (as_of == new_as_of and sequence > new_sequence) then
          return 0
        end
      end
      redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[3], unpack(ARGV, 5))
      if ARGV[4] ~= '0' then
        redis.call('PEXPIRE', KEYS[1], ARGV[4])
      end
      return 1
      """
          .getBytes(StandardCharsets.UTF_8);

  private final OnlineStore store;
  private final Map<EntityType, FeastView> views = new EnumMap<>(EntityType.class);
  private final Map<String, FeatureVector> waiting = new LinkedHashMap<>();
  private final ProcessingTimeService clock;
  private final Counter written;
  private final Counter outdated;
  private final Counter retries;
  private boolean flushScheduled;
  private @Nullable Jedis redis;
  private byte @Nullable [] script;

  RedisFeatureWriter(
      OnlineStore store, ProcessingTimeService clock, SinkWriterMetricGroup metrics) {
    this.store = store;
    this.clock = clock;
    for (FeatureSchema features : store.views()) {
      views.put(features.entity(), new FeastView(features));
    }
    this.written = metrics.getNumRecordsSendCounter();
    this.outdated = metrics.counter("redisOutdatedVectors");
    this.retries = metrics.counter("redisRetries");
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // Flink fails the task when a timer does
  public void write(FeatureVector vector, Context context) throws InterruptedException {
    if (!views.containsKey(vector.getEntity())) {
      return;
    }
    String entity =
        vector.getEntity().name() + FeatureSchema.key(vector.getCompanyId(), vector.getEntityId());
    waiting.merge(entity, vector, RedisFeatureWriter::newer);
    if (waiting.size() >= store.batch()) {
      flush();
    } else if (!flushScheduled) {
      flushScheduled = true;
      clock.registerTimer(
          clock.getCurrentProcessingTime() + store.flushInterval().toMillis(),
          time -> {
            flushScheduled = false;
            flush();
          });
    }
  }

  private static FeatureVector newer(FeatureVector left, FeatureVector right) {
    int order = left.getAsOf().compareTo(right.getAsOf());
    if (order == 0) {
      order = Long.compare(left.getSequence(), right.getSequence());
    }
    return order > 0 ? left : right;
  }

  @Override
  public void flush(boolean endOfInput) throws InterruptedException {
    flush();
  }

  /** Tries until Redis has taken all that waits. */
  private void flush() throws InterruptedException {
    Duration pause = FIRST_PAUSE;
    while (!waiting.isEmpty()) {
      try {
        send();
        waiting.clear();
      } catch (JedisConnectionException e) {
        pause = pause(e, pause);
      } catch (JedisNoScriptException e) {
        script = null;
      } catch (JedisDataException e) {
        if (!passes(e)) {
          throw e;
        }
        pause = pause(e, pause);
      }
    }
  }

  private void send() {
    List<Response<Object>> answers = new ArrayList<>(waiting.size());
    try (Pipeline pipeline = connection().pipelined()) {
      byte[] sha = script();
      for (FeatureVector vector : waiting.values()) {
        FeastView view = views.get(vector.getEntity());
        if (view != null) {
          byte[] key = view.key(vector.getCompanyId(), vector.getEntityId());
          answers.add(pipeline.evalsha(sha, List.of(key), arguments(view, vector)));
        }
      }
      pipeline.sync();
    }
    for (Response<Object> answer : answers) {
      boolean landed = answer.get().equals(1L);
      (landed ? written : outdated).inc();
    }
  }

  private List<byte[]> arguments(FeastView view, FeatureVector vector) {
    List<byte[]> arguments = new ArrayList<>(6 + 2 * view.fields().size());
    arguments.add(view.sequenceField());
    arguments.add(digits(Instants.micros(vector.getAsOf())));
    arguments.add(digits(vector.getSequence()));
    arguments.add(digits(store.timeToLive().toMillis()));
    arguments.add(view.timestampField());
    arguments.add(FeastCodec.timestamp(vector.getAsOf()));
    var columns = view.features().columns();
    for (int i = 0; i < columns.size(); i++) {
      arguments.add(view.fields().get(i));
      arguments.add(FeastCodec.value(columns.get(i).type(), vector.getValues().get(i)));
    }
    return arguments;
  }

  private static byte[] digits(long number) {
    return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
  }

  private Jedis connection() {
    if (redis == null) {
      redis = new Jedis(store.uri());
      script = null;
    }
    return redis;
  }

  private byte[] script() {
    if (script == null) {
      script = connection().scriptLoad(NEWEST_WINS);
    }
    return script;
  }

  /** True for what a Redis says that starts, fails over or is full, and that ends by itself. */
  private static boolean passes(JedisDataException e) {
    String message = String.valueOf(e.getMessage());
    // before Redis 7 what fails within a script stands behind "ERR Error running script ...: -"
    return PASSING.stream()
        .anyMatch(code -> message.startsWith(code) || message.contains(": -" + code));
  }

  private Duration pause(Exception cause, Duration pause) throws InterruptedException {
    retries.inc();
    LOG.warn(
        "Redis {} did not take {} vectors: {}; trying again in {}",
        store.uri(),
        waiting.size(),
        cause.toString(),
        pause);
    disconnect();
    Thread.sleep(pause.toMillis() / 2 + ThreadLocalRandom.current().nextLong(pause.toMillis()));
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
  }

  private void disconnect() {
    Jedis broken = redis;
    redis = null;
    if (broken != null) {
      try {
        broken.close();
      } catch (JedisConnectionException e) {
        LOG.debug("Closing a broken connection failed", e);
      }
    }
  }

  @Override
  public void close() {
    disconnect();
  }
}
