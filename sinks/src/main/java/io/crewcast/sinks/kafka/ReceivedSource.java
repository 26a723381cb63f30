package io.crewcast.sinks.kafka;

import io.crewcast.schemas.serde.ReceivedDecoder;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.schemas.stream.Received;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.jspecify.annotations.Nullable;

/**
 * What jobs read that watch how scores turn out: predictions, training examples and observations,
 * in one source, so that time passes for all of them alike.
 */
public final class ReceivedSource {

  /** What it reads. */
  public static final List<Topic> TOPICS =
      List.of(Topic.PREDICTIONS, Topic.TRAINING_EXAMPLES, Topic.OBSERVATIONS);

  /** How often a partition learns how far the others are. */
  static final Duration ALIGNMENT = Duration.ofMillis(200);

  private ReceivedSource() {}

  /**
   * From the first record on: without a savepoint state is empty, so it is rebuilt.
   *
   * @throws IllegalStateException when the cluster cannot be reached or lacks a topic, saying what
   *     to do
   */
  public static KafkaSource<Received> of(
      String bootstrapServers, String group, SchemaRegistry registry) throws InterruptedException {
    return following(
        bootstrapServers, group, TOPICS, new ReceivedDeserializer(new ReceivedDecoder(registry)));
  }

  /** A source of topics from their first record on, and of what comes. */
  static <T> KafkaSource<T> following(
      String bootstrapServers,
      String group,
      List<Topic> topics,
      KafkaRecordDeserializationSchema<T> deserializer)
      throws InterruptedException {
    for (Topic topic : topics) {
      Topics.ends(bootstrapServers, topic); // fails here and clearly where it is not
    }
    return KafkaSource.<T>builder()
        .setBootstrapServers(bootstrapServers)
        .setGroupId(group)
        .setTopics(topics.stream().map(Topic::topicName).toList())
        .setStartingOffsets(OffsetsInitializer.earliest())
        .setProperty("partition.discovery.interval.ms", "30000")
        .setProperty("isolation.level", "read_committed") // what a producer took back never was
        .setDeserializer(deserializer)
        .build();
  }

  /**
   * Time as records tell it; one that could not be read tells none.
   *
   * @param outOfOrderness how far records of a partition may be out of order
   * @param idleness a partition silent for so long no longer holds back time
   * @param maxDrift how far ahead of the slowest partition one is read
   */
  public static WatermarkStrategy<Received> watermarks(
      Duration outOfOrderness, Duration idleness, Duration maxDrift) {
    return WatermarkStrategy.<Received>forBoundedOutOfOrderness(outOfOrderness)
        .withTimestampAssigner((received, previous) -> millis(ReceivedDecoder.timeOf(received)))
        .withIdleness(idleness)
        .withWatermarkAlignment("received", maxDrift, ALIGNMENT);
  }

  /** Of what tells no time the least. */
  static long millis(@Nullable Instant time) {
    return time == null ? Long.MIN_VALUE : time.toEpochMilli();
  }
}
