package io.crewcast.sinks.kafka;

import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.schemas.serde.WorkEventDecoder;
import io.crewcast.schemas.stream.Arrival;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** Looks where the topic {@code work-events} begins. */
public final class FirstEvents {

  private static final Duration POLL = Duration.ofSeconds(1);

  private FirstEvents() {}

  /**
   * When the first of the events was recorded that the topic still holds: the least {@code
   * recorded_at} among the first few of each partition; null where there is none.
   */
  public static @Nullable Instant recordedAt(String bootstrapServers, WorkEventDecoder decoder) {
    var deserializer = new ArrivalDeserializer(decoder);
    try (var consumer =
        new KafkaConsumer<>(
            Map.<String, Object>of(
                "bootstrap.servers", bootstrapServers, "isolation.level", "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      return consumer.partitionsFor(Topic.WORK_EVENTS.topicName()).stream()
          .map(info -> new TopicPartition(info.topic(), info.partition()))
          .flatMap(partition -> firstOf(partition, consumer, deserializer))
          .map(Arrival::getEvent)
          .filter(Objects::nonNull)
          .map(WorkEvent::getRecordedAt)
          .min(Instant::compareTo)
          .orElse(null);
    }
  }

  /** The first records up to one that holds an event, and some after it. */
  private static Stream<Arrival> firstOf(
      TopicPartition partition,
      KafkaConsumer<byte[], byte[]> consumer,
      ArrivalDeserializer deserializer) {
    List<TopicPartition> alone = List.of(partition);
    List<Arrival> arrivals = new ArrayList<>();
    consumer.assign(alone);
    consumer.seekToBeginning(alone);
    // the end is asked for again so that a broker that is gone is noticed
    while (arrivals.stream().allMatch(arrival -> arrival.getEvent() == null)
        && consumer.position(partition) < consumer.endOffsets(alone).getOrDefault(partition, 0L)) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        deserializer.deserialize(record, new ListCollector<>(arrivals));
      }
    }
    return arrivals.stream();
  }
}
