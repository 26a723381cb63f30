package io.crewcast.sinks.kafka;

import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.schemas.serde.WorkEventDecoder;
import io.crewcast.schemas.stream.Arrival;
import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.connector.kafka.source.KafkaSource;

/**
 * What is read to watch the stream of work events itself: {@code work-events}, and {@code
 * dead-letters} for what was refused after it had been read.
 */
public final class WatchedEvents {

  /** What it reads. */
  public static final List<Topic> TOPICS = List.of(Topic.WORK_EVENTS, Topic.DEAD_LETTERS);

  private WatchedEvents() {}

  /**
   * From the first record on: without a savepoint state is empty, so it is rebuilt.
   *
   * @param decoder as the job has it that scores the events
   * @throws IllegalStateException when the cluster cannot be reached or lacks a topic, saying what
   *     to do
   */
  public static KafkaSource<Arrival> of(
      String bootstrapServers, String group, SchemaRegistry registry, WorkEventDecoder decoder)
      throws InterruptedException {
    return ReceivedSource.following(
        bootstrapServers, group, TOPICS, new WatchedEventDeserializer(decoder, registry));
  }

  /**
   * Time as events tell it by {@code recorded_at}; a record that could not be read tells none.
   *
   * @param outOfOrderness how far records of a partition may be out of order
   * @param idleness a partition silent for so long no longer holds back time
   * @param maxDrift how far ahead of the slowest partition one is read
   */
  public static WatermarkStrategy<Arrival> watermarks(
      Duration outOfOrderness, Duration idleness, Duration maxDrift) {
    return WatermarkStrategy.<Arrival>forBoundedOutOfOrderness(outOfOrderness)
        .withTimestampAssigner(
            (arrival, previous) ->
                ReceivedSource.millis(
                    arrival.getEvent() == null ? null : arrival.getEvent().getRecordedAt()))
        .withIdleness(idleness)
        .withWatermarkAlignment("watched-events", maxDrift, ReceivedSource.ALIGNMENT);
  }
}
