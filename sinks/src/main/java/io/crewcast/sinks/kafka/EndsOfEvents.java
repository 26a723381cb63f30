package io.crewcast.sinks.kafka;

import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.schemas.serde.WorkEventDecoder;
import io.crewcast.schemas.stream.Arrival;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** Looks where the topic {@code work-events} begins and where it ends. */
public final class EndsOfEvents {

  private static final Duration POLL = Duration.ofSeconds(1);

  /** Producers may be a little out of order: the newest is one of the last. */
  private static final long LAST = 500;

  private EndsOfEvents() {}

  /**
   * When the first of the events was recorded that the topic still holds: the least {@code
   * recorded_at} among the first few of each partition; null where there is none.
   */
  public static @Nullable Instant firstRecordedAt(
      String bootstrapServers, WorkEventDecoder decoder) {
    return recordedAt(bootstrapServers, decoder, EndsOfEvents::firstOf)
        .min(Comparator.naturalOrder())
        .orElse(null);
  }

  /**
   * When the newest of the events was recorded: the greatest {@code recorded_at} among the last 500
   * records of each partition, or the last before those where none is an event; null where there is
   * none.
   *
   * @param checked what may still make a dead letter of what was decoded
   */
  public static @Nullable Instant lastRecordedAt(
      String bootstrapServers, WorkEventDecoder decoder, UnaryOperator<Arrival> checked) {
    return recordedAt(
            bootstrapServers,
            decoder,
            (partition, consumer, deserializer) ->
                lastOf(partition, consumer, deserializer, checked))
        .max(Comparator.naturalOrder())
        .orElse(null);
  }

  /** Reads some of one partition. */
  private interface Look {
    List<Arrival> at(
        TopicPartition partition,
        KafkaConsumer<byte[], byte[]> consumer,
        ArrivalDeserializer deserializer);
  }

  private static Stream<Instant> recordedAt(
      String bootstrapServers, WorkEventDecoder decoder, Look look) {
    var deserializer = new ArrivalDeserializer(decoder);
    List<Arrival> arrivals = new ArrayList<>();
    try (var consumer =
        new KafkaConsumer<>(
            Map.<String, Object>of(
                "bootstrap.servers", bootstrapServers, "isolation.level", "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      for (PartitionInfo info : consumer.partitionsFor(Topic.WORK_EVENTS.topicName())) {
        var partition = new TopicPartition(info.topic(), info.partition());
        consumer.assign(List.of(partition));
        arrivals.addAll(look.at(partition, consumer, deserializer));
      }
    }
    return arrivals.stream()
        .map(Arrival::getEvent)
        .filter(Objects::nonNull)
        .map(WorkEvent::getRecordedAt);
  }

  /** The first records up to one that holds an event, and some after it. */
  private static List<Arrival> firstOf(
      TopicPartition partition,
      KafkaConsumer<byte[], byte[]> consumer,
      ArrivalDeserializer deserializer) {
    List<Arrival> arrivals = new ArrayList<>();
    consumer.seekToBeginning(List.of(partition));
    // the end is asked for again so that a broker that is gone is noticed
    while (arrivals.stream().allMatch(arrival -> arrival.getEvent() == null)
        && consumer.position(partition) < end(partition, consumer)) {
      poll(consumer, deserializer, arrivals);
    }
    return arrivals;
  }

  /** The last records, and as many before them as it takes to find an event. */
  private static List<Arrival> lastOf(
      TopicPartition partition,
      KafkaConsumer<byte[], byte[]> consumer,
      ArrivalDeserializer deserializer,
      UnaryOperator<Arrival> checked) {
    List<Arrival> arrivals = new ArrayList<>();
    long end = end(partition, consumer);
    long begin = consumer.beginningOffsets(List.of(partition)).getOrDefault(partition, 0L);
    while (end > begin && arrivals.stream().allMatch(arrival -> arrival.getEvent() == null)) {
      long from = Math.max(begin, end - LAST);
      consumer.seek(partition, from);
      while (consumer.position(partition) < Math.min(end, end(partition, consumer))) {
        poll(consumer, deserializer, arrivals);
      }
      arrivals.replaceAll(checked);
      end = from;
    }
    return arrivals;
  }

  private static long end(TopicPartition partition, KafkaConsumer<byte[], byte[]> consumer) {
    return consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
  }

  private static void poll(
      KafkaConsumer<byte[], byte[]> consumer,
      ArrivalDeserializer deserializer,
      List<Arrival> arrivals) {
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
      deserializer.deserialize(record, new ListCollector<>(arrivals));
    }
  }
}
