package io.crewcast.scoring.operator;

import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.DeadLetterReason;
import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.serde.DeadLetters;
import io.crewcast.schemas.serde.RecordDecoder;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.UnreadableException;
import io.crewcast.schemas.stream.RawRecord;
import io.crewcast.scoring.rollout.Lineup;
import io.crewcast.scoring.rollout.Timeline;
import java.util.Optional;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Reads rollouts for the record, activations with the instant from which on they are in effect;
 * what scorers will not follow goes to {@link #DEAD_LETTERS}.
 */
public final class DecodeRollouts extends ProcessFunction<RawRecord, ModelRollout> {

  public static final OutputTag<DeadLetter> DEAD_LETTERS =
      new OutputTag<>("dead-letters", new AvroTypeInfo<>(DeadLetter.class));

  private final RecordDecoder<ModelRollout> decoder;

  public DecodeRollouts(SchemaRegistry registry) {
    this.decoder = RecordDecoder.of(ModelRollout.class, registry);
  }

  @Override
  public void processElement(RawRecord raw, Context context, Collector<ModelRollout> out) {
    try {
      ModelRollout rollout = decoder.decode(DeadLetters.bytes(raw.getValue()));
      Optional<String> fault = Lineup.fault(rollout);
      if (fault.isEmpty()) {
        if (rollout.getEffectiveAt() != null) {
          rollout.setEffectiveAt(
              Timeline.effectiveAt(rollout.getEffectiveAt(), raw.getAppendedAt()));
        }
        out.collect(rollout);
      } else {
        context.output(
            DEAD_LETTERS, DeadLetters.of(raw, DeadLetterReason.OUT_OF_RANGE, fault.get(), null));
      }
    } catch (UnreadableException e) {
      context.output(DEAD_LETTERS, DeadLetters.of(raw, e.reason(), e.getMessage(), null));
    }
  }
}
