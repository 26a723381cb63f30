package io.crewcast.scoring.monitor;

import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.stream.Received;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/** Lets pass what could be read; the rest goes to {@link #DEAD_LETTERS}. */
public final class SetLettersAside extends ProcessFunction<Received, Received> {

  public static final OutputTag<DeadLetter> DEAD_LETTERS =
      new OutputTag<>("dead-letters", new AvroTypeInfo<>(DeadLetter.class));

  @Override
  public void processElement(Received received, Context context, Collector<Received> out) {
    if (received.getDeadLetter() == null) {
      out.collect(received);
    } else {
      context.output(DEAD_LETTERS, received.getDeadLetter());
    }
  }
}
