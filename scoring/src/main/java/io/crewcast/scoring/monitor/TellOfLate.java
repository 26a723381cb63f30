package io.crewcast.scoring.monitor;

import io.crewcast.schemas.AlertSeverity;
import io.crewcast.schemas.stream.ObservedValues;
import io.crewcast.schemas.stream.Signal;
import java.time.Instant;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Counts what came after its window was closed, and is in no row, in {@code lateValues}, and makes
 * a signal of it.
 */
public final class TellOfLate extends ProcessFunction<ObservedValues, Signal> {

  public static final OutputTag<ObservedValues> LATE =
      new OutputTag<>("late", new AvroTypeInfo<>(ObservedValues.class));

  private transient Counter late;

  @Override
  @SuppressWarnings("NullAway.Init") // set here
  public void open(OpenContext context) {
    late = getRuntimeContext().getMetricGroup().counter("lateValues");
  }

  @Override
  public void processElement(ObservedValues values, Context context, Collector<Signal> out) {
    late.inc();
    Instant now = Instant.ofEpochMilli(context.timerService().currentWatermark());
    out.collect(
        Signal.newBuilder()
            .setSubject("model." + values.getModel())
            .setTopic("late predictions")
            .setCompanyId("*")
            .setBad(true)
            .setSeverity(AlertSeverity.WARNING)
            .setMessage(
                "predictions of %s come after the windows of their time are closed, and are missing in its drift: start MonitoringJob with a longer --out-of-orderness"
                    .formatted(values.getModel()))
            .setConfirm(1)
            .setOf(1)
            .setAsOf(values.getAsOf().isAfter(now) ? values.getAsOf() : now)
            .build());
  }
}
