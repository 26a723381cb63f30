package io.crewcast.local.oracle;

import io.crewcast.schemas.serde.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What a consumer sees that reads committed transactions only. */
public final class CommittedRecords {

  private CommittedRecords() {}

  /** Shows all records of a topic, partition by partition mixed, up to its end. */
  public static void forEach(
      String bootstrapServers, Topic topic, Consumer<ConsumerRecord<byte[], byte[]>> each) {
    try (var consumer =
        new KafkaConsumer<>(
            Map.<String, Object>of(
                "bootstrap.servers", bootstrapServers, "isolation.level", "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          IntStream.range(0, topic.partitions())
              .mapToObj(partition -> new TopicPartition(topic.topicName(), partition))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        consumer.poll(Duration.ofMillis(200)).forEach(each);
      }
    }
  }

  /** The values of all records of a topic. */
  public static List<byte[]> values(String bootstrapServers, Topic topic) {
    List<byte[]> values = new ArrayList<>();
    forEach(bootstrapServers, topic, record -> values.add(record.value()));
    return values;
  }
}
