package io.crewcast.sinks.kafka;

import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.serde.RecordEncoder;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.Topic;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Publishes rollouts under the names of their models. */
public final class RolloutPublisher implements AutoCloseable {

  private static final Duration ANSWER = Duration.ofSeconds(10);

  private final String bootstrapServers;
  private final KafkaProducer<String, byte[]> producer;
  private final RecordEncoder encoder;

  public RolloutPublisher(String bootstrapServers, SchemaRegistry registry) {
    this.bootstrapServers = bootstrapServers;
    encoder = RecordEncoder.of(Topic.MODEL_ROLLOUTS, registry);
    producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "acks",
                "all",
                "enable.idempotence",
                true,
                "max.block.ms",
                ANSWER.toMillis()),
            new StringSerializer(),
            new ByteArraySerializer());
  }

  /**
   * Publishes a rollout and waits until the broker has it.
   *
   * @throws IllegalStateException when it does not take it, saying what to do
   */
  public void publish(ModelRollout rollout) throws InterruptedException {
    String topic = Topic.MODEL_ROLLOUTS.topicName();
    try {
      producer.send(new ProducerRecord<>(topic, rollout.getModel(), encoder.encode(rollout))).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "Kafka at %s did not take the rollout: %s. Check the address and that topic %s exists."
              .formatted(bootstrapServers, e.getCause(), topic),
          e);
    }
  }

  @Override
  public void close() {
    producer.close(ANSWER);
  }
}
