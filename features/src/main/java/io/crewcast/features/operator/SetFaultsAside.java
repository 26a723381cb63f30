package io.crewcast.features.operator;

import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.stream.Arrival;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/** Lets valid events through; what could not be decoded goes to {@link #DEAD_LETTERS}. */
public final class SetFaultsAside extends ProcessFunction<Arrival, Arrival> {

  public static final OutputTag<DeadLetter> DEAD_LETTERS =
      new OutputTag<>("dead-letters", new AvroTypeInfo<>(DeadLetter.class));

  private transient Counter valid;
  private transient Counter faults;

  @SuppressWarnings("NullAway.Init") // transient fields are set in open()
  public SetFaultsAside() {}

  @Override
  public void open(OpenContext context) {
    valid = getRuntimeContext().getMetricGroup().counter("validEvents");
    faults = getRuntimeContext().getMetricGroup().counter("faultyRecords");
  }

  @Override
  public void processElement(Arrival arrival, Context context, Collector<Arrival> out) {
    if (arrival.getFault() == null) {
      valid.inc();
      out.collect(arrival);
    } else {
      faults.inc();
      context.output(DEAD_LETTERS, arrival.getFault());
    }
  }
}
