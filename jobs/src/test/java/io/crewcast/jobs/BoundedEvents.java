package io.crewcast.jobs;

import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.Arrival;
import io.crewcast.schemas.stream.RawRecord;
import io.crewcast.schemas.stream.Received;
import io.crewcast.sinks.kafka.ReceivedSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Events that end, in place of a topic, and what a job makes of them. */
final class BoundedEvents {

  static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");

  /** While a stream with a failure is read. */
  private static final int CHECKPOINTS = 6;

  private BoundedEvents() {}

  static DataStream<Arrival> stream(
      StreamExecutionEnvironment env, ReadableConfig options, List<Arrival> arrivals) {
    List<Arrival> serializable = new ArrayList<>(arrivals);
    return env.fromSource(
            new DataGeneratorSource<>(
                index -> serializable.get(index.intValue()),
                arrivals.size(),
                new AvroTypeInfo<>(Arrival.class)),
            ScoringJobSources.watermarks(options, Map.of(0, Long.MAX_VALUE)),
            "work-events")
        .uid("work-events");
  }

  /** What the jobs read that watch: a record without a time tells none. */
  static DataStream<Received> records(
      StreamExecutionEnvironment env, List<Received> records, Duration outOfOrderness) {
    return records(env, records, outOfOrderness, RateLimiterStrategy.noOp());
  }

  /** The same, of which the job fails halfway, to begin again at its newest checkpoint. */
  static DataStream<Received> recordsAndAFailure(
      StreamExecutionEnvironment env, List<Received> records, Duration outOfOrderness) {
    Configuration once = new Configuration();
    once.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    once.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 1);
    once.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ZERO);
    env.configure(once);
    env.enableCheckpointing(100);
    return records(
            env,
            records,
            outOfOrderness,
            RateLimiterStrategy.perCheckpoint(records.size() / CHECKPOINTS))
        .map(new FailOnce(records.size() / 2))
        .returns(new AvroTypeInfo<>(Received.class))
        .uid("fail-once")
        .setParallelism(1);
  }

  private static DataStream<Received> records(
      StreamExecutionEnvironment env,
      List<Received> records,
      Duration outOfOrderness,
      RateLimiterStrategy<?> rate) {
    List<Received> serializable = new ArrayList<>(records);
    return env.fromSource(
            new DataGeneratorSource<>(
                index -> serializable.get(index.intValue()),
                records.size(),
                rate,
                new AvroTypeInfo<>(Received.class)),
            ReceivedSource.watermarks(outOfOrderness, Duration.ofDays(1), Duration.ofDays(365)),
            "records")
        .uid("records")
        .setParallelism(1);
  }

  static <T> DataStream.Collector<T> collect(DataStream<T> stream) {
    var collector = new DataStream.Collector<T>();
    stream.collectAsync(collector);
    return collector;
  }

  static <T> List<T> list(DataStream.Collector<T> collector) {
    List<T> elements = new ArrayList<>();
    collector.getOutput().forEachRemaining(elements::add);
    return elements;
  }

  static WorkEvent event(String eventId, long minute, Object payload) {
    Instant at = NOON.plus(Duration.ofMinutes(minute));
    return new WorkEvent(eventId, "acme", at, at, "test", false, payload);
  }

  static Arrival arrival(WorkEvent event) {
    return new Arrival(new RawRecord("work-events", 0, 0L, NOON, null, null), event, null);
  }
}
