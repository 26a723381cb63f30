package io.crewcast.sinks.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureSchema.Column;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.ValueType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.runtime.metrics.groups.InternalSinkWriterMetricGroup;
import org.apache.flink.runtime.metrics.groups.UnregisteredMetricGroups;
import org.apache.flink.streaming.runtime.tasks.TestProcessingTimeService;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.embedded.RedisServer;

class OnlineSinkTest {

  private static final Instant AS_OF = Instant.parse("2026-09-19T12:00:00.123Z");
  private static final Duration MONTH = Duration.ofDays(30);
  private static final FeatureSchema WORKER =
      new FeatureSchema(
          EntityType.WORKER,
          "a worker",
          List.of(
              new Column("open_tasks", ValueType.LONG, "open tasks"),
              new Column("hours_7d", ValueType.DOUBLE, "hours"),
              new Column("last_entry_at", ValueType.INSTANT, "newest entry")));

  private int port;
  private RedisServer server;
  private TestProcessingTimeService clock;
  private OnlineWriter<FeatureVector> writer;
  private OnlineFeatures online;

  @BeforeEach
  void start() throws Exception {
    port = RedisServers.freePort();
    server = RedisServers.started(RedisServers.on(port));
    clock = new TestProcessingTimeService();
    clock.setCurrentTime(0);
    writer = writer(WORKER);
    online = new OnlineFeatures(RedisServers.uri(port), List.of(WORKER));
  }

  @AfterEach
  void stop() throws IOException {
    writer.close();
    online.close();
    server.stop();
  }

  @Test
  void keepsTheGreatestOfWritesInAnyOrder() throws Exception {
    List<FeatureVector> vectors = new ArrayList<>();
    for (int change = 0; change < 40; change++) {
      vectors.add(vector("w-1", AS_OF.plusSeconds(change / 4), change, (long) change));
    }
    Collections.shuffle(vectors, new Random(7));

    for (FeatureVector vector : vectors) {
      writer.write(vector, new NoContext());
      writer.flush(false);
    }

    var row = online.read(EntityType.WORKER, "acme", "w-1").orElseThrow();
    assertThat(row.sequence()).isEqualTo(39);
    assertThat(row.asOf()).isEqualTo(AS_OF.plusSeconds(9));
    assertThat(row.values()).containsEntry("open_tasks", 39L);
  }

  @Test
  void writesANewestVectorOncePerBatchWhateverItsPlaceInIt() throws Exception {
    writer.write(vector("w-1", AS_OF.plusSeconds(1), 2, 7L), new NoContext());
    writer.write(vector("w-1", AS_OF, 1, 3L), new NoContext());
    writer.flush(false);

    assertThat(online.read(EntityType.WORKER, "acme", "w-1").orElseThrow().values())
        .containsEntry("open_tasks", 7L);
  }

  @Test
  void flushesWhenTheIntervalIsOver() throws Exception {
    writer.write(vector("w-1", AS_OF, 1, 3L), new NoContext());
    assertThat(online.read(EntityType.WORKER, "acme", "w-1")).isEmpty();

    clock.advance(20);

    assertThat(online.read(EntityType.WORKER, "acme", "w-1")).isPresent();
  }

  @Test
  void tellsAnUnknownEntityANullAndAnAbsentColumnApart() throws Exception {
    writer.write(vector("w-1", AS_OF, 1, null), new NoContext());
    writer.flush(false);
    List<Column> wider = new ArrayList<>(WORKER.columns());
    wider.add(new Column("new_feature", ValueType.STRING, "new"));
    var schema = new FeatureSchema(EntityType.WORKER, "a worker", wider);

    try (var reader = new OnlineFeatures(RedisServers.uri(port), List.of(schema))) {
      var rows = reader.read(EntityType.WORKER, "acme", List.of("w-0", "w-1"));

      assertThat(rows.get(0)).isEmpty();
      var row = rows.get(1).orElseThrow();
      assertThat(row.values()).containsEntry("open_tasks", null).containsEntry("hours_7d", 12.5);
      assertThat(row.values()).containsEntry("last_entry_at", 1_758_823_656_000_000L);
      assertThat(row.absent()).containsExactly("new_feature");
    }
  }

  @Test
  void laysAnEntityOutInBytesAsFeastDoes() throws Exception {
    writer.write(vector("w-1", AS_OF, 1, 17L), new NoContext());
    writer.flush(false);

    // join keys company_id and worker_id, both strings, then the project
    byte[] key =
        HexFormat.of()
            .parseHex(
                "02000000"
                    + "020000000a000000636f6d70616e795f6964"
                    + "0200000009000000776f726b65725f6964"
                    + "020000000400000061636d65"
                    + "0200000003000000772d31"
                    + "6372657763617374");
    try (Jedis jedis = new Jedis(RedisServers.uri(port))) {
      Map<byte[], byte[]> hash = jedis.hgetAll(key);
      assertThat(jedis.pttl(key)).isBetween(1L, MONTH.toMillis());
      assertThat(hex(hash, FeastCodec.field("worker_features", "open_tasks"))).isEqualTo("2011");
      assertThat(hex(hash, FeastCodec.timestampField("worker_features")))
          .isEqualTo("08c0f2b9d50610c0a9d33a");
    }
  }

  @Test
  void namesAPairByBothIdsInTheOrderOfTheirNames() throws Exception {
    var pairs = new FeatureSchema(EntityType.WORKER_PROJECT, "a pair", WORKER.columns());
    FeatureVector vector = vector("k%2Fm/a/b", AS_OF, 1, 17L);
    vector.setEntity(EntityType.WORKER_PROJECT);
    try (var pairWriter = writer(pairs);
        var reader = new OnlineFeatures(RedisServers.uri(port), List.of(pairs));
        Jedis jedis = new Jedis(RedisServers.uri(port))) {
      pairWriter.write(vector, new NoContext());
      pairWriter.flush(false);

      // join keys company_id, project_id and worker_id, all strings, then the project
      byte[] key =
          HexFormat.of()
              .parseHex(
                  "03000000"
                      + "020000000a000000636f6d70616e795f6964"
                      + "020000000a00000070726f6a6563745f6964"
                      + "0200000009000000776f726b65725f6964"
                      + "020000000400000061636d65"
                      + "0200000003000000612f62"
                      + "02000000030000006b2f6d"
                      + "6372657763617374");
      Map<byte[], byte[]> hash = jedis.hgetAll(key);
      assertThat(hex(hash, FeastCodec.field("worker_project_features", "open_tasks")))
          .isEqualTo("2011");
      assertThat(reader.read(EntityType.WORKER_PROJECT, "acme", "k%2Fm/a/b")).isPresent();
      assertThat(reader.read(EntityType.WORKER_PROJECT, "acme", "k/m/a/b")).isEmpty();
    }
  }

  /** A new server has lost the script too. */
  @Test
  void losesNothingOfWhatIsWrittenWhileRedisGoesAwayAndComesBackEmpty() throws Exception {
    CountDownLatch missed = new CountDownLatch(3);
    var noticing = new Noticing(missed);
    var view = new FeatureViews(List.of(WORKER), MONTH);
    try (var writes = new OnlineWrites<>(RedisAddress.of(RedisServers.uri(port)), view, noticing)) {
      writes.write(List.of(vector("w-0", AS_OF, 1, 1L)));
      server.stop();
      var load = CompletableFuture.runAsync(() -> writeAll(writes, 1_000));
      missed.await();

      server = RedisServers.started(RedisServers.on(port));
      load.get(30, TimeUnit.SECONDS);
    }

    assertThat(noticing.landed.get()).isEqualTo(1_001);
    assertThat(online.read(EntityType.WORKER, "acme", "w-0")).isEmpty();
    for (var row : online.read(EntityType.WORKER, "acme", List.of("w-1", "w-50", "w-100"))) {
      assertThat(row.orElseThrow().sequence()).isEqualTo(10);
    }
  }

  /** Ten changes of each of a hundred workers, a batch a change. */
  private static void writeAll(OnlineWrites<FeatureVector> writes, int count) {
    for (int change = 1; change <= count / 100; change++) {
      List<FeatureVector> batch = new ArrayList<>();
      for (int worker = 1; worker <= 100; worker++) {
        batch.add(vector("w-" + worker, AS_OF.plusSeconds(change), change, (long) change));
      }
      try {
        writes.write(batch);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static final class Noticing implements OnlineWrites.Watch {
    private final CountDownLatch missed;
    private final AtomicLong landed = new AtomicLong();

    Noticing(CountDownLatch missed) {
      this.missed = missed;
    }

    @Override
    public void answered(int rows, long nanos) {}

    @Override
    public void taken(boolean newest) {
      if (newest) {
        landed.incrementAndGet();
      }
    }

    @Override
    public void retried() {
      missed.countDown();
    }
  }

  @Test
  void readsAgainFromAServerThatWasStartedAnew() throws Exception {
    assertThat(online.read(EntityType.WORKER, "acme", "w-1")).isEmpty();
    server.stop();
    server = RedisServers.started(RedisServers.on(port));

    assertThat(online.read(EntityType.WORKER, "acme", "w-1")).isEmpty();
  }

  @Test
  void givesAnEntityItsWholeTimeToLiveAgainOnceInAHundredthOfIt() throws Exception {
    byte[] key = FeastView.of(WORKER).key("acme", List.of("w-1"));
    byte[] stands = FeastView.of(WORKER).sequenceField();
    writer.write(vector("w-1", AS_OF, 1, 1L), new NoContext());
    writer.flush(false);
    try (Jedis jedis = new Jedis(RedisServers.uri(port))) {
      String extended = new String(jedis.hget(key, stands), StandardCharsets.US_ASCII);
      assertThat(extended).matches("1789819200123000 0000000000000001 [0-9]+");
      jedis.hset(
          key, stands, extended.replaceAll(" [0-9]+$", " 7").getBytes(StandardCharsets.US_ASCII));
      jedis.pexpire(key, 60_000);

      writer.write(vector("w-1", AS_OF, 1, 1L), new NoContext());
      writer.flush(false);

      assertThat(jedis.pttl(key)).isGreaterThan(Duration.ofDays(29).toMillis());
    }
  }

  @Test
  void writesARowAgainThatAnOlderJobWroteWithFewerColumns() throws Exception {
    writer.write(vector("w-1", AS_OF, 1, 1L), new NoContext());
    writer.flush(false);

    writer.write(vector("w-1", AS_OF, 1, 2L), new NoContext());
    writer.flush(false);

    assertThat(online.read(EntityType.WORKER, "acme", "w-1").orElseThrow().number("open_tasks"))
        .hasValue(2);
  }

  @Test
  void tellsWhatIsMissingStaleAndOfAnotherTypeApart() throws Exception {
    writer.write(vector("w-1", AS_OF, 1, null), new NoContext());
    writer.flush(false);

    var row = online.read(EntityType.WORKER, "acme", "w-1").orElseThrow();

    assertThat(row.isStale(AS_OF.plusSeconds(60), Duration.ofMinutes(1))).isFalse();
    assertThat(row.isStale(AS_OF.plusSeconds(61), Duration.ofMinutes(1))).isTrue();
    assertThat(row.number("open_tasks")).isEmpty();
    assertThat(row.number("hours_7d")).hasValue(12.5);
    assertThat(row.instant("last_entry_at")).hasValue(Instant.ofEpochSecond(1_758_823_656));
    assertThatThrownBy(() -> row.text("hours_7d"))
        .hasMessage("hours_7d of worker is a double: ask for that");
    assertThatThrownBy(() -> row.number("hours"))
        .hasMessageStartingWith("There is no feature hours of worker; choose one of [open_tasks,");
  }

  @Test
  void loadsItsScriptAgainWhenTheServerForgotIt() throws Exception {
    writer.write(vector("w-1", AS_OF, 1, 1L), new NoContext());
    writer.flush(false);
    try (Jedis jedis = new Jedis(RedisServers.uri(port))) {
      jedis.scriptFlush();
    }
    writer.write(vector("w-1", AS_OF, 2, 2L), new NoContext());

    writer.flush(false);

    assertThat(online.read(EntityType.WORKER, "acme", "w-1").orElseThrow().sequence()).isEqualTo(2);
  }

  private OnlineWriter<FeatureVector> writer(FeatureSchema schema) {
    var store = new OnlineStore(RedisAddress.of(RedisServers.uri(port)), MONTH);
    return new OnlineWriter<>(
        store,
        new FeatureViews(List.of(schema), MONTH),
        clock,
        InternalSinkWriterMetricGroup.wrap(
            UnregisteredMetricGroups.createUnregisteredOperatorMetricGroup()));
  }

  private static String hex(Map<byte[], byte[]> hash, byte[] field) {
    return hash.entrySet().stream()
        .filter(entry -> Arrays.equals(entry.getKey(), field))
        .map(entry -> HexFormat.of().formatHex(entry.getValue()))
        .findFirst()
        .orElse("absent");
  }

  private static FeatureVector vector(
      String workerId, Instant asOf, long sequence, @Nullable Long openTasks) {
    return FeatureVector.newBuilder()
        .setEntity(EntityType.WORKER)
        .setCompanyId("acme")
        .setEntityId(workerId)
        .setAsOf(asOf)
        .setSequence(sequence)
        .setValues(Arrays.asList(openTasks, 12.5, 1_758_823_656_123_456L))
        .build();
  }

  private static final class NoContext
      implements org.apache.flink.api.connector.sink2.SinkWriter.Context {
    @Override
    public long currentWatermark() {
      return Long.MIN_VALUE;
    }

    @Override
    public @Nullable Long timestamp() {
      return null;
    }
  }
}
