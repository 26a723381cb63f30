package io.crewcast.scoring.trial;

import io.crewcast.schemas.ExperimentMetrics;
import io.crewcast.schemas.state.TrialStanding;
import io.crewcast.schemas.stream.TrialHour;
import io.crewcast.scoring.experiment.ExperimentSpec;
import io.crewcast.scoring.experiment.Scorecard;
import io.crewcast.scoring.experiment.Standings;
import io.crewcast.scoring.operator.TimeTold;
import java.time.Duration;
import java.time.Instant;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Looks at an experiment at the end of each hour of event time in which something changed. Keyed by
 * {@link #KEY}.
 *
 * <p>Hours are added one after the other, whenever they come, so that evidence is of the same looks
 * in every run. An experiment is forgotten a day after its last unit is complete.
 */
public final class ReportExperiments
    extends KeyedProcessFunction<String, TrialHour, ExperimentMetrics> {

  public static final KeySelector<TrialHour, String> KEY = TrialHour::getExperiment;

  private static final Duration REMEMBERED = Duration.ofDays(1);

  private final RunningExperiments experiments;
  private final @Nullable Instant newest;

  /** By the millisecond in which they end. */
  private transient MapState<Long, TrialHour> hours;

  private transient ValueState<TrialStanding> standing;

  /**
   * @param newest when the newest record of a bounded input was made; null of one without end
   */
  @SuppressWarnings("NullAway.Init") // transient fields are set in open()
  public ReportExperiments(RunningExperiments experiments, @Nullable Instant newest) {
    this.experiments = experiments;
    this.newest = newest;
  }

  @Override
  public void open(OpenContext context) {
    hours =
        getRuntimeContext()
            .getMapState(
                new MapStateDescriptor<>("hours", Types.LONG, new AvroTypeInfo<>(TrialHour.class)));
    standing =
        getRuntimeContext()
            .getState(
                new ValueStateDescriptor<>("standing", new AvroTypeInfo<>(TrialStanding.class)));
  }

  @Override
  public void processElement(TrialHour hour, Context context, Collector<ExperimentMetrics> out)
      throws Exception {
    ExperimentSpec spec = experiments.named(hour.getExperiment());
    if (spec == null || context.timerService().currentWatermark() >= forgottenAt(spec)) {
      return;
    }
    TrialHour counted = inTime(hour, context.timerService().currentWatermark());
    long endsAt = counted.getEndsAt().toEpochMilli();
    TrialHour before = hours.get(endsAt);
    hours.put(endsAt, before == null ? counted : Standings.merge(before, counted));
    context.timerService().registerEventTimeTimer(endsAt);
    context.timerService().registerEventTimeTimer(forgottenAt(spec));
  }

  /** What came when its hour was told already counts in the hour that runs. */
  private static TrialHour inTime(TrialHour hour, long watermark) {
    boolean isTold = hour.getEndsAt().toEpochMilli() <= watermark && watermark < Long.MAX_VALUE;
    if (isTold) {
      hour.setEndsAt(FoldHours.endOfHour(Instant.ofEpochMilli(watermark)));
    }
    return hour;
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<ExperimentMetrics> out)
      throws Exception {
    if (!TimeTold.reaches(timestamp, context.timerService().currentWatermark(), newest)) {
      return;
    }
    ExperimentSpec spec = experiments.named(context.getCurrentKey());
    TrialHour hour = hours.get(timestamp);
    if (hour != null && spec != null) {
      hours.remove(timestamp);
      TrialStanding now = standing.value() == null ? Standings.none() : standing.value();
      Standings.add(now, hour);
      new Scorecard(spec).look(now, hour.getEndsAt()).forEach(out::collect);
      standing.update(now);
    }
    if (spec == null || timestamp >= forgottenAt(spec)) {
      hours.clear();
      standing.clear();
    }
  }

  private static long forgottenAt(ExperimentSpec spec) {
    return spec.closes().plus(REMEMBERED).toEpochMilli();
  }
}
