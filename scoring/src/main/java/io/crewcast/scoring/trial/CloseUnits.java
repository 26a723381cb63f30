package io.crewcast.scoring.trial;

import io.crewcast.schemas.stream.Outcome;
import io.crewcast.schemas.stream.TrialEvent;
import io.crewcast.schemas.stream.TrialStep;
import io.crewcast.schemas.stream.UnitOutcome;
import io.crewcast.scoring.experiment.ExperimentSpec;
import io.crewcast.scoring.experiment.ExperimentSpec.Metric;
import io.crewcast.scoring.experiment.UnitTotals;
import io.crewcast.scoring.operator.TimeTold;
import java.time.Instant;
import java.util.ArrayList;
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
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Gathers what becomes known of a unit and counts it once for each metric, when the metric's window
 * after the exposure has passed in event time. Keyed by experiment and unit.
 *
 * <p>A unit is forgotten when its last metric is closed; what becomes known of one that is not
 * exposed, when no exposure before it can come any more.
 */
public final class CloseUnits
    extends KeyedCoProcessFunction<String, TrialEvent, UnitOutcome, TrialEvent> {

  public static final KeySelector<TrialEvent, String> EVENT_KEY =
      event -> ExposeUnits.key(event.getExperiment(), event.getUnitId());

  public static final KeySelector<UnitOutcome, String> OUTCOME_KEY =
      outcome -> ExposeUnits.key(outcome.getExperiment(), outcome.getUnitId());

  private final RunningExperiments experiments;
  private final @Nullable Instant newest;

  private transient ValueState<TrialEvent> exposed;
  private transient ValueState<TrialEvent> crossed;
  private transient MapState<String, Outcome> outcomes;

  /** Metrics of the unit that are complete. */
  private transient MapState<String, Boolean> told;

  private transient Counter closed;
  private transient Counter excluded;
  private transient Counter late;

  /**
   * @param newest when the newest record of a bounded input was made; null of one without end
   */
  @SuppressWarnings("NullAway.Init") // transient fields are set in open()
  public CloseUnits(RunningExperiments experiments, @Nullable Instant newest) {
    this.experiments = experiments;
    this.newest = newest;
  }

  @Override
  public void open(OpenContext context) {
    var event = new AvroTypeInfo<>(TrialEvent.class);
    exposed = getRuntimeContext().getState(new ValueStateDescriptor<>("exposed", event));
    crossed = getRuntimeContext().getState(new ValueStateDescriptor<>("crossed", event));
    outcomes =
        getRuntimeContext()
            .getMapState(
                new MapStateDescriptor<>(
                    "outcomes", Types.STRING, new AvroTypeInfo<>(Outcome.class)));
    told =
        getRuntimeContext()
            .getMapState(new MapStateDescriptor<>("told", Types.STRING, Types.BOOLEAN));
    var metrics = getRuntimeContext().getMetricGroup();
    closed = metrics.counter("closedMetrics");
    excluded = metrics.counter("excludedMetrics");
    late = metrics.counter("lateOutcomes");
  }

  @Override
  public void processElement1(TrialEvent event, Context context, Collector<TrialEvent> out)
      throws Exception {
    ExperimentSpec spec = experiments.named(event.getExperiment());
    if (spec == null) {
      return;
    }
    if (event.getStep() == TrialStep.EXPOSED) {
      exposed.update(event);
      for (Metric metric : spec.metrics()) {
        context.timerService().registerEventTimeTimer(closesAt(event, metric));
      }
    } else if (exposed.value() != null) {
      crossed.update(event);
    }
  }

  @Override
  public void processElement2(UnitOutcome of, Context context, Collector<TrialEvent> out)
      throws Exception {
    Outcome outcome = of.getOutcome();
    if (exposed.value() == null) {
      if (forgottenAt(outcome) <= context.timerService().currentWatermark()) {
        late.inc();
        return;
      }
      context.timerService().registerEventTimeTimer(forgottenAt(outcome));
    }
    // one that is corrected after a window still counts in it as it was
    String key =
        String.join("\u0001", outcome.getName(), outcome.getIdentity(), outcome.getAt().toString());
    Outcome before = outcomes.get(key);
    if (before == null || outcome.getValue() > before.getValue()) {
      outcomes.put(key, outcome);
    }
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<TrialEvent> out)
      throws Exception {
    if (!TimeTold.reaches(timestamp, context.timerService().currentWatermark(), newest)) {
      return;
    }
    TrialEvent exposure = exposed.value();
    ExperimentSpec spec = exposure == null ? null : experiments.named(exposure.getExperiment());
    if (exposure == null) {
      forget(timestamp);
      return;
    }
    if (spec == null) {
      clear();
      return;
    }
    List<Outcome> known = new ArrayList<>();
    outcomes.values().forEach(known::add);
    boolean isComplete = true;
    for (Metric metric : spec.metrics()) {
      if (closesAt(exposure, metric) > timestamp) { // as its file says now
        context.timerService().registerEventTimeTimer(closesAt(exposure, metric));
        isComplete = false;
      } else if (!told.contains(metric.name())) {
        told.put(metric.name(), true);
        out.collect(close(exposure, metric, known));
      }
    }
    if (isComplete) {
      clear();
    }
  }

  private void clear() {
    exposed.clear();
    crossed.clear();
    outcomes.clear();
    told.clear();
  }

  private TrialEvent close(TrialEvent exposure, Metric metric, List<Outcome> known)
      throws Exception {
    Instant end = exposure.getAt().plus(metric.window());
    TrialEvent other = crossed.value();
    boolean isExcluded = other != null && other.getAt().isBefore(end);
    (isExcluded ? excluded : closed).inc();
    return new TrialEvent(
        exposure.getExperiment(),
        exposure.getVariation(),
        exposure.getUnitId(),
        end,
        isExcluded ? TrialStep.EXCLUDED : TrialStep.CLOSED,
        metric.name(),
        isExcluded
            ? List.of()
            : new UnitTotals(metric, exposure.getValues().get(0)).of(known, exposure.getAt()));
  }

  private void forget(long timestamp) throws Exception {
    List<String> unheeded = new ArrayList<>();
    for (var outcome : outcomes.entries()) {
      if (forgottenAt(outcome.getValue()) <= timestamp) {
        unheeded.add(outcome.getKey());
      }
    }
    for (String key : unheeded) {
      outcomes.remove(key);
    }
  }

  /** The first millisecond when all that became known within the window has come. */
  private static long closesAt(TrialEvent exposure, Metric metric) {
    return exposure.getAt().plus(metric.window()).toEpochMilli() + 1;
  }

  /** The first millisecond when all exposures up to then have come; they are told one later. */
  private static long forgottenAt(Outcome outcome) {
    return outcome.getAt().toEpochMilli() + 2;
  }
}
