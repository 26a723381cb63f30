package io.crewcast.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.local.stack.LocalStack;
import io.crewcast.local.stack.Part;
import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.RolloutStage;
import io.crewcast.schemas.serde.RecordEncoder;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.sinks.kafka.FollowedTopic;
import io.crewcast.sinks.kafka.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FollowedTopicIT {

  private static final String TOPIC = Topic.MODEL_ROLLOUTS.topicName();
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final BlockingQueue<String> heard = new ArrayBlockingQueue<>(100);

  @Test
  void readsPartitionsThatAreAddedAndWhatTheOthersHold() throws Exception {
    try (LocalStack stack = LocalStack.start(Part.KAFKA, Part.REGISTRY)) {
      Topics.create(stack.bootstrapServers(), List.of(Topic.MODEL_ROLLOUTS));
      var registry = new SchemaRegistry(stack.registryUrl().toString());
      Map<String, Object> servers = Map.of("bootstrap.servers", stack.bootstrapServers());
      try (var producer =
              new KafkaProducer<>(servers, new StringSerializer(), new ByteArraySerializer());
          Admin admin = Admin.create(servers);
          var following =
              new FollowedTopic<>(
                      stack.bootstrapServers(), registry, Topic.MODEL_ROLLOUTS, ModelRollout.class)
                  .follow(published -> heard.add(published.value().getRolloutId()))) {
        send(producer, registry, "first", 0);
        assertThat(next()).isEqualTo("first");

        int partitions = Topics.ends(stack.bootstrapServers(), Topic.MODEL_ROLLOUTS).size();
        admin.createPartitions(Map.of(TOPIC, NewPartitions.increaseTo(partitions + 1))).all().get();
        send(producer, registry, "second", partitions);

        String last = next();
        while (last != null && !last.equals("second")) {
          last = next();
        }
        assertThat(last).isEqualTo("second");
        assertThat(following.awaitKnown(Instant.now(), LIMIT)).isTrue();
      }
    }
  }

  private @Nullable String next() throws InterruptedException {
    return heard.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  private static void send(
      KafkaProducer<String, byte[]> producer, SchemaRegistry registry, String id, int partition)
      throws Exception {
    ModelRollout rollout =
        ModelRollout.newBuilder()
            .setModel("overrun")
            .setRolloutId(id)
            .setStage(RolloutStage.PREPARE)
            .setChampion(1)
            .setPublishedAt(Instant.now())
            .build();
    byte[] record = RecordEncoder.of(Topic.MODEL_ROLLOUTS, registry).encode(rollout);
    producer.send(new ProducerRecord<>(TOPIC, partition, "overrun", record)).get();
  }
}
