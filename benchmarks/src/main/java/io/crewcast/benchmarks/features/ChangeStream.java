package io.crewcast.benchmarks.features;

import io.crewcast.features.operator.GoLive;
import io.crewcast.features.operator.Keys;
import io.crewcast.features.operator.UpdateFeatures;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.stream.Change;
import java.time.Duration;
import java.time.Instant;

/** Changes into the operator that keeps features, one after the other, and time that goes on. */
final class ChangeStream implements AutoCloseable {

  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final OnRocksDb<Change, Change> operator;
  private final WorkerChanges changes;
  private final Watermarks watermarks = new Watermarks();
  private long next;

  ChangeStream(UpdateFeatures features, int workers) throws Exception {
    this(features, workers, true);
  }

  /**
   * @param inMemory whether entities stay in memory between changes
   */
  ChangeStream(UpdateFeatures features, int workers, boolean inMemory) throws Exception {
    var goLive = new GoLive<Change, Change>(features, false);
    operator = new OnRocksDb<>(goLive, Keys.entity(EntityType.WORKER), inMemory);
    changes = WorkerChanges.aDay(workers, START);
  }

  /** Sends the changes of the next days, then writes all to disk. */
  void fill(Duration history) throws Exception {
    send(history);
    operator.checkpoint();
  }

  /** Sends the changes of the next days. */
  void send(Duration time) throws Exception {
    for (long until = next + changes.in(time); next < until; ) {
      update(prepare());
    }
  }

  /** Makes the next change and lets event time go on up to it: timers fire. */
  Change prepare() throws Exception {
    long now = changes.millis(next);
    if (watermarks.isDue(now)) {
      operator.checkpointIfDue();
      operator.watermark(now - 1);
    }
    return changes.change(next++);
  }

  /** Sends what {@link #prepare} made. */
  void update(Change change) throws Exception {
    operator.process(change, changes.millis(next - 1));
  }

  /** Vectors put out so far: one a change, and one whenever time alone changed an entity. */
  long vectors() {
    return operator.records() - next; // each change is put out itself, too
  }

  @Override
  public void close() throws Exception {
    operator.close();
  }
}
