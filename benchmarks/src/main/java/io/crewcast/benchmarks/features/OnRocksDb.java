package io.crewcast.benchmarks.features;

import io.crewcast.benchmarks.measure.Directories;
import io.crewcast.benchmarks.measure.TaskManager;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.operators.testutils.MockEnvironmentBuilder;
import org.apache.flink.runtime.state.storage.FileSystemCheckpointStorage;
import org.apache.flink.runtime.util.TestingTaskManagerRuntimeInfo;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;

/**
 * One keyed operator, driven from the thread that calls, its state and timers in a RocksDB on disk
 * as {@code flink-conf/config.yaml} sets it up, with the memory of one slot. What it puts out is
 * counted and dropped.
 *
 * @param <T> what the operator takes
 * @param <R> what it puts out
 */
final class OnRocksDb<T, R> implements AutoCloseable {

  private static final int KEY_GROUPS = 128;

  private final Path directory = Files.createTempDirectory("crewcast-rocksdb");
  private final CountingOutput<R> output = new CountingOutput<>();
  private final MockEnvironment environment;
  private final KeyedOneInputStreamOperatorTestHarness<String, T, R> harness;
  private final long checkpointEveryNanos;
  private long checkpointedAt = System.nanoTime();
  private long checkpoints;

  OnRocksDb(OneInputStreamOperator<T, R> operator, KeySelector<T, String> key) throws Exception {
    this(operator, key, true);
  }

  /**
   * @param inMemory whether the operator may keep state in memory, as much as in one slot
   */
  OnRocksDb(OneInputStreamOperator<T, R> operator, KeySelector<T, String> key, boolean inMemory)
      throws Exception {
    TaskManager taskManager = TaskManager.ofTheCheckout();
    Configuration shared = new Configuration(taskManager.configuration());
    if (!inMemory) {
      shared.set(TaskManagerOptions.NUM_TASK_SLOTS, Integer.MAX_VALUE); // nothing is left for one
    }
    checkpointEveryNanos =
        taskManager.configuration().get(CheckpointingOptions.CHECKPOINTING_INTERVAL).toNanos();
    environment =
        new MockEnvironmentBuilder()
            .setTaskName("benchmark")
            .setTaskManagerRuntimeInfo(new TestingTaskManagerRuntimeInfo(shared))
            .setManagedMemorySize(taskManager.managedMemoryOfASlot())
            .setExecutionConfig(new ExecutionConfig().enableObjectReuse())
            .setMaxParallelism(KEY_GROUPS)
            .setParallelism(1)
            .setSubtaskIndex(0)
            .build();
    var backend =
        new EmbeddedRocksDBStateBackend()
            .configure(taskManager.configuration(), OnRocksDb.class.getClassLoader());
    backend.setDbStoragePath(Files.createDirectory(directory.resolve("db")).toString());
    harness =
        new KeyedOneInputStreamOperatorTestHarness<>(operator, key, Types.STRING, environment);
    harness.setStateBackend(backend);
    harness.setCheckpointStorage(
        new FileSystemCheckpointStorage(directory.resolve("checkpoints").toUri()));
    harness.setOutputCreator(serializer -> output);
    harness.open();
  }

  void process(T value, long eventTimeMillis) throws Exception {
    harness.processElement(new StreamRecord<>(value, eventTimeMillis));
  }

  /** Event time goes on, and timers that are due fire. */
  void watermark(long eventTimeMillis) throws Exception {
    harness.processWatermark(eventTimeMillis);
  }

  /** Takes a checkpoint when the interval since the last one is over. */
  void checkpointIfDue() throws Exception {
    if (System.nanoTime() - checkpointedAt >= checkpointEveryNanos) {
      checkpoint();
    }
  }

  /** What is in memory goes to disk. */
  void checkpoint() throws Exception {
    harness.snapshot(++checkpoints, 0).discardState();
    checkpointedAt = System.nanoTime();
  }

  /** How many records came out so far, those to the side included. */
  long records() {
    return output.records();
  }

  @Override
  public void close() throws Exception {
    harness.close();
    environment.close();
    Directories.delete(directory);
  }
}
