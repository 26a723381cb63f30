package io.crewcast.sinks.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.schemas.Contribution;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureSchema.Column;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.ValueType;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.runtime.metrics.groups.InternalSinkWriterMetricGroup;
import org.apache.flink.runtime.metrics.groups.UnregisteredMetricGroups;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.embedded.RedisServer;

class OnlinePredictionsTest {

  private static final Instant AS_OF = Instant.parse("2026-09-19T12:00:00.123Z");
  private static final Instant SCORED_AT = Instant.parse("2026-09-19T12:00:01Z");
  private static final Duration MONTH = Duration.ofDays(30);
  private static final Duration WEEK = Duration.ofDays(7);
  private static final PredictionSchema LATE =
      new PredictionSchema("late", EntityType.TASK, List.of("score"));
  private static final PredictionSchema LOAD =
      new PredictionSchema("load", EntityType.WORKER, List.of("p10", "p50"));

  private int port;
  private RedisServer server;
  private OnlineWrites<Prediction> writes;
  private OnlinePredictions online;

  @BeforeEach
  void start() throws Exception {
    port = RedisServers.freePort();
    server = RedisServers.started(RedisServers.on(port));
    RedisAddress address = RedisAddress.of(RedisServers.uri(port));
    writes =
        new OnlineWrites<>(
            address,
            new PredictionViews(List.of(LATE, LOAD), MONTH, WEEK),
            new WriteMetrics(
                InternalSinkWriterMetricGroup.wrap(
                    UnregisteredMetricGroups.createUnregisteredOperatorMetricGroup())));
    online = new OnlinePredictions(address, List.of(LATE, LOAD));
  }

  @AfterEach
  void stop() throws IOException {
    writes.close();
    online.close();
    server.stop();
  }

  @Test
  void keepsTheNewestOfEachEntityAndModel() throws Exception {
    Prediction older = prediction("late", "t-1", AS_OF.minusSeconds(1), Map.of("score", 0.1));
    older.setScoredAt(SCORED_AT.plusSeconds(60));
    writes.write(List.of(prediction("late", "t-1", AS_OF, Map.of("score", 0.7))));
    writes.write(List.of(older, prediction("load", "w-1", AS_OF, Map.of("p10", 1.0, "p50", 2.0))));

    var late = online.read("late", "acme", List.of("t-0", "t-1"));
    assertThat(late.get(0)).isEmpty();
    assertThat(late.get(1))
        .hasValue(
            new OnlinePredictions.Latest(
                "late-t-1-" + AS_OF,
                "e-1",
                null,
                "late",
                3,
                PredictionRole.CHAMPION,
                AS_OF,
                SCORED_AT,
                Map.of("score", 0.7),
                0.4,
                Map.of("worker.open_tasks", 1.5, "task.phase", -0.5)));
    assertThat(online.read("load", "acme", List.of("w-1")).get(0).orElseThrow().outputs())
        .containsExactly(Map.entry("p10", 1.0), Map.entry("p50", 2.0));
    assertThatThrownBy(() -> online.read("other", "acme", List.of("w-1")))
        .hasMessageStartingWith("No predictions of other are kept online; choose one of");
  }

  @Test
  void standBesideTheFeaturesOfTheSameEntity() throws Exception {
    var worker =
        new FeatureSchema(
            EntityType.WORKER,
            "a worker",
            List.of(new Column("open_tasks", ValueType.LONG, "open tasks")));
    FeatureVector vector =
        FeatureVector.newBuilder()
            .setEntity(EntityType.WORKER)
            .setCompanyId("acme")
            .setEntityId("w-1")
            .setAsOf(AS_OF)
            .setSequence(1)
            .setValues(List.of(17L))
            .build();
    RedisAddress address = RedisAddress.of(RedisServers.uri(port));
    writes.write(
        List.of(
            prediction("load", "w-1", AS_OF, Map.of("p10", 1.0, "p50", 2.0)),
            prediction("late", "t-1", AS_OF, Map.of("score", 0.7))));
    try (var features =
            new OnlineWrites<>(
                address,
                new FeatureViews(List.of(worker), MONTH),
                new WriteMetrics(
                    InternalSinkWriterMetricGroup.wrap(
                        UnregisteredMetricGroups.createUnregisteredOperatorMetricGroup())));
        var reader = new OnlineFeatures(address, List.of(worker));
        Jedis jedis = new Jedis(RedisServers.uri(port))) {
      features.write(List.of(vector));

      assertThat(reader.read(EntityType.WORKER, "acme", "w-1").orElseThrow().number("open_tasks"))
          .hasValue(17);
      assertThat(online.read("load", "acme", List.of("w-1")).get(0)).isPresent();
      assertThat(jedis.dbSize()).isEqualTo(2);
      assertThat(jedis.pttl(LOAD.view().key("acme", List.of("w-1"))))
          .isBetween(WEEK.toMillis() + 1, MONTH.toMillis());
      assertThat(jedis.pttl(LATE.view().key("acme", List.of("t-1"))))
          .isBetween(1L, WEEK.toMillis());
    }
  }

  @Test
  void areThoseThatServedAndNoShadows() {
    var views = new PredictionViews(List.of(LATE), MONTH, WEEK);
    Prediction shadow = prediction("late", "t-1", AS_OF, Map.of("score", 0.1));
    shadow.setRole(PredictionRole.SHADOW);

    assertThat(Optional.ofNullable(views.identity(shadow))).isEmpty();
    assertThat(Optional.ofNullable(views.identity(prediction("load", "w-1", AS_OF, Map.of()))))
        .isEmpty();
    assertThat(views.identity(prediction("late", "t-1", AS_OF, Map.of())))
        .isEqualTo("late/acme:t-1");
  }

  private static Prediction prediction(
      String model, String entityId, Instant asOf, Map<String, Double> outputs) {
    return Prediction.newBuilder()
        .setPredictionId(model + "-" + entityId + "-" + asOf)
        .setCompanyId("acme")
        .setEntity("task")
        .setEntityId(entityId)
        .setEventId("e-1")
        .setTrigger("task")
        .setModel(model)
        .setModelVersion(3)
        .setRole(PredictionRole.CHAMPION)
        .setOutputs(outputs)
        .setConfidence(0.4)
        .setInputs(List.of())
        .setContributions(
            List.of(
                new Contribution("worker.open_tasks", 2.0, 1.5),
                new Contribution("task.phase", "code", -0.5)))
        .setAsOf(asOf)
        .setScoredAt(SCORED_AT)
        .build();
  }
}
