package io.crewcast.scoring.trial;

import io.crewcast.schemas.stream.Outcome;
import io.crewcast.schemas.stream.TrialRecord;
import io.crewcast.schemas.stream.UnitOutcome;
import io.crewcast.scoring.experiment.ExperimentSpec;
import io.crewcast.scoring.operator.TimeTold;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Gives what is about a prediction or a request to the unit that was served it, whichever comes
 * first. Keyed by {@link #KEY}.
 *
 * <p>A prediction is remembered as long as what becomes known can count; an outcome waits until
 * event time has passed it, for nothing is known of a prediction before it is made. What is given
 * twice has the same identity.
 */
public final class AttributeOutcomes
    extends KeyedProcessFunction<String, TrialRecord, UnitOutcome> {

  public static final KeySelector<TrialRecord, String> KEY = TrialRecord::getSubject;

  private final RunningExperiments experiments;
  private final @Nullable Instant newest;

  private transient ListState<TrialRecord> served;
  private transient ListState<TrialRecord> waiting;
  private transient Counter attributed;
  private transient Counter unattributed;

  /**
   * @param newest when the newest record of a bounded input was made; null of one without end
   */
  @SuppressWarnings("NullAway.Init") // transient fields are set in open()
  public AttributeOutcomes(RunningExperiments experiments, @Nullable Instant newest) {
    this.experiments = experiments;
    this.newest = newest;
  }

  @Override
  public void open(OpenContext context) {
    var type = new AvroTypeInfo<>(TrialRecord.class);
    served = getRuntimeContext().getListState(new ListStateDescriptor<>("served", type));
    waiting = getRuntimeContext().getListState(new ListStateDescriptor<>("waiting", type));
    attributed = getRuntimeContext().getMetricGroup().counter("attributedOutcomes");
    unattributed = getRuntimeContext().getMetricGroup().counter("unattributedOutcomes");
  }

  @Override
  public void processElement(TrialRecord record, Context context, Collector<UnitOutcome> out)
      throws Exception {
    long expiry = expiry(record);
    if (expiry <= context.timerService().currentWatermark() && record.getOutcome() == null) {
      return; // nothing that could count can come any more
    }
    if (record.getOutcome() != null) {
      for (TrialRecord prediction : served.get()) {
        give(record.getOutcome(), prediction, out);
      }
      if (expiry > context.timerService().currentWatermark()) {
        waiting.add(record);
        context.timerService().registerEventTimeTimer(expiry);
      } else if (!served.get().iterator().hasNext()) {
        unattributed.inc();
      }
      return;
    }
    for (TrialRecord outcome : waiting.get()) {
      give(outcome.getOutcome(), record, out);
    }
    remember(record);
    context.timerService().registerEventTimeTimer(expiry);
  }

  private void give(Outcome outcome, TrialRecord prediction, Collector<UnitOutcome> out) {
    ExperimentSpec spec = experiments.named(prediction.getExperiment());
    if (spec != null && spec.observes(outcome.getName())) {
      attributed.inc();
      out.collect(new UnitOutcome(spec.name(), prediction.getUnitId(), outcome));
    }
  }

  /** A request may have many predictions for one unit; the newest is remembered longest. */
  private void remember(TrialRecord record) throws Exception {
    List<TrialRecord> others = new ArrayList<>();
    TrialRecord kept = record;
    for (TrialRecord other : served.get()) {
      boolean isSame =
          String.valueOf(other.getExperiment()).equals(record.getExperiment())
              && String.valueOf(other.getUnitId()).equals(record.getUnitId());
      if (!isSame) {
        others.add(other);
      } else if (other.getAt().isAfter(kept.getAt())) {
        kept = other;
      }
    }
    others.add(kept);
    served.update(others);
  }

  /** The first millisecond when it has no part in anything any more. */
  private long expiry(TrialRecord record) {
    ExperimentSpec spec = experiments.named(record.getExperiment());
    return (spec == null ? record.getAt() : record.getAt().plus(spec.longestWindow()))
            .toEpochMilli()
        + 1;
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<UnitOutcome> out)
      throws Exception {
    if (!TimeTold.reaches(timestamp, context.timerService().currentWatermark(), newest)) {
      return;
    }
    boolean isServed = served.get().iterator().hasNext();
    int dropped = drop(waiting, timestamp, context);
    unattributed.inc(isServed ? 0 : dropped);
    drop(served, timestamp, context);
  }

  private int drop(ListState<TrialRecord> records, long timestamp, OnTimerContext context)
      throws Exception {
    List<TrialRecord> kept = new ArrayList<>();
    int dropped = 0;
    for (TrialRecord record : records.get()) {
      if (expiry(record) > timestamp) {
        kept.add(record);
        // where a window has grown since, no timer was set for then
        context.timerService().registerEventTimeTimer(expiry(record));
      } else {
        dropped++;
      }
    }
    if (dropped > 0) {
      records.update(kept);
    }
    return dropped;
  }
}
