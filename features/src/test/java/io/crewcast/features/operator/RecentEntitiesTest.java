package io.crewcast.features.operator;

import static io.crewcast.features.Events.NOON;
import static io.crewcast.features.Events.entry;
import static io.crewcast.features.Events.event;
import static io.crewcast.features.Events.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.features.Events;
import io.crewcast.features.definition.Definitions;
import io.crewcast.features.definition.EntityDefinition;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.Fact;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.operators.testutils.MockEnvironmentBuilder;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.runtime.util.TestingTaskManagerRuntimeInfo;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What stays in memory between changes is no other than what RocksDB would have given back. */
class RecentEntitiesTest {

  private static final String DEFINITION =
      """
      entity: worker
      about: One worker
      facts:
        entry: {from: time_entry}
        held:  {from: task, while: status == "STARTED"}
      features:
        minutes: {sum: entry.minutes, windows: [1h, 7d, 30d, 365d, total], about: Minutes}
        by_task: {count: entry, by: task_id, at_most: 300, windows: [365d], about: Of the task}
        tasks:   {distinct: entry.task_id, windows: [30d, total], about: Tasks}
        open:    {count: held, about: Tasks held}
        longest: {max: entry.minutes, windows: [7d], about: Longest}
        latest:  {last: entry.occurred_at, about: Newest}
      """;

  private static final int WORKERS = 12;
  private static final int CHANGES = 6_000;
  private static final int BETWEEN_RESTARTS = 500;
  private static final Duration AFTER_ALL = Duration.ofDays(400);

  private static EntityDefinition definition;

  @BeforeAll
  static void define(@TempDir Path directory) throws Exception {
    Files.createDirectories(directory.resolve("features"));
    Files.writeString(directory.resolve("features/worker.yaml"), DEFINITION);
    definition = Definitions.load(directory).entities().get(0);
  }

  /** Many slots share the memory of this JVM: room for all workers, for a few, for none. */
  @ParameterizedTest
  @CsvSource({"1, 1", "1_000, 2", "100_000, 3", "10_000_000, 4"})
  void givesBackWhatAStateInObjectsGives(String slots, long seed) throws Exception {
    Results kept = run(new EmbeddedRocksDBStateBackend(), slots.replace("_", ""), seed);
    Results inObjects = run(new HashMapStateBackend(), "1", seed);

    assertThat(kept.ofChanges()).hasSize(CHANGES).isEqualTo(inObjects.ofChanges());
    assertThat(kept.last()).hasSize(WORKERS).isEqualTo(inObjects.last());
  }

  /**
   * What came out.
   *
   * @param ofChanges vectors, in order: those of time alone may come later or not at all
   * @param last of each worker, when all has left the windows
   */
  private record Results(List<FeatureVector> ofChanges, Map<String, FeatureVector> last) {}

  private static Results run(StateBackend backend, String slots, long seed) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    List<FeatureVector> vectors = new ArrayList<>();
    List<WorkEvent> applied = new ArrayList<>();
    Instant now = NOON;
    var worker = worker(backend, slots);
    worker.open();
    for (int i = 0; i < CHANGES; i++) {
      now = now.plusSeconds(random.nextInt(3_600));
      worker.processWatermark(now.toEpochMilli() - 1);
      boolean retracts = !applied.isEmpty() && random.nextInt(4) == 0;
      WorkEvent gone = retracts ? applied.remove(random.nextInt(applied.size())) : null;
      WorkEvent come = retracts ? null : random(random, i, now);
      if (come != null) {
        applied.add(come);
      }
      worker.processElement(change(gone, come, now), now.toEpochMilli());
      if (i % BETWEEN_RESTARTS == BETWEEN_RESTARTS - 1) {
        vectors.addAll(vectors(worker));
        var snapshot = worker.snapshot(i, i);
        worker.close();
        worker = worker(backend, slots);
        worker.initializeState(snapshot);
        worker.open();
      } else if (random.nextInt(100) == 0) {
        worker.snapshot(i, i).discardState(); // and on with what is in memory
      }
    }
    worker.processWatermark(now.plus(AFTER_ALL).toEpochMilli());
    vectors.addAll(vectors(worker));
    worker.close();
    Map<String, FeatureVector> last = new HashMap<>();
    vectors.forEach(vector -> last.put(vector.getEntityId(), vector));
    return new Results(vectors.stream().filter(one -> one.getEventId() != null).toList(), last);
  }

  private static List<FeatureVector> vectors(
      KeyedOneInputStreamOperatorTestHarness<String, Change, Change> worker) {
    return new ArrayList<>(worker.getSideOutput(UpdateFeatures.features(EntityType.WORKER)))
        .stream().map(record -> record.getValue()).toList();
  }

  private static WorkEvent random(SplittableRandom random, int number, Instant now) {
    String worker = "worker-" + random.nextInt(WORKERS);
    String id = "fact-" + number;
    Instant occurredAt = now.minusSeconds(random.nextInt(5) == 0 ? random.nextInt(9_000_000) : 60);
    return event(
        "event-" + number,
        occurredAt,
        now,
        random.nextInt(3) == 0
            ? task(id, TaskStatus.STARTED, worker, null)
            : entry(id, worker, "bridge", "task-" + random.nextInt(400), random.nextInt(90)));
  }

  private static Change change(WorkEvent retracted, WorkEvent applied, Instant recordedAt) {
    return Events.change(
        retracted == null ? null : fact(retracted),
        applied == null ? null : fact(applied),
        recordedAt);
  }

  private static Fact fact(WorkEvent event) {
    return Fact.newBuilder().setEvent(event).build();
  }

  private static KeyedOneInputStreamOperatorTestHarness<String, Change, Change> worker(
      StateBackend backend, String slots) throws Exception {
    Configuration taskManager = new Configuration();
    taskManager.set(TaskManagerOptions.NUM_TASK_SLOTS, Integer.parseInt(slots));
    MockEnvironment environment =
        new MockEnvironmentBuilder()
            .setTaskManagerRuntimeInfo(new TestingTaskManagerRuntimeInfo(taskManager))
            .setManagedMemorySize(64 << 20)
            .build();
    var harness =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new GoLive<>(
                new UpdateFeatures(definition, Map.of(EntityType.WORKER, definition.schema())),
                false),
            Keys.entity(EntityType.WORKER),
            Types.STRING,
            environment);
    harness.setStateBackend(backend);
    return harness;
  }
}
