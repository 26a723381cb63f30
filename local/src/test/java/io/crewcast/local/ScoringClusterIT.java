package io.crewcast.local;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.features.definition.Definitions;
import io.crewcast.local.ingest.BrokenFile;
import io.crewcast.local.ingest.BrokenRecord;
import io.crewcast.local.ingest.EventFile;
import io.crewcast.local.ingest.Replay;
import io.crewcast.local.ingest.Speed;
import io.crewcast.local.oracle.Agreement;
import io.crewcast.local.oracle.CommittedOffsets;
import io.crewcast.local.oracle.CommittedRecords;
import io.crewcast.local.oracle.DeliveredRows;
import io.crewcast.local.simulation.Simulation;
import io.crewcast.local.simulation.SimulationOptions;
import io.crewcast.local.stack.FlinkClient;
import io.crewcast.local.stack.Home;
import io.crewcast.local.stack.LocalStack;
import io.crewcast.local.stack.Part;
import io.crewcast.local.verify.FeatureVerification;
import io.crewcast.local.verify.Selection;
import io.crewcast.local.verify.VerificationReport;
import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.serde.RecordDecoder;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.sinks.kafka.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.io.FileUtils;
import org.apache.flink.api.common.JobStatus;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The fat jar on a cluster of its own processes, from Kafka to Kafka, Redis and Parquet, exactly
 * once, while a TaskManager is killed: simulated events with all that goes wrong in them.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ScoringClusterIT {
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final String GROUP = "scoring-cluster-it";

  @TempDir static Path folder;
  private LocalStack stack;
  private SchemaRegistry registry;
  private Definitions definitions;
  private Simulation.Outcome simulated;
  private FlinkClient.Checkpoints checkpoints;
  private String savepoint;

  @BeforeAll
  void runsTheJobWhileATaskManagerIsKilled() throws Exception {
    stack = LocalStack.start(Part.values());
    registry = new SchemaRegistry(stack.registryUrl().toString());
    definitions = Definitions.load(Home.find().flinkConf());
    Topics.create(stack.bootstrapServers(), List.of(Topic.values()));
    simulated = Simulation.run(simulation());
    Path events = folder.resolve("events.avro");
    EventFile.write(events, simulated.events());
    BrokenFile.write(BrokenFile.beside(events), simulated.broken());
    Instant half = EventFile.recordedAt(simulated.events().get(simulated.events().size() / 2));

    FlinkClient flink = stack.flink().client();
    String job = start(flink, Home.find().flinkConf(), lake(), null);
    replay(events, new Replay.Range(null, half));
    flink.await(job, JobStatus.RUNNING, PATIENCE);
    var offsets = new CommittedOffsets(stack.bootstrapServers(), GROUP, Topic.WORK_EVENTS);
    offsets.awaitSome(PATIENCE);
    stack.flink().killTaskManager();
    replay(events, new Replay.Range(half, null));
    stack.flink().startTaskManager();
    stack.flink().awaitTaskManagers();
    offsets.awaitAll(PATIENCE);
    checkpoints = flink.checkpoints(job);
    savepoint = flink.stopWithSavepoint(job, PATIENCE);
  }

  private static SimulationOptions simulation() {
    SimulationOptions usual = SimulationOptions.of(7, 4_000);
    return new SimulationOptions(
        usual.seed(),
        usual.events(),
        usual.companies(),
        usual.projects(),
        usual.workers(),
        usual.start(),
        usual.span(),
        usual.lateShare(),
        usual.correctionShare(),
        usual.voidShare(),
        usual.reassignmentShare(),
        usual.repeatShare(),
        0.01,
        usual.requests());
  }

  private String start(FlinkClient flink, Path definitions, Path lake, @Nullable String savepoint) {
    List<String> arguments = new ArrayList<>();
    Map.of(
            "bootstrap-servers", stack.bootstrapServers(),
            "registry", stack.registryUrl().toString(),
            "redis", stack.redisUri().toString(),
            "lake", lake.toUri().toString(),
            "definitions", definitions.toString(),
            "delivery", "exactly-once",
            "publish-after", "0 s",
            "group", GROUP)
        .forEach((name, value) -> arguments.addAll(List.of("--" + name, value)));
    return flink.run(
        flink.upload(Home.find().jobsJar()),
        FlinkClient.Run.of("io.crewcast.jobs.ScoringJob", arguments)
            .from(savepoint)
            .withParallelism(4) // all slots: whichever TaskManager is killed, it works for the job
            .with(Map.of("execution.checkpointing.interval", "2 s")));
  }

  private Path lake() {
    return folder.resolve("lake");
  }

  private void replay(Path events, Replay.Range range) throws Exception {
    try (Replay replay = new Replay(stack.bootstrapServers(), stack.registryUrl().toString())) {
      replay.run(events, range, new Speed.Max(), progress -> {});
    }
  }

  @AfterAll
  void stop() {
    stack.close();
  }

  @Test
  void wentOnFromACheckpointWhenATaskManagerWasLost() {
    assertThat(checkpoints.restored()).isPositive();
  }

  @Test
  void goesOnFromASavepointWithAFeatureMoreAndNotWithOneThatMeansSomethingElse() throws Exception {
    FlinkClient flink = stack.flink().client();
    Path changed = folder.resolve("changed");
    FileUtils.copyDirectory(Home.find().flinkConf().toFile(), changed.toFile());
    Path worker = changed.resolve("features/worker.yaml");
    String yaml = Files.readString(worker);
    Path elsewhere = folder.resolve("elsewhere");

    Files.writeString(
        worker,
        yaml.replace("features:\n", "features:\n  entries: {count: entry, about: Entries}\n"));
    String job = start(flink, changed, elsewhere, savepoint);
    flink.await(job, JobStatus.RUNNING, PATIENCE);
    flink.cancel(job);
    flink.await(job, JobStatus.CANCELED, PATIENCE);

    Files.writeString(
        worker, yaml.replace("sum: entry.overtime_minutes", "sum: entry.break_minutes"));
    String refused = start(flink, changed, elsewhere, savepoint);
    assertThatThrownBy(() -> flink.await(refused, JobStatus.RUNNING, PATIENCE))
        .hasMessageContaining("worker: in the savepoint 'overtime_hours_30d' is")
        .hasMessageContaining("give what is new a name of its own")
        .hasMessageNotContaining("\n");
  }

  @Test
  void emitsOnlyFeaturesThatSqlOverTheEventsFindsToo() throws Exception {
    for (Selection rows : List.of(Selection.EVERY_ROW, Selection.LAST_ROWS)) {
      VerificationReport report =
          FeatureVerification.run(lake(), Home.find().flinkConf(), rows, result -> {});
      Agreement.ofFeatures(report, 60);
    }
  }

  @Test
  void deliversTheSameRowsToKafkaAndRedisOnceEach() throws Exception {
    Agreement.ofRows(DeliveredRows.compare(stack, lake(), definitions, folder.resolve("topics")));
  }

  @Test
  void scoresEachTaskOnceWhenItStarts() throws Exception {
    Set<String> started = new HashSet<>();
    for (WorkEvent event : simulated.events()) {
      if (event.getPayload() instanceof Task task
          && task.getStatus() == TaskStatus.STARTED
          && task.getPlannedMinutes() != null
          && task.getPlannedMinutes() > 0) {
        started.add(event.getCompanyId() + ':' + task.getTaskId());
      }
    }
    RecordDecoder<Prediction> decoder = RecordDecoder.of(Prediction.class, registry);
    List<String> scored = new ArrayList<>();
    for (byte[] value : CommittedRecords.values(stack.bootstrapServers(), Topic.PREDICTIONS)) {
      Prediction prediction = decoder.decode(value);
      if (prediction.getModel().equals("task_overrun")) { // each model has an occasion of its own
        scored.add(prediction.getCompanyId() + ':' + prediction.getEntityId());
      }
    }

    assertThat(scored).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(started);
  }

  @Test
  void setsEachBrokenRecordAsideWithItsReasonAndGoesOn() throws Exception {
    RecordDecoder<DeadLetter> decoder = RecordDecoder.of(DeadLetter.class, registry);
    List<DeadLetter> letters = new ArrayList<>();
    for (byte[] value : CommittedRecords.values(stack.bootstrapServers(), Topic.DEAD_LETTERS)) {
      letters.add(decoder.decode(value));
    }

    assertThat(simulated.broken()).hasSizeGreaterThan(30);
    assertThat(letters.stream().collect(groupingBy(DeadLetter::getReason, counting())))
        .isEqualTo(
            simulated.broken().stream().collect(groupingBy(BrokenRecord::expected, counting())));
    assertThat(letters).allSatisfy(letter -> assertThat(letter.getDetail()).isNotBlank());
  }
}
