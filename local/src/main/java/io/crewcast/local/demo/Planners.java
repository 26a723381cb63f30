package io.crewcast.local.demo;

import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.Observation;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.serde.Feed;
import io.crewcast.schemas.serde.RecordEncoder;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.sinks.kafka.FollowedTopic;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Those who plan the work: a task that is likely to overrun is shown to them as a warning, and they
 * know better. They accept a warning that will come true and override any other, which is observed
 * of the prediction.
 */
final class Planners implements AutoCloseable {

  /** Likelihood from which a prediction is shown as a warning. */
  private static final double WARNED_FROM = 0.5;

  private static final Duration THOUGHT = Duration.ofHours(2);
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final Overruns overruns;
  private final KafkaProducer<String, byte[]> producer;
  private final RecordEncoder encoder;
  private final Feed.Following following;

  Planners(String bootstrapServers, SchemaRegistry registry, Overruns overruns) {
    this.overruns = overruns;
    this.encoder = RecordEncoder.of(Topic.OBSERVATIONS, registry);
    this.producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrapServers, "enable.idempotence", true),
            new StringSerializer(),
            new ByteArraySerializer());
    this.following =
        new FollowedTopic<>(bootstrapServers, registry, Topic.PREDICTIONS, Prediction.class)
            .follow(published -> observed(published.value()).forEach(this::publish));
  }

  /** What is observed of a prediction, up to now. */
  private List<Observation> observed(Prediction prediction) {
    Instant answeredAt = prediction.getAsOf().plus(THOUGHT);
    if (!prediction.getModel().equals(DemoRun.MODEL)
        || prediction.getOutputs().getOrDefault("score", 0.0) < WARNED_FROM
        || answeredAt.isAfter(Instant.now())) {
      return List.of();
    }
    boolean comesTrue =
        overruns
            .tasks()
            .contains(FeatureSchema.key(prediction.getCompanyId(), prediction.getEntityId()));
    return List.of(
        observation(prediction, TrialFile.SHOWN, prediction.getAsOf()),
        observation(prediction, comesTrue ? TrialFile.ACCEPTED : TrialFile.OVERRIDDEN, answeredAt));
  }

  private static Observation observation(Prediction prediction, String name, Instant at) {
    return new Observation(
        prediction.getCompanyId(), prediction.getPredictionId(), null, null, name, 1.0, at);
  }

  private void publish(Observation observation) {
    var unused = // flush() waits for it
        producer.send(
            new ProducerRecord<>(
                Topic.OBSERVATIONS.topicName(),
                "%s:%s".formatted(observation.getCompanyId(), observation.getPredictionId()),
                encoder.encode(observation)));
  }

  /** Waits until all that was answered before now is observed. */
  void awaitObserved() throws InterruptedException {
    if (!following.awaitKnown(Instant.now(), PATIENCE)) {
      throw new IllegalStateException("predictions cannot be read: see that Kafka runs");
    }
    producer.flush();
  }

  @Override
  public void close() {
    following.close();
    producer.close();
  }
}
