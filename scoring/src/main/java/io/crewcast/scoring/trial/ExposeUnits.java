package io.crewcast.scoring.trial;

import io.crewcast.schemas.CodePoints;
import io.crewcast.schemas.Exposure;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.stream.TrialEvent;
import io.crewcast.schemas.stream.TrialStep;
import io.crewcast.scoring.experiment.ExperimentSpec;
import io.crewcast.scoring.operator.TimeTold;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Writes one exposure a unit: its first served prediction by ({@code as_of}, {@code
 * prediction_id}), told once event time has passed it, so that no earlier one can come. Tells once
 * as well when a unit is served another variation. Keyed by {@link #KEY}.
 *
 * <p>A unit is forgotten at the end of its experiment.
 */
public final class ExposeUnits extends KeyedProcessFunction<String, Prediction, Exposure> {

  /** Experiment and unit. */
  public static final KeySelector<Prediction, String> KEY =
      prediction -> key(prediction.getExperiment(), prediction.getUnitId());

  /** Who is exposed, and who to a second variation. */
  public static final OutputTag<TrialEvent> EVENTS =
      new OutputTag<>("exposure-events", new AvroTypeInfo<>(TrialEvent.class));

  private static final Comparator<Exposure> FIRST =
      Comparator.comparing(Exposure::getExposedAt)
          .thenComparing(Exposure::getPredictionId, CodePoints.ORDER);

  private final RunningExperiments experiments;
  private final @Nullable Instant newest;

  /** The first of each variation. */
  private transient MapState<String, Exposure> firsts;

  private transient ValueState<Exposure> exposed;
  private transient ValueState<Boolean> crossed;
  private transient Counter exposures;
  private transient Counter crossings;
  private transient Counter late;

  /**
   * @param newest when the newest record of a bounded input was made; null of one without end
   */
  @SuppressWarnings("NullAway.Init") // transient fields are set in open()
  public ExposeUnits(RunningExperiments experiments, @Nullable Instant newest) {
    this.experiments = experiments;
    this.newest = newest;
  }

  static String key(@Nullable String experiment, @Nullable String unit) {
    return experiment + '\u0001' + unit;
  }

  @Override
  public void open(OpenContext context) {
    var type = new AvroTypeInfo<>(Exposure.class);
    firsts =
        getRuntimeContext().getMapState(new MapStateDescriptor<>("firsts", Types.STRING, type));
    exposed = getRuntimeContext().getState(new ValueStateDescriptor<>("exposed", type));
    crossed = getRuntimeContext().getState(new ValueStateDescriptor<>("crossed", Types.BOOLEAN));
    var metrics = getRuntimeContext().getMetricGroup();
    exposures = metrics.counter("exposures");
    crossings = metrics.counter("multipleExposures");
    late = metrics.counter("lateExposures");
  }

  @Override
  public void processElement(Prediction prediction, Context context, Collector<Exposure> out)
      throws Exception {
    ExperimentSpec spec = experiments.exposing(prediction);
    if (spec == null) {
      return;
    }
    if (context.timerService().currentWatermark() >= endOf(spec)) {
      late.inc(); // the unit is forgotten: it would be exposed once more
      return;
    }
    Exposure candidate = exposure(prediction, spec);
    Exposure first = firsts.get(candidate.getVariation());
    if (first != null && FIRST.compare(first, candidate) <= 0) {
      return;
    }
    firsts.put(candidate.getVariation(), candidate);
    context.timerService().registerEventTimeTimer(toldAt(candidate));
    context.timerService().registerEventTimeTimer(endOf(spec));
  }

  private static Exposure exposure(Prediction prediction, ExperimentSpec spec) {
    return Exposure.newBuilder()
        .setExperiment(spec.name())
        .setCompanyId(prediction.getCompanyId())
        .setUnitId(prediction.getUnitId())
        .setVariation(prediction.getVariation())
        .setPredictionId(prediction.getPredictionId())
        .setExposedAt(prediction.getAsOf())
        .setCovariate(covariate(prediction, spec.covariate()))
        .build();
  }

  private static @Nullable Double covariate(
      Prediction prediction, ExperimentSpec.@Nullable Covariate covariate) {
    return covariate != null
            && covariate.index() < prediction.getInputs().size()
            && prediction.getInputs().get(covariate.index()) instanceof Number number
            && Double.isFinite(number.doubleValue())
        ? number.doubleValue()
        : null;
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<Exposure> out)
      throws Exception {
    if (!TimeTold.reaches(timestamp, context.timerService().currentWatermark(), newest)) {
      return;
    }
    List<Exposure> due = new ArrayList<>();
    for (Exposure first : firsts.values()) {
      if (toldAt(first) <= timestamp) {
        due.add(first);
      }
    }
    due.sort(FIRST);
    for (Exposure first : due) {
      tell(first, context, out);
    }
    Exposure told = exposed.value();
    ExperimentSpec spec = told == null ? null : experiments.named(told.getExperiment());
    if (spec == null || timestamp >= endOf(spec)) {
      firsts.clear();
      exposed.clear();
      crossed.clear();
    } else { // the end may be later than when the unit came
      context.timerService().registerEventTimeTimer(endOf(spec));
    }
  }

  private void tell(Exposure first, OnTimerContext context, Collector<Exposure> out)
      throws Exception {
    Exposure told = exposed.value();
    if (told == null) {
      exposed.update(first);
      exposures.inc();
      out.collect(first);
      context.output(EVENTS, event(TrialStep.EXPOSED, first, first.getVariation()));
    } else if (!first.getVariation().equals(told.getVariation()) && crossed.value() == null) {
      crossed.update(true);
      crossings.inc();
      context.output(EVENTS, event(TrialStep.CROSSED, first, told.getVariation()));
    }
  }

  private static TrialEvent event(TrialStep step, Exposure exposure, String variation) {
    Double covariate = exposure.getCovariate();
    return new TrialEvent(
        exposure.getExperiment(),
        variation,
        exposure.getUnitId(),
        exposure.getExposedAt(),
        step,
        null,
        List.of(covariate == null ? 0.0 : covariate));
  }

  /** The first millisecond when no earlier one can come. */
  private static long toldAt(Exposure exposure) {
    return exposure.getExposedAt().toEpochMilli() + 1;
  }

  private static long endOf(ExperimentSpec spec) {
    return spec.end().toEpochMilli() + 1;
  }
}
