package io.crewcast.local.demo;

import io.crewcast.schemas.serde.RecordDecoder;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.schemas.serde.UnreadableException;
import io.crewcast.sinks.kafka.ReceivedSource;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What the broker knows of topics: how much they hold and when it came. */
public final class TopicEnds implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);

  private final String bootstrapServers;
  private final Admin admin;

  public TopicEnds(String bootstrapServers) {
    this.bootstrapServers = bootstrapServers;
    this.admin =
        Admin.create(
            Map.of("bootstrap.servers", bootstrapServers, "default.api.timeout.ms", "30000"));
  }

  /** How many records were ever appended to the topic. */
  public long records(Topic topic) throws InterruptedException {
    return offsets(topic, OffsetSpec::latest).stream()
        .mapToLong(ListOffsetsResultInfo::offset)
        .sum();
  }

  /** How many records there are of all that is watched how scores turn out. */
  long watched() throws InterruptedException {
    long records = 0;
    for (Topic topic : ReceivedSource.TOPICS) {
      records += records(topic);
    }
    return records;
  }

  /** When the broker appended the topic's newest record; the epoch if it has none. */
  Instant newest(Topic topic) throws InterruptedException {
    return Instant.ofEpochMilli(
        offsets(topic, OffsetSpec::maxTimestamp).stream()
            .mapToLong(ListOffsetsResultInfo::timestamp)
            .max()
            .orElse(0));
  }

  /** Shows each record that the topic holds now, and when the broker appended it. */
  public <T extends SpecificRecord> void forEach(
      Topic topic, Class<T> type, SchemaRegistry registry, BiConsumer<T, Instant> each)
      throws InterruptedException {
    RecordDecoder<T> decoder = RecordDecoder.of(type, registry);
    long left = records(topic);
    try (var consumer =
        new KafkaConsumer<>(
            Map.<String, Object>of("bootstrap.servers", bootstrapServers),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = partitions(topic);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (left > 0) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          each.accept(decoder.decode(record.value()), Instant.ofEpochMilli(record.timestamp()));
          left--;
        }
      }
    } catch (UnreadableException e) {
      throw new IllegalStateException(
          "The job wrote an unreadable record to %s: %s".formatted(topic.topicName(), e), e);
    }
  }

  private List<ListOffsetsResultInfo> offsets(Topic topic, Supplier<OffsetSpec> wanted)
      throws InterruptedException {
    Map<TopicPartition, OffsetSpec> asked =
        partitions(topic).stream()
            .collect(
                java.util.stream.Collectors.toMap(
                    partition -> partition, partition -> wanted.get()));
    try {
      return List.copyOf(admin.listOffsets(asked).all().get().values());
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "Kafka at %s does not say how far %s reaches: %s. Check the address"
              .formatted(bootstrapServers, topic.topicName(), e.getCause()),
          e);
    }
  }

  private static List<TopicPartition> partitions(Topic topic) {
    return IntStream.range(0, topic.partitions())
        .mapToObj(partition -> new TopicPartition(topic.topicName(), partition))
        .toList();
  }

  @Override
  public void close() {
    admin.close();
  }
}
