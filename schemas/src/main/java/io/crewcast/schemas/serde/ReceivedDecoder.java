package io.crewcast.schemas.serde;

import io.crewcast.schemas.DeadLetterReason;
import io.crewcast.schemas.Observation;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.TrainingExample;
import io.crewcast.schemas.stream.RawRecord;
import io.crewcast.schemas.stream.Received;
import java.io.Serializable;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Turns records of the topics that are watched, {@code predictions}, {@code training-examples} and
 * {@code observations}, into what they hold or into dead letters that say why not. Nothing escapes
 * but {@link RegistryUnreachableException}. Not thread-safe.
 */
public final class ReceivedDecoder implements Serializable {

  private final RecordDecoder<Prediction> predictions;
  private final RecordDecoder<TrainingExample> examples;
  private final RecordDecoder<Observation> observations;

  /** A decoder that asks {@code registry} for the writers' schemas. */
  public ReceivedDecoder(SchemaRegistry registry) {
    predictions = RecordDecoder.of(Prediction.class, registry);
    examples = RecordDecoder.of(TrainingExample.class, registry);
    observations = RecordDecoder.of(Observation.class, registry);
  }

  /** What a record holds, or why it cannot be used. */
  public Received decode(RawRecord record) {
    String company = null;
    try {
      byte[] value = DeadLetters.bytes(record.getValue());
      switch (Topic.named(record.getTopic())) {
        case PREDICTIONS -> {
          return new Received(predictions.decode(value), null);
        }
        case TRAINING_EXAMPLES -> {
          return new Received(examples.decode(value), null);
        }
        case OBSERVATIONS -> {
          Observation observation = observations.decode(value);
          company = observation.getCompanyId();
          EventLimits.check(observation, record.getAppendedAt());
          return new Received(observation, null);
        }
        default -> throw new IllegalArgumentException("not watched: " + record.getTopic());
      }
    } catch (UnreadableException e) {
      DeadLetterReason reason = e.reason();
      return new Received(null, DeadLetters.of(record, reason, e.getMessage(), company));
    }
  }

  /**
   * When it became known: of a prediction its {@code as_of}, of an example when it was settled, of
   * an observation when it was made. Null of a dead letter.
   */
  public static @Nullable Instant timeOf(Received received) {
    if (received.getValue() instanceof Prediction prediction) {
      return prediction.getAsOf();
    } else if (received.getValue() instanceof TrainingExample example) {
      return example.getLabelledAt() == null ? example.getAsOf() : example.getLabelledAt();
    } else if (received.getValue() instanceof Observation observation) {
      return observation.getObservedAt();
    }
    return null;
  }
}
