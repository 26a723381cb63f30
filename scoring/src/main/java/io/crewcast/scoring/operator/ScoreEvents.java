package io.crewcast.scoring.operator;

import io.crewcast.schemas.Alert;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRequested;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.expression.FactFields;
import io.crewcast.schemas.serde.Feed;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.Fact;
import io.crewcast.schemas.stream.ScoredChange;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.Situation;
import io.crewcast.scoring.rollout.Lineup;
import io.crewcast.scoring.rollout.Timeline;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Scores the changes that trigger a model, keyed by the scored entity; every change goes on with
 * what served its triggers, and each prediction, those of shadows too, also leaves by {@link
 * #PREDICTIONS}. A request triggers the model that it names.
 *
 * <p>Only the event that caused a change triggers: what a late older version or a retraction brings
 * up again does not. Who answers is said by the rollout that is in effect at the event's {@code
 * recorded_at}; a task that does not yet know all rollouts up to then waits for them, so that no
 * two tasks disagree. Where no version can answer, or the scored entity has no features, the
 * model's fallback does.
 *
 * <p>What XGBoost4J scores waits for company, for a few milliseconds and within the task: changes
 * leave in the order in which they came, and before a watermark or a checkpoint all of them.
 */
public final class ScoreEvents extends AbstractStreamOperator<ScoredChange>
    implements OneInputStreamOperator<Change, ScoredChange> {

  /** Every prediction. */
  public static final OutputTag<Prediction> PREDICTIONS =
      new OutputTag<>("predictions", new AvroTypeInfo<>(Prediction.class));

  /** Versions that cannot serve, that XGBoost4J has to serve, or that are too slow. */
  public static final OutputTag<Alert> ALERTS =
      new OutputTag<>("alerts", new AvroTypeInfo<>(Alert.class));

  private static final MapStateDescriptor<String, ModelRollout> ROLLOUTS =
      new MapStateDescriptor<>("rollouts", Types.STRING, new AvroTypeInfo<>(ModelRollout.class));

  private static final ListStateDescriptor<Alert> OPEN_ALERTS =
      new ListStateDescriptor<>("open-alerts", new AvroTypeInfo<>(Alert.class));

  /** How long the first row of a batch waits for others. */
  private static final long BATCH_MILLIS = 5;

  private static final long LOOK_MILLIS = 1_000;

  /** At the start a topic has to be there; later a broker that is gone must not stop the scores. */
  private static final Duration FIRST_READING = Duration.ofMinutes(1);

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /**
   * By how much this machine's clock may be ahead of the broker's. What is read ten times a second
   * is known for so long before it is in effect that nothing waits for it.
   */
  private static final Duration CLOCKS_DIFFER = Duration.ofMillis(500);

  private final EntityType entity;
  private final List<ModelSpec> models;
  private final ServingOptions options;
  private final @Nullable Feed<ModelRollout> rollouts;

  private transient MapState<String, Boolean> triggered;
  private transient BroadcastState<String, ModelRollout> keptRollouts;
  private transient ListState<Alert> keptAlerts;
  private transient List<ModelAnswers> answers;
  private transient ArrayDeque<Scoring> waiting;
  private transient boolean flushIsDue;
  private transient Feed.@Nullable Following following;
  private transient Duration patience;

  /**
   * @param entity what all of the models score and by what the stream is keyed
   * @param rollouts null where pins and initial versions alone say who answers
   */
  @SuppressWarnings("NullAway.Init") // transient fields are set in open()
  public ScoreEvents(
      EntityType entity,
      List<ModelSpec> models,
      ServingOptions options,
      @Nullable Feed<ModelRollout> rollouts) {
    this.entity = entity;
    this.models = List.copyOf(models);
    this.options = options;
    this.rollouts = rollouts;
    for (ModelSpec model : models) {
      if (model.scores() != entity) {
        throw new IllegalArgumentException(model.name() + " does not score a " + entity);
      }
    }
  }

  /** A change and what it triggered, until all of that is answered. */
  private static final class Scoring {
    private final Change change;
    private final StreamRecord<?> time;
    private final List<ModelAnswers.Question> questions = new ArrayList<>();
    private int open;

    Scoring(StreamRecord<Change> element) {
      this.change = element.getValue();
      this.time = element.copy(change); // the one that came may carry another change soon
    }
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    keptRollouts = context.getOperatorStateStore().getBroadcastState(ROLLOUTS);
    answers = new ArrayList<>();
    for (ModelSpec spec : models) {
      answers.add(
          new ModelAnswers(
              entity, new ServedVersions(spec, options), getMetricGroup(), this::clock));
    }
    for (Map.Entry<String, ModelRollout> kept : keptRollouts.immutableEntries()) {
      answers.forEach(model -> model.versions().restore(kept.getValue()));
    }
    keptAlerts = context.getOperatorStateStore().getUnionListState(OPEN_ALERTS);
    TaskInfo task = getRuntimeContext().getTaskInfo();
    for (Alert kept : keptAlerts.get()) {
      answers.forEach(
          model ->
              model.restore(
                  kept, task.getIndexOfThisSubtask(), task.getNumberOfParallelSubtasks()));
    }
  }

  @Override
  public void open() throws Exception {
    super.open();
    waiting = new ArrayDeque<>();
    patience = PATIENCE;
    triggered =
        getRuntimeContext()
            .getMapState(new MapStateDescriptor<>("triggered", Types.STRING, Types.BOOLEAN));
    if (rollouts != null && answers.stream().anyMatch(m -> m.versions().followsRollouts())) {
      following =
          rollouts.follow(
              published -> answers.forEach(model -> model.versions().rolledOut(published)));
      if (!following.awaitKnown(clock(), FIRST_READING)) {
        throw new IllegalStateException(
            "model-rollouts cannot be read: see that Kafka and the registry run and the topic exists");
      }
    }
    answers.forEach(model -> model.versions().open(clock()));
    var unused = getProcessingTimeService().scheduleWithFixedDelay(now -> look(), 0, LOOK_MILLIS);
  }

  private Instant clock() {
    return Instant.ofEpochMilli(getProcessingTimeService().getCurrentProcessingTime());
  }

  @Override
  public void processElement(StreamRecord<Change> element) throws Exception {
    Change change = element.getValue();
    Scoring scoring = new Scoring(element);
    Fact fact = change.getApplied();
    if (fact != null
        && fact.getEvent().getEventId().equals(change.getEventId())
        && FactKind.entityId(fact.getEvent(), entity) != null) {
      for (ModelAnswers model : answers) {
        if (triggers(model.spec(), fact)) {
          score(model, scoring, fact);
        }
      }
    }
    if (waiting.isEmpty() && scoring.open == 0) {
      emit(scoring);
    } else {
      waiting.add(scoring);
      emitAnswered();
      dueSoon();
    }
  }

  private boolean triggers(ModelSpec spec, Fact fact) throws Exception {
    boolean asks =
        fact.getEvent().getPayload() instanceof PredictionRequested request
            ? request.getModel().equals(spec.name())
            : happensToTrigger(spec, fact);
    return asks
        && (options.predictFrom() == null
            || !fact.getEvent().getRecordedAt().isBefore(options.predictFrom()));
  }

  private boolean happensToTrigger(ModelSpec spec, Fact fact) throws Exception {
    ModelSpec.Trigger trigger = spec.trigger();
    if (!trigger.holds(fact)) {
      return false;
    }
    if (trigger.oncePer() != null) {
      String once = spec.name() + '\u0001' + FactFields.value(fact, trigger.oncePer());
      if (triggered.contains(once)) {
        return false;
      }
      triggered.put(once, true);
    }
    return true;
  }

  private void score(ModelAnswers model, Scoring scoring, Fact fact) throws InterruptedException {
    Instant recordedAt = fact.getEvent().getRecordedAt();
    awaitRollouts(recordedAt, model);
    Situation situation = new Situation(scoring.change, entity, model.spec().schemas());
    Optional<Lineup> lineup =
        situation.knows(entity) ? model.versions().at(recordedAt) : Optional.empty();
    for (ModelAnswers.Question question : model.questions(lineup, fact, situation)) {
      scoring.questions.add(question);
      scoring.open++;
      question.ask(() -> scoring.open--);
    }
  }

  /**
   * Until all rollouts are known that may be in effect at that instant. What is recorded after now
   * is answered by what is known now.
   */
  private void awaitRollouts(Instant recordedAt, ModelAnswers model) throws InterruptedException {
    if (following != null && model.versions().followsRollouts()) {
      Instant now = clock();
      Instant needed =
          (recordedAt.isBefore(now) ? recordedAt : now).minus(Timeline.NOTICE).plus(CLOCKS_DIFFER);
      boolean known = following.awaitKnown(needed, patience);
      patience = known ? PATIENCE : Duration.ZERO; // one event waits in vain, not each
      if (!known) {
        model.answersUnaware();
      }
    }
  }

  private void dueSoon() {
    if (!flushIsDue && !waiting.isEmpty()) {
      flushIsDue = true;
      var clock = getProcessingTimeService();
      var unused =
          clock.registerTimer(
              clock.getCurrentProcessingTime() + BATCH_MILLIS,
              now -> {
                flushIsDue = false;
                flush();
              });
    }
  }

  private void flush() {
    if (!waiting.isEmpty()) {
      answers.forEach(ModelAnswers::flush);
      emitAnswered();
    }
  }

  private void emitAnswered() {
    while (!waiting.isEmpty() && waiting.peek().open == 0) {
      emit(waiting.remove());
    }
  }

  private void emit(Scoring scoring) {
    List<Prediction> served = new ArrayList<>();
    for (ModelAnswers.Question question : scoring.questions) {
      if (question.isSilent()) {
        continue;
      }
      Prediction prediction = question.prediction();
      prediction.setScoredAt(clock());
      output.collect(PREDICTIONS, at(scoring.time, prediction));
      if (prediction.getRole() != PredictionRole.SHADOW) {
        served.add(prediction);
      }
    }
    output.collect(at(scoring.time, new ScoredChange(scoring.change, served)));
  }

  private static <T> StreamRecord<T> at(StreamRecord<?> time, T value) {
    return time.hasTimestamp()
        ? new StreamRecord<>(value, time.getTimestamp())
        : new StreamRecord<>(value);
  }

  /** Says what is wrong with versions. */
  private void look() {
    int subtask = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
    for (ModelAnswers model : answers) {
      model.look(subtask).forEach(alert -> output.collect(ALERTS, new StreamRecord<>(alert)));
    }
  }

  @Override
  public void processWatermark(Watermark mark) throws Exception {
    flush();
    super.processWatermark(mark);
    answers.forEach(model -> model.versions().forget(Instant.ofEpochMilli(mark.getTimestamp())));
  }

  @Override
  public void prepareSnapshotPreBarrier(long checkpointId) {
    flush();
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    keptAlerts.update(answers.stream().flatMap(model -> model.openAlerts().stream()).toList());
    for (ModelAnswers model : answers) {
      for (ModelRollout activation : model.versions().activations()) {
        keptRollouts.put(activation.getRolloutId(), activation);
      }
    }
  }

  @Override
  public void finish() throws Exception {
    flush();
    super.finish();
  }

  @Override
  public void close() throws Exception {
    if (following != null) {
      following.close();
    }
    if (answers != null) {
      answers.forEach(model -> model.versions().close());
    }
    super.close();
  }
}
