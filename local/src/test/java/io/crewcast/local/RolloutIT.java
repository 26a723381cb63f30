package io.crewcast.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crewcast.features.definition.Definitions;
import io.crewcast.local.oracle.CommittedRecords;
import io.crewcast.local.stack.FlinkClient;
import io.crewcast.local.stack.Home;
import io.crewcast.local.stack.LocalStack;
import io.crewcast.local.stack.Part;
import io.crewcast.schemas.Alert;
import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.RolloutStage;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.serde.RecordDecoder;
import io.crewcast.schemas.serde.RecordEncoder;
import io.crewcast.schemas.serde.RecordKey;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.schemas.serde.UnreadableException;
import io.crewcast.scoring.fixture.PublishedModels;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.sinks.kafka.RolloutPublisher;
import io.crewcast.sinks.kafka.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.JobStatus;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The fat jar on two TaskManagers while what serves changes several times a second and one of them
 * is killed: each event is scored once, by the version that the topic says.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RolloutIT {

  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final String MODEL = "task_overrun";
  private static final int BROKEN = 1;
  private static final int FIRST = 2;
  private static final int NEWEST = 6;
  private static final int EVENTS_A_SECOND = 200;

  /** Every 300 ms one; -Dcrewcast.rollouts=200 makes a minute of it. */
  private static final int ROLLOUTS = Integer.getInteger("crewcast.rollouts", 50);

  private static final long ROLLOUT_MILLIS = 300;

  @TempDir static Path folder;
  private LocalStack stack;
  private SchemaRegistry registry;
  private final Map<String, Instant> started = new HashMap<>();
  private final Map<String, List<Prediction>> predictions = new HashMap<>();
  private final List<Activation> activations = new ArrayList<>();
  private long uncounted;

  /** What the topic says, by the rule in the schema's words. */
  private record Activation(ModelRollout rollout, Instant appendedAt) {
    Instant from() {
      Instant noticed = appendedAt.plusSeconds(1);
      return rollout.getEffectiveAt().isBefore(noticed) ? noticed : rollout.getEffectiveAt();
    }
  }

  @BeforeAll
  void changesWhatServesUnderLoadWhileATaskManagerIsKilled() throws Exception {
    stack = LocalStack.start(Part.values());
    registry = new SchemaRegistry(stack.registryUrl().toString());
    Topics.create(stack.bootstrapServers(), List.of(Topic.values()));
    ModelSpec spec = spec();
    for (int version = BROKEN; version <= NEWEST; version++) {
      PublishedModels.publish(
          folder.resolve("models"),
          spec,
          version,
          Map.of("base_score", version / 10.0, "eta", 1e-4)); // its score says which it is
    }
    PublishedModels.corrupt(folder.resolve("models"), spec, BROKEN);

    FlinkClient flink = stack.flink().client();
    String job = start(flink);
    flink.await(job, JobStatus.RUNNING, PATIENCE);
    ScheduledExecutorService clock = Executors.newScheduledThreadPool(2);
    try (RolloutPublisher rollouts = new RolloutPublisher(stack.bootstrapServers(), registry);
        Load load = new Load(stack.bootstrapServers(), registry)) {
      rollOut(rollouts, FIRST);
      Future<?> loading =
          clock.scheduleAtFixedRate(
              load::next, 0, 1_000_000 / EVENTS_A_SECOND, TimeUnit.MICROSECONDS);
      AtomicInteger changes = new AtomicInteger();
      SplittableRandom random = new SplittableRandom(3);
      Future<?> changing =
          clock.scheduleAtFixedRate(
              () -> {
                rollOut(rollouts, random.nextInt(FIRST, NEWEST + 1));
                if (changes.incrementAndGet() == ROLLOUTS / 2) {
                  stack.flink().killTaskManager();
                  stack.flink().startTaskManager();
                }
              },
              ROLLOUT_MILLIS,
              ROLLOUT_MILLIS,
              TimeUnit.MILLISECONDS);
      await().atMost(PATIENCE).until(() -> changes.get() >= ROLLOUTS || changing.isDone());
      changing.cancel(false);
      rollouts.publish(overall());
      rollOut(rollouts, BROKEN);
      await().pollDelay(Duration.ofSeconds(2)).until(() -> true); // it would be in effect
      loading.cancel(false);
      await().until(load::isIdle);
      started.putAll(load.started);
      awaitPredictions(job, flink);
    } finally {
      clock.shutdownNow();
    }
    readRollouts();
  }

  private static ModelSpec spec() throws Exception {
    Path conf = Home.find().flinkConf();
    return ModelSpec.load(
        conf.resolve("models").resolve(MODEL + ".yaml"), Definitions.load(conf).schemas());
  }

  private String start(FlinkClient flink) {
    List<String> arguments = new ArrayList<>();
    Map.of(
            "bootstrap-servers", stack.bootstrapServers(),
            "registry", stack.registryUrl().toString(),
            "lake", folder.resolve("lake").toUri().toString(),
            "models", folder.resolve("models").toString(),
            "definitions", Home.find().flinkConf().toString(),
            "delivery", "exactly-once",
            "publish-after", "0 s",
            "group", "rollout-it")
        .forEach((name, value) -> arguments.addAll(List.of("--" + name, value)));
    return flink.run(
        flink.upload(Home.find().jobsJar()),
        FlinkClient.Run.of("io.crewcast.jobs.ScoringJob", arguments)
            .withParallelism(2)
            .with(Map.of("execution.checkpointing.interval", "2 s")));
  }

  private static void rollOut(RolloutPublisher publisher, int champion) {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    ModelRollout rollout =
        ModelRollout.newBuilder()
            .setModel(MODEL)
            .setRolloutId("to " + champion + " at " + now)
            .setStage(RolloutStage.PREPARE)
            .setChampion(champion)
            .setPublishedAt(now)
            .build();
    try {
      publisher.publish(rollout);
      rollout.setStage(RolloutStage.ACTIVATE);
      rollout.setEffectiveAt(now.plusMillis(1_300));
      publisher.publish(rollout);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What nobody can follow: more than all units. */
  private static ModelRollout overall() {
    return ModelRollout.newBuilder()
        .setModel(MODEL)
        .setRolloutId("overall")
        .setStage(RolloutStage.PREPARE)
        .setChampion(FIRST)
        .setChallenger(NEWEST)
        .setCoverage(2)
        .setPublishedAt(Instant.now().truncatedTo(ChronoUnit.MILLIS))
        .build();
  }

  /** Starts of tasks, recorded as they happen. */
  private static final class Load implements AutoCloseable {
    private final Map<String, Instant> started = new java.util.concurrent.ConcurrentHashMap<>();
    private final KafkaProducer<String, byte[]> producer;
    private final RecordEncoder encoder;
    private int number;

    Load(String bootstrapServers, SchemaRegistry registry) {
      encoder = RecordEncoder.of(Topic.WORK_EVENTS, registry);
      producer =
          new KafkaProducer<>(
              Map.<String, Object>of(
                  "bootstrap.servers", bootstrapServers, "enable.idempotence", true),
              new StringSerializer(),
              new ByteArraySerializer());
    }

    synchronized void next() {
      Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
      String id = "task-" + number++;
      WorkEvent event =
          WorkEvent.newBuilder()
              .setEventId(id + "-started")
              .setCompanyId("acme")
              .setOccurredAt(now)
              .setRecordedAt(now)
              .setSource("rollout-it")
              .setPayload(
                  Task.newBuilder()
                      .setTaskId(id)
                      .setStatus(TaskStatus.STARTED)
                      .setProjectId("project-" + number % 50)
                      .setWorkerId("worker-" + number % 20)
                      .setPlannedMinutes(60.0 + number % 300)
                      .build())
              .build();
      started.put(event.getEventId(), now);
      var unused =
          producer.send(
              new ProducerRecord<>(
                  Topic.WORK_EVENTS.topicName(), RecordKey.of(event), encoder.encode(event)));
    }

    synchronized boolean isIdle() {
      producer.flush();
      return true;
    }

    @Override
    public void close() {
      producer.close();
    }
  }

  private void awaitPredictions(String job, FlinkClient flink) {
    RecordDecoder<Prediction> decoder = RecordDecoder.of(Prediction.class, registry);
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofSeconds(2))
        .until(
            () -> {
              predictions.clear();
              for (byte[] value :
                  CommittedRecords.values(stack.bootstrapServers(), Topic.PREDICTIONS)) {
                Prediction prediction = decoder.decode(value);
                if (prediction.getModel().equals(MODEL)) {
                  predictions
                      .computeIfAbsent(prediction.getEventId(), id -> new ArrayList<>())
                      .add(prediction);
                }
              }
              return predictions.size() >= started.size()
                  || flink.state(job).isGloballyTerminalState();
            });
  }

  private void readRollouts() {
    RecordDecoder<ModelRollout> decoder = RecordDecoder.of(ModelRollout.class, registry);
    CommittedRecords.forEach(
        stack.bootstrapServers(),
        Topic.MODEL_ROLLOUTS,
        record -> {
          try {
            ModelRollout rollout = decoder.decode(record.value());
            if (rollout.getStage() == RolloutStage.ACTIVATE && rollout.getChampion() != BROKEN) {
              activations.add(new Activation(rollout, Instant.ofEpochMilli(record.timestamp())));
            }
          } catch (UnreadableException e) {
            uncounted++;
          }
        });
    activations.sort(java.util.Comparator.comparing(Activation::from));
  }

  @AfterAll
  void stop() {
    stack.close();
  }

  @Test
  void scoresEachEventOnce() {
    assertThat(started).hasSizeGreaterThan(ROLLOUTS * EVENTS_A_SECOND / 5);
    assertThat(predictions.keySet()).isEqualTo(started.keySet());
    assertThat(predictions.values()).allSatisfy(once -> assertThat(once).hasSize(1));
  }

  @Test
  void answersEachEventByTheVersionThatTheTopicSaysForItsInstant() {
    assertThat(uncounted).isZero();
    assertThat(activations).hasSizeGreaterThanOrEqualTo(ROLLOUTS);
    Map<Integer, Integer> served = new HashMap<>();
    started.forEach(
        (event, recordedAt) -> {
          Prediction prediction = predictions.get(event).get(0);
          int expected = championAt(recordedAt);
          assertThat(prediction.getModelVersion())
              .as("%s at %s", event, recordedAt)
              .isEqualTo(expected);
          assertThat(prediction.getRole()).isEqualTo(PredictionRole.CHAMPION);
          // each version answers another number: the one that is named has answered
          assertThat(Math.round(prediction.getOutputs().get("score") * 10)).isEqualTo(expected);
          served.merge(expected, 1, Integer::sum);
        });
    assertThat(served).hasSize(NEWEST - FIRST + 1);
  }

  /** The newest at the job's start until the first activation; else the last one in effect. */
  private int championAt(Instant recordedAt) {
    int champion = NEWEST;
    for (Activation activation : activations) {
      if (!activation.from().isAfter(recordedAt)) {
        champion = activation.rollout().getChampion();
      }
    }
    return champion;
  }

  @Test
  void setsARolloutAsideThatNobodyCanFollow() {
    RecordDecoder<DeadLetter> decoder = RecordDecoder.of(DeadLetter.class, registry);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              List<String> details = new ArrayList<>();
              for (byte[] value :
                  CommittedRecords.values(stack.bootstrapServers(), Topic.DEAD_LETTERS)) {
                details.add(decoder.decode(value).getDetail());
              }
              assertThat(details).containsExactly("coverage 2.0 is outside of 0 to 1");
            });
  }

  @Test
  void leavesTheOldVersionServingWhenABrokenOneIsRolledOutAndSaysSo() throws Exception {
    RecordDecoder<Alert> decoder = RecordDecoder.of(Alert.class, registry);
    List<String> messages = new ArrayList<>();
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              messages.clear();
              for (byte[] value : CommittedRecords.values(stack.bootstrapServers(), Topic.ALERTS)) {
                messages.add(decoder.decode(value).getMessage());
              }
              return messages.stream().anyMatch(m -> m.contains("version " + BROKEN));
            });
    assertThat(messages).anyMatch(m -> m.contains("is not the file that was trained"));
    assertThat(Files.isDirectory(folder.resolve("lake/rollouts"))).isTrue();
  }
}
