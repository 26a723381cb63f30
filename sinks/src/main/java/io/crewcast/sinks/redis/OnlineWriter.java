package io.crewcast.sinks.redis;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.metrics.groups.SinkWriterMetricGroup;

/**
 * Collects the newest element of each identity and writes them together every {@code
 * flushInterval}, when the batch is full, and before each checkpoint. No more than a batch waits:
 * while Redis is away the task does, and so those before it. Runs on the task's thread alone.
 */
final class OnlineWriter<T> implements SinkWriter<T> {

  private final OnlineStore store;
  private final OnlineView<T> view;
  private final Map<String, T> waiting = new LinkedHashMap<>();
  private final ProcessingTimeService clock;
  private final WriteMetrics metrics;
  private final OnlineWrites<T> redis;
  private boolean flushScheduled;

  OnlineWriter(
      OnlineStore store,
      OnlineView<T> view,
      ProcessingTimeService clock,
      SinkWriterMetricGroup metrics) {
    this.store = store;
    this.view = view;
    this.clock = clock;
    this.metrics = new WriteMetrics(metrics);
    this.redis = new OnlineWrites<>(store.address(), view, this.metrics);
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // Flink fails the task when a timer does
  public void write(T element, Context context) throws InterruptedException {
    String identity = view.identity(element);
    if (identity == null) {
      return;
    }
    if (waiting.isEmpty()) {
      metrics.waitsSince(System.nanoTime());
    }
    waiting.merge(identity, element, view::newer);
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

  @Override
  public void flush(boolean endOfInput) throws InterruptedException {
    flush();
  }

  private void flush() throws InterruptedException {
    if (!waiting.isEmpty()) {
      redis.write(waiting.values());
      waiting.clear();
      metrics.nothingWaits();
    }
  }

  @Override
  public void close() {
    redis.close();
  }
}
