package io.crewcast.scoring.operator;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.LabelOutcome;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.TrainingExample;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.Fact;
import io.crewcast.schemas.stream.PendingLabel;
import io.crewcast.schemas.stream.ScoredChange;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.Situation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Waits with each trigger's inputs until its label is known, keyed as {@link ScoreEvents} is, and
 * emits one example a trigger.
 *
 * <p>LABELLED once the label holds; KNOWN_BEFORE when it held at the trigger; CENSORED when {@code
 * within} has passed in event time; WITHDRAWN when the fact that triggered turns out never to have
 * been; LEFT_TRUNCATED in place of LABELLED when its windows reach back before the source began.
 * What still waits at the end of a bounded input stays open and is not emitted.
 */
public final class LabelPredictions
    extends KeyedProcessFunction<String, ScoredChange, TrainingExample> {

  private final EntityType entity;
  private final Map<String, ModelSpec> models;
  private final @Nullable Instant leftTruncatedUntil;

  private transient ListState<PendingLabel> pending;

  /**
   * @param entity what all of the models score
   * @param leftTruncatedUntil examples before it lack history: the source's first event and the
   *     longest window of an input; null when none does
   */
  @SuppressWarnings("NullAway.Init") // transient fields are set in open()
  public LabelPredictions(
      EntityType entity, List<ModelSpec> models, @Nullable Instant leftTruncatedUntil) {
    this.entity = entity;
    this.models = models.stream().collect(Collectors.toMap(ModelSpec::name, Function.identity()));
    this.leftTruncatedUntil = leftTruncatedUntil;
  }

  @Override
  public void open(OpenContext context) {
    pending =
        getRuntimeContext()
            .getListState(
                new ListStateDescriptor<>("pending", new AvroTypeInfo<>(PendingLabel.class)));
  }

  @Override
  public void processElement(ScoredChange scored, Context context, Collector<TrainingExample> out)
      throws Exception {
    Change change = scored.getChange();
    Situation situation = null;
    List<PendingLabel> open = new ArrayList<>();
    int before = 0;
    for (PendingLabel waiting : pending.get()) {
      before++;
      ModelSpec spec = models.get(waiting.getExample().getModel());
      if (spec == null) {
        continue;
      }
      if (withdraws(change, waiting)) {
        emit(waiting.getExample(), LabelOutcome.WITHDRAWN, null, null, out);
      } else if (change.getRecordedAt().isAfter(waiting.getDeadline())) {
        emit(waiting.getExample(), LabelOutcome.CENSORED, null, null, out);
      } else {
        if (situation == null) {
          situation = new Situation(change, entity, spec.schemas());
        }
        Double label = situation.knows(entity) ? spec.label().of(situation) : null;
        if (label == null) {
          open.add(waiting);
        } else {
          settle(waiting.getExample(), label, change.getRecordedAt(), out);
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
    if (spec == null || applied == null) {
      return null;
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
    example.setCluster(FactKind.entityId(event, EntityType.PROJECT));
    example.setScore(prediction.getOutputs().get("score"));
    example.setModelVersion(prediction.getModelVersion());
    if (spec.label().of(new Situation(change, entity, spec.schemas())) != null) {
      emit(example, LabelOutcome.KNOWN_BEFORE, null, null, out);
      return null;
    }
    example.setOutcome(LabelOutcome.CENSORED);
    Instant deadline = prediction.getAsOf().plus(spec.label().within());
    return new PendingLabel(example, FactKind.factKey(event), deadline);
  }

  /** True when the change says that the fact which triggered never was. */
  private static boolean withdraws(Change change, PendingLabel waiting) {
    Fact retracted = change.getRetracted();
    return change.getVoided()
        && retracted != null
        && FactKind.factKey(retracted.getEvent()).equals(waiting.getFactKey());
  }

  private void settle(
      TrainingExample example, double label, Instant labelledAt, Collector<TrainingExample> out) {
    boolean truncated =
        leftTruncatedUntil != null && example.getAsOf().isBefore(leftTruncatedUntil);
    emit(
        example,
        truncated ? LabelOutcome.LEFT_TRUNCATED : LabelOutcome.LABELLED,
        label,
        labelledAt,
        out);
  }

  private static void emit(
      TrainingExample example,
      LabelOutcome outcome,
      @Nullable Double label,
      @Nullable Instant labelledAt,
      Collector<TrainingExample> out) {
    example.setOutcome(outcome);
    example.setLabel(label);
    example.setLabelledAt(labelledAt);
    out.collect(example);
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<TrainingExample> out)
      throws Exception {
    if (context.timerService().currentWatermark() == Long.MAX_VALUE) {
      return; // the input has ended; nothing more became known
    }
    List<PendingLabel> open = new ArrayList<>();
    for (PendingLabel waiting : pending.get()) {
      if (timerOf(waiting) <= timestamp) {
        emit(waiting.getExample(), LabelOutcome.CENSORED, null, null, out);
      } else {
        open.add(waiting);
      }
    }
    pending.update(open);
  }

  /** Timers have milliseconds: the first one that is not before the deadline, and one more. */
  private static long timerOf(PendingLabel waiting) {
    return waiting.getDeadline().toEpochMilli() + 1;
  }
}
