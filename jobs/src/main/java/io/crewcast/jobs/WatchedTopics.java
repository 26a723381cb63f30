package io.crewcast.jobs;

import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.WorkEventDecoder;
import io.crewcast.schemas.stream.Arrival;
import io.crewcast.schemas.stream.Received;
import io.crewcast.sinks.kafka.ReceivedSource;
import io.crewcast.sinks.kafka.WatchedEvents;
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

  /**
   * The work events themselves, and what became of them.
   *
   * @param decoder as the job has it that scores the events
   */
  static DataStream<Arrival> events(
      StreamExecutionEnvironment env,
      ReadableConfig options,
      String group,
      SchemaRegistry registry,
      WorkEventDecoder decoder)
      throws InterruptedException {
    return env.fromSource(
            WatchedEvents.of(options.get(JobOptions.BOOTSTRAP_SERVERS), group, registry, decoder),
            WatchedEvents.watermarks(
                options.get(JobOptions.OUT_OF_ORDERNESS),
                options.get(JobOptions.IDLENESS),
                options.get(JobOptions.MAX_DRIFT)),
            "watched-events")
        .uid("watched-events");
  }
}
