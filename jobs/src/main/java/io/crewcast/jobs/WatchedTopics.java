package io.crewcast.jobs;

import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.stream.Received;
import io.crewcast.sinks.kafka.ReceivedSource;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** What the jobs read that watch how scores turn out. */
final class WatchedTopics {

  private WatchedTopics() {}

  /** All that the topics hold, and what comes. */
  static DataStream<Received> records(
      StreamExecutionEnvironment env, ReadableConfig options, String group, SchemaRegistry registry)
      throws InterruptedException {
    return env.fromSource(
            ReceivedSource.of(options.get(JobOptions.BOOTSTRAP_SERVERS), group, registry),
            ReceivedSource.watermarks(
                options.get(JobOptions.OUT_OF_ORDERNESS),
                options.get(JobOptions.IDLENESS),
                options.get(JobOptions.MAX_DRIFT)),
            "records")
        .uid("records");
  }
}
