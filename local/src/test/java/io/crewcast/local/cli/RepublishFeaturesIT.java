package io.crewcast.local.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.features.definition.Definitions;
import io.crewcast.jobs.RedisOptions;
import io.crewcast.local.stack.Home;
import io.crewcast.local.stack.LocalStack;
import io.crewcast.local.stack.Part;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureSchema.Column;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.ValueType;
import io.crewcast.schemas.serde.RecordEncoder;
import io.crewcast.schemas.serde.RecordKey;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.sinks.kafka.Topics;
import io.crewcast.sinks.redis.OnlineFeatures;
import io.crewcast.sinks.redis.OnlinePredictions;
import io.crewcast.sinks.redis.PredictionSchema;
import io.crewcast.sinks.redis.RedisAddress;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import picocli.CommandLine;
import redis.clients.jedis.RedisClient;

/** Topics hold three changes of each entity; Redis has come back empty. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RepublishFeaturesIT {

  private static final Instant AS_OF = Instant.parse("2026-01-05T12:00:00.123456Z");
  private static final int ENTITIES = 40;
  private static final int CHANGES = 3;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private LocalStack stack;
  private SchemaRegistry registry;
  private Map<EntityType, FeatureSchema> schemas;
  private PredictionSchema overrun;

  @BeforeAll
  void fillTheTopics() throws Exception {
    stack = LocalStack.start(Part.KAFKA, Part.REGISTRY, Part.REDIS);
    registry = new SchemaRegistry(stack.registryUrl().toString());
    schemas = Definitions.load(Home.find().flinkConf()).schemas();
    overrun =
        ModelSpec.loadAll(Home.find().flinkConf().resolve("models"), schemas).stream()
            .filter(model -> model.name().equals("task_overrun"))
            .map(RedisOptions::schema)
            .findFirst()
            .orElseThrow();
    Topics.create(stack.bootstrapServers(), List.of(Topic.values()));
    try (var producer =
        new KafkaProducer<>(
            Map.<String, Object>of("bootstrap.servers", stack.bootstrapServers()),
            new StringSerializer(),
            new ByteArraySerializer())) {
      for (EntityType entity :
          List.of(
              EntityType.WORKER, EntityType.PROJECT, EntityType.CREW, EntityType.WORKER_PROJECT)) {
        FeatureSchema schema = schemas.get(entity);
        Topic topic = Topic.featuresOf(entity);
        RecordEncoder encoder = RecordEncoder.of(topic, schema.avro(), registry);
        for (FeatureVector vector : vectors(schema)) {
          producer
              .send(
                  new ProducerRecord<>(
                      topic.topicName(),
                      RecordKey.of(vector),
                      encoder.encode(schema.row(vector, schema.avro()))))
              .get();
        }
      }
      producer
          .send(
              new ProducerRecord<>(
                  Topic.featuresOf(EntityType.WORKER).topicName(), "x", new byte[] {1}))
          .get();
      RecordEncoder encoder = RecordEncoder.of(Topic.PREDICTIONS, registry);
      for (int change = 1; change <= CHANGES; change++) {
        producer
            .send(
                new ProducerRecord<>(
                    Topic.PREDICTIONS.topicName(), "acme:e-1", encoder.encode(prediction(change))))
            .get();
      }
    }
  }

  @AfterAll
  void stop() {
    stack.close();
  }

  @BeforeEach
  void redisIsEmptyAndNothingIsSaid() {
    try (RedisClient redis = RedisClient.create(stack.redisUri())) {
      redis.flushAll();
    }
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
  }

  @Test
  void writesEachEntitysNewestRow() {
    assertThat(republish("--predictions")).as(err.toString()).isZero();

    try (var online = new OnlineFeatures(stack.redisUri(), schemas.values())) {
      for (EntityType entity : List.of(EntityType.WORKER, EntityType.PROJECT, EntityType.CREW)) {
        FeatureSchema schema = schemas.get(entity);
        var rows =
            online.read(
                entity, "acme", IntStream.range(0, ENTITIES).mapToObj(i -> "e-" + i).toList());
        for (int i = 0; i < ENTITIES; i++) {
          var row = rows.get(i).orElseThrow();
          FeatureVector newest = vector(schema, i, CHANGES);
          assertThat(row.asOf()).isEqualTo(newest.getAsOf());
          assertThat(row.sequence()).isEqualTo(CHANGES);
          assertThat(new ArrayList<>(row.values().values())).isEqualTo(newest.getValues());
        }
      }
      assertThat(
              online.read(EntityType.WORKER_PROJECT, "acme", "k%2Fm/e-7").orElseThrow().sequence())
          .isEqualTo(CHANGES);
    }
    try (var online = new OnlinePredictions(RedisAddress.of(stack.redisUri()), List.of(overrun))) {
      var latest = online.read("task_overrun", "acme", List.of("e-1", "e-2"));
      assertThat(latest.get(0).orElseThrow().predictionId()).isEqualTo("p-" + CHANGES);
      assertThat(latest.get(1)).isEmpty();
    }
    assertThat(out.toString())
        .containsPattern("worker-features +121 records, of which Redis took [0-9]+: ")
        .containsPattern("predictions +3 records, of which Redis took 1: ");
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .containsPattern("worker-features-[0-9]+@[0-9]+ is passed over: ");
  }

  @Test
  void isWhatFeaturesGetReads() {
    assertThat(republish()).isZero();

    String redis = stack.redisUri().toString();
    assertThat(
            run(
                "features",
                "get",
                "worker",
                "acme",
                "e-1",
                "e-2",
                "--stale-after",
                "1d",
                "--redis",
                redis))
        .isZero();
    assertThat(out.toString())
        .contains("worker e-1: as_of 2026-01-05T12:00:03.123456Z, sequence 3, stale")
        .contains("worker e-2: as_of ");
    assertThat(run("features", "get", "worker", "acme", "e-1", "e-99", "--redis", redis))
        .isEqualTo(1);
    assertThat(err.toString())
        .contains("Redis knows no worker e-99 of company acme: check the ids, and that a live job");
    assertThat(
            run(
                "features",
                "get",
                "worker_project",
                "acme",
                "k/m",
                "e-1",
                "k/m",
                "e-2",
                "--redis",
                redis))
        .isZero();
  }

  private int republish(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "features",
                "republish",
                "--bootstrap-servers",
                stack.bootstrapServers(),
                "--registry",
                stack.registryUrl().toString(),
                "--redis",
                stack.redisUri().toString()));
    arguments.addAll(List.of(more));
    return run(arguments.toArray(String[]::new));
  }

  private int run(String... arguments) {
    CommandLine commands = Crewcast.commandLine();
    return commands
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  private static List<FeatureVector> vectors(FeatureSchema schema) {
    List<FeatureVector> vectors = new ArrayList<>();
    for (int change = 1; change <= CHANGES; change++) {
      for (int i = 0; i < ENTITIES; i++) {
        vectors.add(vector(schema, i, change));
      }
    }
    return vectors;
  }

  private static FeatureVector vector(FeatureSchema schema, int entity, int change) {
    List<@Nullable Object> values = new ArrayList<>();
    for (Column column : schema.columns()) {
      values.add(value(column.type(), entity + change));
    }
    String id = "e-" + entity;
    return FeatureVector.newBuilder()
        .setEntity(schema.entity())
        .setCompanyId("acme")
        .setEntityId(
            schema.entity() == EntityType.WORKER_PROJECT
                ? FeatureSchema.entityId(schema.entity(), List.of("k/m", id))
                : id)
        .setAsOf(AS_OF.plusSeconds(change))
        .setSequence(change)
        .setValues(values)
        .build();
  }

  private static @Nullable Object value(ValueType type, int number) {
    return switch (type) {
      case LONG -> (long) number;
      case DOUBLE -> number % 3 == 0 ? null : (Double) (number / 7.0);
      case INSTANT -> number * 1_000_000L;
      case BOOLEAN -> number % 2 == 0;
      case STRING -> "s" + number;
      case STRINGS -> List.of("a", "b" + number);
      case DOUBLES -> List.of(0.5, (double) number);
    };
  }

  private static Prediction prediction(int change) {
    return Prediction.newBuilder()
        .setPredictionId("p-" + change)
        .setCompanyId("acme")
        .setEntity("task")
        .setEntityId("e-1")
        .setEventId("e-" + change)
        .setTrigger("task")
        .setModel("task_overrun")
        .setModelVersion(1)
        .setRole(PredictionRole.CHAMPION)
        .setOutputs(Map.of("score", 0.5))
        .setInputs(List.of())
        .setAsOf(AS_OF.plusSeconds(change))
        .setScoredAt(AS_OF.plusSeconds(change))
        .build();
  }
}
