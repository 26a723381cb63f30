package io.crewcast.benchmarks.redis;

import io.crewcast.schemas.FeatureVector;
import io.crewcast.sinks.redis.OnlineSink;
import io.crewcast.sinks.redis.OnlineStore;
import io.crewcast.sinks.redis.RedisAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessage;
import org.apache.flink.streaming.runtime.operators.sink.SinkWriterOperatorFactory;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;

/** The sink of features, driven from the thread that calls as a task drives it. */
final class FeatureSinkHarness implements AutoCloseable {

  private final OneInputStreamOperatorTestHarness<FeatureVector, CommittableMessage<Object>>
      harness;
  private long checkpoints;

  FeatureSinkHarness(URI redis, int batch) throws Exception {
    var store =
        new OnlineStore(RedisAddress.of(redis), Duration.ofDays(400), Duration.ofMillis(20), batch);
    var sink = OnlineSink.ofFeatures(store, List.of(WorkerRows.schema()));
    harness = new OneInputStreamOperatorTestHarness<>(new SinkWriterOperatorFactory<>(sink));
    harness.getExecutionConfig().enableObjectReuse();
    harness.open();
  }

  /** Returns when Redis has them all. */
  void write(List<FeatureVector> vectors) throws Exception {
    for (FeatureVector vector : vectors) {
      harness.processElement(new StreamRecord<>(vector));
    }
    harness.prepareSnapshotPreBarrier(++checkpoints);
  }

  @Override
  public void close() throws Exception {
    harness.close();
  }
}
