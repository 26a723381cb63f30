package io.crewcast.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crewcast.local.stack.FlinkClient;
import io.crewcast.local.stack.Home;
import io.crewcast.local.stack.LocalStack;
import io.crewcast.local.stack.Part;
import io.crewcast.schemas.Alert;
import io.crewcast.schemas.AlertSeverity;
import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.Observation;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.RolloutStage;
import io.crewcast.schemas.serde.Feed;
import io.crewcast.schemas.serde.RecordEncoder;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.scoring.fixture.Served;
import io.crewcast.sinks.kafka.FollowedTopic;
import io.crewcast.sinks.kafka.RolloutPublisher;
import io.crewcast.sinks.kafka.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.JobStatus;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bad challenger is rolled back without a hand by the job from the jar, on real topics. */
class ClosedLoopStackIT {

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
  private static final int UNITS = 400;
  private static final String EXPERIMENT =
      """
      experiment: trial
      about: Whether it helps
      model: task_overrun
      unit: project
      variations: {champion: 1, challenger: 2}
      start: 2026-03-01T00:00:00Z
      end: 2026-04-01T00:00:00Z
      planned_units: 400
      act: automatic
      goals:
        accepted: {from: accepted, kind: mean, window: 1d, good: increase}
      guardrails:
        complained: {from: complaint, kind: proportion, window: 1d, good: decrease, margin: 0.02}
      """;

  @TempDir private Path folder;

  private final List<Feed.Following> followed = new ArrayList<>();

  @AfterEach
  void closes() {
    followed.forEach(Feed.Following::close);
  }

  private <T extends SpecificRecord> List<T> follow(
      LocalStack stack, SchemaRegistry registry, Topic topic, Class<T> type) {
    List<T> heard = new CopyOnWriteArrayList<>();
    followed.add(
        new FollowedTopic<>(stack.bootstrapServers(), registry, topic, type)
            .follow(published -> heard.add(published.value())));
    return heard;
  }

  @Test
  void rollsABadChallengerBackAndTellsItOnceAndSetsABrokenRecordAside() throws Exception {
    try (LocalStack stack = LocalStack.start(Part.KAFKA, Part.REGISTRY, Part.FLINK)) {
      var registry = new SchemaRegistry(stack.registryUrl().toString());
      Topics.create(stack.bootstrapServers(), List.of(Topic.values()));
      try (var publisher = new RolloutPublisher(stack.bootstrapServers(), registry)) {
        publisher.publish(Served.trial(0.5, Instant.now()));
      }
      int partitions = Topics.ends(stack.bootstrapServers(), Topic.OBSERVATIONS).size();
      List<ModelRollout> rollouts =
          follow(stack, registry, Topic.MODEL_ROLLOUTS, ModelRollout.class);
      List<Alert> alerts = follow(stack, registry, Topic.ALERTS, Alert.class);
      List<DeadLetter> letters = follow(stack, registry, Topic.DEAD_LETTERS, DeadLetter.class);
      FlinkClient flink = stack.flink().client();
      flink.await(start(flink, stack), JobStatus.RUNNING, PATIENCE);

      try (var producer =
          new KafkaProducer<>(
              Map.<String, Object>of("bootstrap.servers", stack.bootstrapServers()),
              new StringSerializer(),
              new ByteArraySerializer())) {
        var predictions = RecordEncoder.of(Topic.PREDICTIONS, registry);
        var observations = RecordEncoder.of(Topic.OBSERVATIONS, registry);
        history()
            .forEach(
                (at, values) -> {
                  for (Object value : values) {
                    boolean isServed = value instanceof Prediction;
                    var unused =
                        producer.send(
                            new ProducerRecord<>(
                                (isServed ? Topic.PREDICTIONS : Topic.OBSERVATIONS).topicName(),
                                "acme",
                                value instanceof Prediction served
                                    ? predictions.encode(served)
                                    : observations.encode((Observation) value)));
                  }
                });
        byte[] broken = "no Avro".getBytes(StandardCharsets.UTF_8);
        producer.send(new ProducerRecord<>(Topic.OBSERVATIONS.topicName(), "x", broken)).get();
        AtomicInteger ticks = new AtomicInteger();
        await()
            .atMost(PATIENCE)
            .until(
                () -> {
                  Instant at =
                      START.plus(Duration.ofDays(25)).plusSeconds(60L * ticks.incrementAndGet());
                  byte[] tick = observations.encode(Served.observed("acme", "tick", 0, at));
                  for (int partition = 0; partition < partitions; partition++) {
                    var unused =
                        producer.send(
                            new ProducerRecord<>(
                                Topic.OBSERVATIONS.topicName(), partition, "acme", tick));
                  }
                  return rollouts.size() >= 3 && !alerts.isEmpty() && !letters.isEmpty();
                });
      }
      assertThat(rollouts).hasSize(3);
      assertThat(rollouts.subList(1, 3))
          .extracting(ModelRollout::getStage)
          .containsExactly(RolloutStage.PREPARE, RolloutStage.ACTIVATE);
      ModelRollout stopped = rollouts.get(2);
      assertThat(stopped.getRolloutId()).startsWith("stop-");
      assertThat(stopped.getChampion()).isEqualTo(1);
      assertThat(stopped.getChallenger()).isNull();
      assertThat(stopped.getCoverage()).isZero();
      assertThat(stopped.getReason()).startsWith("experiment.trial: complained of challenger");
      assertThat(stopped.getReplaces().getRolloutId()).isEqualTo("rollout-1");
      assertThat(alerts)
          .singleElement()
          .satisfies(
              alert -> {
                assertThat(alert.getSeverity()).isEqualTo(AlertSeverity.CRITICAL);
                assertThat(alert.getSubject()).isEqualTo("experiment.trial");
              });
      assertThat(letters)
          .singleElement()
          .extracting(DeadLetter::getTopic)
          .isEqualTo(Topic.OBSERVATIONS.topicName());
    }
  }

  private String start(FlinkClient flink, LocalStack stack) throws IOException {
    Path conf = folder.resolve("flink-conf");
    for (String part : List.of("features", "models")) {
      Files.createDirectories(conf.resolve(part));
      try (Stream<Path> files = Files.list(Home.find().flinkConf().resolve(part))) {
        for (Path file : files.toList()) {
          Files.copy(file, conf.resolve(part).resolve(file.getFileName()));
        }
      }
    }
    Files.createDirectories(conf.resolve("experiments"));
    Files.writeString(conf.resolve("experiments/trial.yaml"), EXPERIMENT);
    List<String> arguments =
        List.of(
            "--bootstrap-servers",
            stack.bootstrapServers(),
            "--registry",
            stack.registryUrl().toString(),
            "--definitions",
            conf.toString(),
            "--idleness",
            "1 s",
            "--max-drift",
            "60 d");
    return flink.run(
        flink.upload(Home.find().jobsJar()),
        FlinkClient.Run.of("io.crewcast.jobs.ExperimentJob", arguments)
            .withParallelism(2)
            .with(Map.of("execution.checkpointing.interval", "2 s")));
  }

  /** Units of which many complain where the challenger serves, in the order of time. */
  private static Map<Instant, List<Object>> history() {
    var random = new SplittableRandom(21);
    Map<Instant, List<Object>> history = new TreeMap<>();
    for (int unit = 0; unit < UNITS; unit++) {
      String project = "acme:project-" + unit;
      boolean isChallenged = unit % 2 == 1;
      Instant at = START.plus(Duration.ofMinutes(60L * unit));
      String variation = isChallenged ? "challenger" : "champion";
      put(history, at, Served.prediction("prediction-" + unit, project, variation, at).build());
      if (random.nextDouble() < (isChallenged ? 0.5 : 0.05)) {
        Instant complained = at.plus(Duration.ofHours(3));
        put(history, complained, Served.observed(project, "complaint", 1, complained));
      }
      Instant accepted = at.plus(Duration.ofHours(5));
      put(history, accepted, Served.observed(project, "accepted", random.nextInt(2), accepted));
    }
    return history;
  }

  private static void put(Map<Instant, List<Object>> history, Instant at, Object value) {
    history.computeIfAbsent(at, absent -> new ArrayList<>()).add(value);
  }
}
