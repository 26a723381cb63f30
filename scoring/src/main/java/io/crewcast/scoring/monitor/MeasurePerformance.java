package io.crewcast.scoring.monitor;

import io.crewcast.schemas.ModelPerformance;
import io.crewcast.schemas.stream.PerformanceSums;
import io.crewcast.schemas.stream.Signal;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.performance.Performance;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Tells how the predictions of one day did, or the groups of one period that are ranked, keyed by
 * {@link #KEY}: on the evening of each day on which something became known of them, provisionally,
 * and for the last time when all labels are due. Whether that is worth an alert is said by {@link
 * #SIGNALS}.
 *
 * <p>Labels that come within a week after that are counted as late, and the rows told again.
 */
public final class MeasurePerformance
    extends KeyedProcessFunction<String, PerformanceSums, ModelPerformance> {

  public static final OutputTag<Signal> SIGNALS =
      new OutputTag<>("signals", new AvroTypeInfo<>(Signal.class));

  /** A group's predictions of one day. */
  public static final KeySelector<PerformanceSums, String> KEY =
      sums ->
          String.join(
              "\u0001",
              sums.getModel(),
              Integer.toString(sums.getModelVersion()),
              sums.getVariation(),
              sums.getCompanyId(),
              sums.getSegment(),
              sums.getWindowStart().toString(),
              sums.getGroups() == null ? "predictions" : "groups");

  /** What settles a label at its deadline is on its way for less than this. */
  private static final Duration GRACE = Duration.ofDays(1);

  private final Map<String, ModelSpec> models;

  private transient ListState<PerformanceSums> parts;
  private transient ValueState<PerformanceSums> known;

  @SuppressWarnings("NullAway.Init") // transient fields are set in open()
  public MeasurePerformance(Map<String, ModelSpec> models) {
    this.models = Map.copyOf(models);
  }

  @Override
  public void open(OpenContext context) {
    parts =
        getRuntimeContext()
            .getListState(
                new ListStateDescriptor<>("parts", new AvroTypeInfo<>(PerformanceSums.class)));
    known =
        getRuntimeContext()
            .getState(
                new ValueStateDescriptor<>("known", new AvroTypeInfo<>(PerformanceSums.class)));
  }

  @Override
  public void processElement(PerformanceSums part, Context context, Collector<ModelPerformance> out)
      throws Exception {
    ModelSpec spec = models.get(part.getModel());
    if (spec == null) {
      return; // its file is gone since
    }
    parts.add(part);
    context.timerService().registerEventTimeTimer(part.getKnownUntil().toEpochMilli() - 1);
    long close = closesAt(part, spec).toEpochMilli() - 1;
    if (close > context.timerService().currentWatermark()) { // else it is told already
      context.timerService().registerEventTimeTimer(close);
    }
    context.timerService().registerEventTimeTimer(close + JoinLabels.LATE.toMillis());
  }

  /** When all labels are due, and on their way no longer. */
  static Instant closesAt(PerformanceSums sums, ModelSpec spec) {
    return sums.getWindowEnd().plus(JoinLabels.within(spec)).plus(GRACE);
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<ModelPerformance> out)
      throws Exception {
    Instant now = Instant.ofEpochMilli(timestamp + 1);
    List<PerformanceSums> later = new ArrayList<>();
    PerformanceSums sums = known.value();
    boolean changed = false;
    for (PerformanceSums part : parts.get()) {
      if (part.getKnownUntil().isAfter(now)) {
        later.add(part);
        continue;
      }
      ModelSpec spec = models.get(part.getModel());
      if (spec != null && !now.isAfter(closesAt(part, spec).plus(JoinLabels.LATE))) {
        if (sums == null) {
          sums = empty(part);
        }
        boolean isClosed = part.getKnownUntil().isAfter(closesAt(part, spec));
        new Performance(spec, sums).addAll(part, isClosed);
        changed = true;
      }
    }
    parts.update(later);
    ModelSpec spec = sums == null ? null : models.get(sums.getModel());
    if (sums == null || spec == null) {
      return;
    }
    Instant close = closesAt(sums, spec);
    if (changed || now.equals(close)) {
      new PerformanceRows(spec, sums, now, !now.isBefore(close)).tell(out, context::output);
    }
    if (now.isBefore(close.plus(JoinLabels.LATE))) {
      known.update(sums);
    } else {
      known.clear();
    }
  }

  private static PerformanceSums empty(PerformanceSums part) {
    PerformanceSums sums = Performance.none();
    sums.setModel(part.getModel());
    sums.setModelVersion(part.getModelVersion());
    sums.setVariation(part.getVariation());
    sums.setCompanyId(part.getCompanyId());
    sums.setSegment(part.getSegment());
    sums.setWindowStart(part.getWindowStart());
    sums.setWindowEnd(part.getWindowEnd());
    sums.setGroups(part.getGroups() == null ? null : 0L);
    return sums;
  }
}
