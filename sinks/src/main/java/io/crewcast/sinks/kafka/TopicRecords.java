package io.crewcast.sinks.kafka;

import io.crewcast.schemas.serde.Topic;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The committed records that a topic holds, from the first to the last that there was at first. */
public final class TopicRecords implements AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(200);
  private static final String ANSWER_MILLIS = "10000";

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Map<TopicPartition, Long> ends;

  /**
   * Stands before the first record.
   *
   * @throws org.apache.kafka.common.KafkaException when the cluster does not answer or has no such
   *     topic
   */
  public TopicRecords(String bootstrapServers, Topic topic) {
    consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "isolation.level",
                "read_committed",
                "allow.auto.create.topics",
                "false",
                "default.api.timeout.ms",
                ANSWER_MILLIS),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    try {
      List<PartitionInfo> known = consumer.partitionsFor(topic.topicName());
      List<TopicPartition> partitions =
          Stream.ofNullable(known)
              .flatMap(List::stream)
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      if (partitions.isEmpty()) {
        throw new UnknownTopicOrPartitionException("there is no topic " + topic.topicName());
      }
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      ends = consumer.endOffsets(partitions);
    } catch (RuntimeException e) {
      consumer.close();
      throw e;
    }
  }

  /** Whether all were given out that there were at first. */
  public boolean atEnd() {
    return ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }

  /** Some more; none if it takes long. */
  public ConsumerRecords<byte[], byte[]> poll() {
    return consumer.poll(POLL);
  }

  @Override
  public void close() {
    consumer.close();
  }
}
