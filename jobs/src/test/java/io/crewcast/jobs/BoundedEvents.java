package io.crewcast.jobs;

import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.Arrival;
import io.crewcast.schemas.stream.RawRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Events that end, in place of a topic, and what a job makes of them. */
final class BoundedEvents {

  static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");

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
