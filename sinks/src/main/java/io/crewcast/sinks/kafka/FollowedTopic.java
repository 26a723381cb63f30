package io.crewcast.sinks.kafka;

import io.crewcast.schemas.serde.Feed;
import io.crewcast.schemas.serde.RecordDecoder;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.schemas.serde.UnreadableException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows a topic with a consumer of its own. A broker or registry that does not answer is asked
 * again; what cannot be read is logged and passed over: whoever keeps the topic's records says what
 * was wrong with it.
 *
 * @param type of the topic's records
 */
public record FollowedTopic<T extends SpecificRecord>(
    String bootstrapServers, SchemaRegistry registry, Topic topic, Class<T> type)
    implements Feed<T> {

  private static final Logger LOG = LoggerFactory.getLogger(FollowedTopic.class);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration ANSWER = Duration.ofSeconds(5);

  @Override
  public Following follow(Consumer<Published<T>> receiver) {
    Follower<T> follower = new Follower<>(this, receiver);
    follower.start();
    return follower;
  }

  private KafkaConsumer<byte[], byte[]> consumer() {
    return new KafkaConsumer<>(
        Map.of(
            "bootstrap.servers",
            bootstrapServers,
            "isolation.level",
            "read_committed",
            "allow.auto.create.topics",
            "false",
            "auto.offset.reset", // of a topic that was made anew
            "earliest",
            "metadata.max.age.ms", // partitions that are added
            "10000",
            "default.api.timeout.ms",
            Long.toString(ANSWER.toMillis())),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  private static final class Follower<T extends SpecificRecord> implements Following {

    private final FollowedTopic<T> followed;
    private final Consumer<Published<T>> receiver;
    private final RecordDecoder<T> decoder;
    private final Thread thread;
    private volatile boolean closed;

    /** All that was appended before is handed over. Guarded by this. */
    private Instant known = Instant.MIN;

    Follower(FollowedTopic<T> followed, Consumer<Published<T>> receiver) {
      this.followed = followed;
      this.receiver = receiver;
      this.decoder = RecordDecoder.of(followed.type, followed.registry);
      this.thread = new Thread(this::run, "follows-" + followed.topic.topicName());
      thread.setDaemon(true);
      thread.setContextClassLoader(FollowedTopic.class.getClassLoader());
    }

    void start() {
      thread.start();
    }

    private void run() {
      try (KafkaConsumer<byte[], byte[]> consumer = followed.consumer()) {
        try {
          follow(consumer);
        } finally {
          var unused = Thread.interrupted(); // or the consumer would not close
        }
      }
    }

    private void follow(KafkaConsumer<byte[], byte[]> consumer) {
      List<TopicPartition> partitions = List.of();
      while (!closed) {
        try { // what is handed over twice changes nothing
          Instant before = Instant.now();
          List<TopicPartition> there = partitions(consumer);
          if (!there.equals(partitions)) { // at first, and when the topic has got more
            consumer.assign(there);
            consumer.seekToBeginning(there);
            partitions = there;
          }
          readUpTo(consumer.endOffsets(partitions), consumer);
          tell(before);
          consumer.poll(POLL).forEach(this::handOver);
        } catch (WakeupException | InterruptException e) {
          return; // closed
        } catch (RuntimeException e) { // whoever waits for this thread must not wait for ever
          LOG.warn("{} cannot be followed now: {}", followed.topic.topicName(), e.getMessage());
          partitions = List.of(); // from the first record on again: some may not be handed over
          LockSupport.parkNanos(ANSWER.toNanos());
        }
      }
    }

    private List<TopicPartition> partitions(KafkaConsumer<byte[], byte[]> consumer) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(followed.topic.topicName()).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .sorted(Comparator.comparingInt(TopicPartition::partition))
              .toList();
      if (partitions.isEmpty()) {
        throw new UnknownTopicOrPartitionException("there is no such topic");
      }
      return partitions;
    }

    private void readUpTo(Map<TopicPartition, Long> ends, KafkaConsumer<byte[], byte[]> consumer) {
      while (!closed
          && ends.entrySet().stream()
              .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        consumer.poll(POLL).forEach(this::handOver);
      }
    }

    private void handOver(ConsumerRecord<byte[], byte[]> record) {
      try {
        receiver.accept(
            new Published<>(
                decoder.decode(record.value()), Instant.ofEpochMilli(record.timestamp())));
      } catch (UnreadableException e) {
        LOG.warn(
            "{}-{}@{} is passed over: {}",
            record.topic(),
            record.partition(),
            record.offset(),
            e.getMessage());
      }
    }

    private synchronized void tell(Instant before) {
      known = before;
      notifyAll();
    }

    @Override
    public synchronized boolean awaitKnown(Instant before, Duration limit)
        throws InterruptedException {
      long deadline = System.nanoTime() + limit.toNanos();
      while (known.isBefore(before)) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        wait(1 + left / 1_000_000);
      }
      return true;
    }

    @Override
    public void close() {
      closed = true;
      thread.interrupt();
      try {
        thread.join(ANSWER.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
