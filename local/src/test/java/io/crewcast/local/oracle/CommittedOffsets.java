package io.crewcast.local.oracle;

import static org.awaitility.Awaitility.await;

import io.crewcast.schemas.serde.Topic;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** How far a job has come: Flink commits its source's offsets once a checkpoint is complete. */
public record CommittedOffsets(String bootstrapServers, String group, Topic topic) {

  /** Waits until a checkpoint has got past the beginning. */
  public void awaitSome(Duration limit) {
    await().atMost(limit).until(() -> committed() > 0);
  }

  /** Waits until a checkpoint holds all that the topic has. */
  public void awaitAll(Duration limit) {
    await().atMost(limit).until(() -> committed() == ends());
  }

  private long committed() throws ExecutionException, InterruptedException {
    try (Admin admin = admin()) {
      return admin
          .listConsumerGroupOffsets(group)
          .partitionsToOffsetAndMetadata()
          .get()
          .values()
          .stream()
          .mapToLong(committed -> committed.offset())
          .sum();
    }
  }

  private long ends() throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetSpec> latest =
        IntStream.range(0, topic.partitions())
            .boxed()
            .collect(
                java.util.stream.Collectors.toMap(
                    partition -> new TopicPartition(topic.topicName(), partition),
                    partition -> OffsetSpec.latest()));
    try (Admin admin = admin()) {
      return admin.listOffsets(latest).all().get().values().stream()
          .mapToLong(end -> end.offset())
          .sum();
    }
  }

  private Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", bootstrapServers));
  }
}
