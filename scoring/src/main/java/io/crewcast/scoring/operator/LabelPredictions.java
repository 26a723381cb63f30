package io.crewcast.scoring.operator;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.LabelOutcome;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRequested;
import io.crewcast.schemas.TrainingExample;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.Fact;
import io.crewcast.schemas.stream.PendingLabel;
import io.crewcast.schemas.stream.ScoredChange;
import io.crewcast.scoring.model.Hindsight;
import io.crewcast.scoring.model.Label;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.Situation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Waits with each trigger's inputs until its label is known, keyed as {@link ScoreEvents} is, and
 * emits one example a trigger; of a model without a label at once.
 *
 * <p>LABELLED once the label is settled, by a change or, where the label says so, by the passing of
 * its deadline in event time; CENSORED when that has passed and says nothing; KNOWN_BEFORE when it
 * was settled at the trigger; WITHDRAWN when the fact that triggered turns out never to have been;
 * LEFT_TRUNCATED in place of LABELLED when the source had not yet begun a model's {@code history}
 * before the trigger. What a bounded input does not settle up to its newest event stays open and is
 * not emitted.
 *
 * <p>When the source began is kept in state: a topic forgets its first events, a job that goes on
 * from a savepoint does not.
 */
public final class LabelPredictions
    extends KeyedProcessFunction<String, ScoredChange, TrainingExample>
    implements CheckpointedFunction {

  private static final ListStateDescriptor<Instant> SOURCE_BEGAN =
      new ListStateDescriptor<>("source-began", Types.INSTANT);

  private final EntityType entity;
  private final Map<String, ModelSpec> models;

  private final @Nullable Instant newest;

  private @Nullable Instant sourceBegan;

  private transient ListState<Instant> keptBegan;
  private transient ListState<PendingLabel> pending;
  private transient Map<LabelOutcome, Counter> counts;

  /**
   * @param entity what all of the models score
   * @param sourceBegan when the first event of the source was recorded; null where there is none
   *     yet
   * @param newest when the newest event of a bounded input was recorded; null of one without end
   */
  @SuppressWarnings("NullAway.Init") // transient fields are set in open()
  public LabelPredictions(
      EntityType entity,
      List<ModelSpec> models,
      @Nullable Instant sourceBegan,
      @Nullable Instant newest) {
    this.entity = entity;
    this.models = models.stream().collect(Collectors.toMap(ModelSpec::name, Function.identity()));
    this.sourceBegan = sourceBegan;
    this.newest = newest;
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    keptBegan = context.getOperatorStateStore().getUnionListState(SOURCE_BEGAN);
    for (Instant kept : keptBegan.get()) {
      sourceBegan = sourceBegan == null || kept.isBefore(sourceBegan) ? kept : sourceBegan;
    }
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    keptBegan.update(sourceBegan == null ? List.of() : List.of(sourceBegan));
  }

  @Override
  @SuppressWarnings("NullAway.Init") // keptBegan is set in initializeState(), which comes first
  public void open(OpenContext context) {
    counts = new EnumMap<>(LabelOutcome.class);
    for (LabelOutcome outcome : LabelOutcome.values()) {
      counts.put(outcome, getRuntimeContext().getMetricGroup().counter(metricOf(outcome)));
    }
    pending =
        getRuntimeContext()
            .getListState(
                new ListStateDescriptor<>("pending", new AvroTypeInfo<>(PendingLabel.class)));
  }

  private static String metricOf(LabelOutcome outcome) {
    return switch (outcome) {
      case LABELLED -> "labelledExamples";
      case CENSORED -> "censoredExamples";
      case KNOWN_BEFORE -> "knownBeforeExamples";
      case LEFT_TRUNCATED -> "leftTruncatedExamples";
      case WITHDRAWN -> "withdrawnExamples";
    };
  }

  @Override
  public void processElement(ScoredChange scored, Context context, Collector<TrainingExample> out)
      throws Exception {
    Change change = scored.getChange();
    sourceBegan = sourceBegan == null ? change.getRecordedAt() : sourceBegan;
    Situation situation = null;
    List<PendingLabel> open = new ArrayList<>();
    int before = 0;
    for (PendingLabel waiting : pending.get()) {
      before++;
      TrainingExample example = waiting.getExample();
      ModelSpec spec = models.get(example.getModel());
      if (spec == null) {
        continue;
      }
      if (!tells(change, example, spec)) {
        open.add(waiting);
      } else if (withdraws(change, waiting)) {
        emit(example, LabelOutcome.WITHDRAWN, null, null, out);
      } else if (change.getRecordedAt().isAfter(waiting.getDeadline())) {
        close(waiting, spec, out);
      } else {
        if (situation == null) {
          situation = new Situation(change, entity, spec.schemas());
        }
        Label.Settled settled =
            situation.knows(entity) && concerns(change, waiting, spec.label())
                ? spec.label().settle(hindsight(situation, change, example, spec))
                : null;
        if (settled == null) {
          open.add(waiting);
        } else {
          emit(example, spec, settled, change.getRecordedAt(), out);
        }
      }
    }
    int kept = open.size();
    for (Prediction prediction : scored.getPredictions()) {
      PendingLabel waiting = trigger(prediction, change, out);
      if (waiting != null) {
        open.add(waiting);
        context.timerService().registerEventTimeTimer(timerOf(waiting));
      }
    }
    if (kept != before || open.size() != kept) {
      pending.update(open);
    }
  }

  /** What a prediction leaves to wait for; null when its label is known already. */
  private @Nullable PendingLabel trigger(
      Prediction prediction, Change change, Collector<TrainingExample> out) {
    ModelSpec spec = models.get(prediction.getModel());
    Fact applied = change.getApplied();
    if (spec == null || applied == null || prediction.getRequestId() != null) {
      return null; // what is asked for may never be done, or be asked for again
    }
    WorkEvent event = applied.getEvent();
    TrainingExample example = new TrainingExample();
    example.setPredictionId(prediction.getPredictionId());
    example.setCompanyId(prediction.getCompanyId());
    example.setModel(prediction.getModel());
    example.setEntity(prediction.getEntity());
    example.setEntityId(prediction.getEntityId());
    example.setEventId(prediction.getEventId());
    example.setAsOf(prediction.getAsOf());
    example.setInputs(prediction.getInputs());
    example.setEntities(prediction.getEntities());
    example.setCluster(FactKind.entityId(event, EntityType.PROJECT));
    example.setScore(prediction.getOutputs().get("score"));
    example.setModelVersion(prediction.getModelVersion());
    Label label = spec.label();
    if (label instanceof Label.None) {
      emit(example, known(example, spec), null, prediction.getAsOf(), out);
      return null;
    }
    Situation situation = new Situation(change, entity, spec.schemas());
    if (label.settle(hindsight(situation, change, example, spec)) != null) {
      emit(example, LabelOutcome.KNOWN_BEFORE, null, null, out);
      return null;
    }
    String subject = label.of() == null ? null : FactKind.entityId(event, label.of());
    if (label.of() != null && subject == null) {
      emit(example, LabelOutcome.CENSORED, null, null, out); // no change can name it
      return null;
    }
    example.setOutcome(LabelOutcome.CENSORED);
    Instant deadline = prediction.getAsOf().plus(label.within());
    return new PendingLabel(example, FactKind.factKey(event), deadline, subject);
  }

  private static Hindsight hindsight(
      Situation now, Change change, TrainingExample then, ModelSpec spec) {
    return new Hindsight(now, change.getRecordedAt(), then, spec.inputs());
  }

  /**
   * False of what is asked: neither requests nor other models' schedules may change a label. Only
   * what the model itself asks tells, and the reading for that label. That reads what all changes
   * of its instant made of the entity: no single one of them tells what it was as of then.
   */
  private static boolean tells(Change change, TrainingExample then, ModelSpec spec) {
    Fact fact = change.getApplied() == null ? change.getRetracted() : change.getApplied();
    boolean isDue = change.getRecordedAt().equals(then.getAsOf().plus(spec.trigger().labelAfter()));
    if (!(fact.getEvent().getPayload() instanceof PredictionRequested request)) {
      return !(isDue && spec.label() instanceof Label.AtHorizon);
    }
    return request.getRequestId().equals(ModelSpec.SCHEDULED)
        && (isDue || request.getModel().equals(spec.name()));
  }

  /**
   * True when the label may be read from the change: it is not of another entity, as where a fact
   * has moved away, and names what the label is of.
   */
  private boolean concerns(Change change, PendingLabel waiting, Label label) {
    Fact applied = change.getApplied();
    WorkEvent event = (applied == null ? change.getRetracted() : applied).getEvent();
    String named = FactKind.entityId(event, entity);
    return (named == null || named.equals(waiting.getExample().getEntityId()))
        && (label.of() == null
            || Objects.equals(waiting.getSubject(), FactKind.entityId(event, label.of())));
  }

  /** True when the change says that the fact which triggered never was. */
  private static boolean withdraws(Change change, PendingLabel waiting) {
    Fact retracted = change.getRetracted();
    return change.getVoided()
        && retracted != null
        && FactKind.factKey(retracted.getEvent()).equals(waiting.getFactKey());
  }

  private LabelOutcome known(TrainingExample example, ModelSpec spec) {
    return sourceBegan != null
            && example.getAsOf().isBefore(sourceBegan.plus(spec.train().history()))
        ? LabelOutcome.LEFT_TRUNCATED
        : LabelOutcome.LABELLED;
  }

  /** Ends the waiting when the deadline has passed. */
  private void close(PendingLabel waiting, ModelSpec spec, Collector<TrainingExample> out) {
    emit(waiting.getExample(), spec, spec.label().atDeadline(), waiting.getDeadline(), out);
  }

  private void emit(
      TrainingExample example,
      ModelSpec spec,
      Label.Settled settled,
      Instant at,
      Collector<TrainingExample> out) {
    if (settled.value() == null) {
      emit(example, LabelOutcome.CENSORED, null, null, out);
    } else {
      emit(example, known(example, spec), settled.value(), at, out);
    }
  }

  private void emit(
      TrainingExample example,
      LabelOutcome outcome,
      @Nullable Double label,
      @Nullable Instant labelledAt,
      Collector<TrainingExample> out) {
    example.setOutcome(outcome);
    example.setLabel(label);
    example.setLabelledAt(labelledAt);
    Objects.requireNonNull(counts.get(outcome)).inc();
    out.collect(example);
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<TrainingExample> out)
      throws Exception {
    if (!TimeTold.reaches(timestamp, context.timerService().currentWatermark(), newest)) {
      return;
    }
    List<PendingLabel> open = new ArrayList<>();
    for (PendingLabel waiting : pending.get()) {
      ModelSpec spec = models.get(waiting.getExample().getModel());
      if (timerOf(waiting) > timestamp) {
        open.add(waiting);
      } else if (spec != null) {
        close(waiting, spec, out);
      }
    }
    pending.update(open);
  }

  /** Timers have milliseconds: the first one that is not before the deadline, and one more. */
  private static long timerOf(PendingLabel waiting) {
    return waiting.getDeadline().toEpochMilli() + 1;
  }
}
