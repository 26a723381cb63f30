package io.crewcast.scoring.trial;

import io.crewcast.schemas.Alert;
import io.crewcast.schemas.ExperimentMetrics;
import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.serde.Feed;
import io.crewcast.schemas.state.TrialSteering;
import io.crewcast.scoring.experiment.ExperimentSpec;
import io.crewcast.scoring.experiment.Move;
import io.crewcast.scoring.experiment.Objection;
import io.crewcast.scoring.operator.TimeTold;
import io.crewcast.scoring.rollout.Lineup;
import io.crewcast.scoring.rollout.RolloutLog;
import java.time.Duration;
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
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leads experiments by what the looks at them say: grows the share of units on trial step by step,
 * and has the champion serve all again once something speaks against it. Publishes rollouts where
 * the experiment's file says {@code act: automatic}; tells each move by an alert. Keyed by {@link
 * #KEY}.
 *
 * <p>Moves are made in event time, after all rows of a look have come. Before one it is read to its
 * end what serves now: a person's rollout goes before, and what was done before a restart is not
 * done again. Where nobody is exposed there are no looks, and nothing grows.
 */
public final class SteerExperiments
    extends KeyedProcessFunction<String, ExperimentMetrics, ModelRollout> {

  public static final KeySelector<ExperimentMetrics, String> KEY = ExperimentMetrics::getExperiment;

  public static final OutputTag<Alert> ALERTS =
      new OutputTag<>("alerts", new AvroTypeInfo<>(Alert.class));

  private static final Logger LOG = LoggerFactory.getLogger(SteerExperiments.class);

  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration AGAIN = Duration.ofMinutes(1);

  private final RunningExperiments experiments;
  private final Feed<ModelRollout> rollouts;
  private final @Nullable Instant newest;

  /** Rows by the millisecond of their look. */
  private transient MapState<Long, List<ExperimentMetrics>> looks;

  private transient ValueState<TrialSteering> standing;
  private transient RolloutLog log;
  private transient Feed.Following following;

  /** Whether it is known what served when this task began. */
  private transient boolean isRead;

  /**
   * Leads experiments.
   *
   * @param rollouts which say what serves
   * @param newest when the newest record of a bounded input was made; null of one without end
   */
  @SuppressWarnings("NullAway.Init") // transient fields are set in open()
  public SteerExperiments(
      RunningExperiments experiments, Feed<ModelRollout> rollouts, @Nullable Instant newest) {
    this.experiments = experiments;
    this.rollouts = rollouts;
    this.newest = newest;
  }

  @Override
  public void open(OpenContext context) throws Exception {
    looks =
        getRuntimeContext()
            .getMapState(
                new MapStateDescriptor<>(
                    "looks", Types.LONG, Types.LIST(new AvroTypeInfo<>(ExperimentMetrics.class))));
    standing =
        getRuntimeContext()
            .getState(
                new ValueStateDescriptor<>("steering", new AvroTypeInfo<>(TrialSteering.class)));
    RolloutLog read = new RolloutLog();
    log = read;
    following = rollouts.follow(published -> read.add(published.value(), published.appendedAt()));
  }

  @Override
  public void processElement(ExperimentMetrics row, Context context, Collector<ModelRollout> out)
      throws Exception {
    ExperimentSpec spec = experiments.named(row.getExperiment());
    long at = row.getAsOf().toEpochMilli();
    if (spec == null || context.timerService().currentWatermark() >= forgottenAt(spec)) {
      return;
    }
    List<ExperimentMetrics> look = looks.get(at);
    List<ExperimentMetrics> rows = look == null ? new ArrayList<>() : look;
    rows.add(row);
    looks.put(at, rows);
    context.timerService().registerEventTimeTimer(at);
    context.timerService().registerEventTimeTimer(forgottenAt(spec));
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<ModelRollout> out)
      throws Exception {
    if (!TimeTold.reaches(timestamp, context.timerService().currentWatermark(), newest)) {
      return;
    }
    ExperimentSpec spec = experiments.named(context.getCurrentKey());
    if (spec == null || timestamp >= forgottenAt(spec)) {
      looks.clear();
      standing.clear();
      return;
    }
    TrialSteering now = standing.value() == null ? none() : standing.value();
    List<ExperimentMetrics> look = looks.get(timestamp);
    if (look != null) {
      looks.remove(timestamp);
      keep(Objection.in(look).orElse(null), now);
    }
    lead(spec, now, Instant.ofEpochMilli(timestamp), context, out);
    standing.update(now);
  }

  private void lead(
      ExperimentSpec spec,
      TrialSteering now,
      Instant at,
      OnTimerContext context,
      Collector<ModelRollout> out)
      throws InterruptedException {
    Instant clock = Instant.ofEpochMilli(context.timerService().currentProcessingTime());
    Steering next = next(spec, now, at);
    if (!isRead || (next != null && !(next.move() instanceof Move.Hold))) {
      if (!following.awaitKnown(clock, PATIENCE)) {
        LOG.warn(
            "{}: nothing is done before model-rollouts is read; see that Kafka and the registry run",
            spec.name());
        context.timerService().registerEventTimeTimer(at.plus(AGAIN).toEpochMilli());
        return;
      }
      isRead = true;
      next = next(spec, now, at); // as it stands by now
    }
    if (next == null) {
      return;
    }
    if (next.move() instanceof Move.Hold hold) {
      if (hold.until() != null) {
        context.timerService().registerEventTimeTimer(hold.until().toEpochMilli());
      }
      return;
    }
    String id = next.id();
    if (id.equals(now.getTold())) {
      return;
    }
    now.setTold(id);
    now.setToldAt(at);
    context.output(ALERTS, next.alert(at));
    boolean isDone =
        log.newest(spec.model(), null).stream().anyMatch(l -> l.rolloutId().equals(id));
    if (spec.ramp().isAutomatic() && !isDone) {
      List<ModelRollout> phases = next.rollout(clock);
      phases.forEach(out::collect);
      now.setAsked(phases.get(1));
    }
  }

  /** The next move; null where the experiment does not serve. */
  private @Nullable Steering next(ExperimentSpec spec, TrialSteering now, Instant at) {
    List<Lineup> lineups = log.newest(spec.model(), now.getAsked());
    Steering untold = untold(spec, now, lineups);
    if (untold != null) {
      return untold;
    }
    Lineup serving = lineups.isEmpty() ? null : lineups.get(lineups.size() - 1);
    if (serving == null || !isOf(spec, serving)) {
      return null;
    }
    return new Steering(
        spec, serving, Move.at(at, spec, serving.coverage(), since(serving, now), objection(now)));
  }

  /**
   * What was done already and not told, because a restart came between: null where there is no
   * such.
   */
  private static @Nullable Steering untold(
      ExperimentSpec spec, TrialSteering now, List<Lineup> lineups) {
    if (lineups.size() < 2) {
      return null;
    }
    Lineup before = lineups.get(lineups.size() - 2);
    Lineup serving = lineups.get(lineups.size() - 1);
    Objection objection = objection(now);
    Move made =
        isOf(spec, serving)
            ? new Move.Grow(serving.coverage())
            : objection == null ? null : new Move.Stop(objection);
    if (made == null || !isOf(spec, before) || serving.rolloutId().equals(now.getTold())) {
      return null;
    }
    Steering steering = new Steering(spec, before, made);
    return steering.id().equals(serving.rolloutId()) ? steering : null;
  }

  private static boolean isOf(ExperimentSpec spec, Lineup lineup) {
    return lineup.isTrial() && lineup.experiment().equals(spec.name());
  }

  /** When a line-up began; one that was asked for here not before it was. */
  private static Instant since(Lineup serving, TrialSteering now) {
    Instant told = now.getToldAt();
    return told != null
            && serving.rolloutId().equals(now.getTold())
            && told.isAfter(serving.effectiveAt())
        ? told
        : serving.effectiveAt();
  }

  private static TrialSteering none() {
    return new TrialSteering(null, 0.0, 0.0, null, null, null);
  }

  private static void keep(@Nullable Objection objection, TrialSteering now) {
    now.setObjection(objection == null ? null : objection.reason());
    now.setValue(objection == null ? 0 : objection.value());
    now.setThreshold(objection == null ? 0 : objection.threshold());
  }

  private static @Nullable Objection objection(TrialSteering now) {
    return now.getObjection() == null
        ? null
        : new Objection(now.getObjection(), now.getValue(), now.getThreshold());
  }

  private static long forgottenAt(ExperimentSpec spec) {
    return spec.closes().plus(Duration.ofDays(1)).toEpochMilli();
  }

  @Override
  public void close() {
    if (following != null) {
      following.close();
    }
  }
}
