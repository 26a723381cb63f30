package io.crewcast.scoring.operator;

import static io.crewcast.scoring.operator.ScoringHarness.T0;
import static io.crewcast.scoring.operator.ScoringHarness.change;
import static io.crewcast.scoring.operator.ScoringHarness.startOf;

import io.crewcast.schemas.Alert;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.RolloutStage;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.ScoredChange;
import io.crewcast.scoring.experiment.ExperimentSpec;
import io.crewcast.scoring.fixture.HeldRollouts;
import io.crewcast.scoring.fixture.PublishedModels;
import io.crewcast.scoring.model.ModelSpec;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/** Scores starts of tasks by versions 1 to 3 of a model, as rollouts that it is handed say. */
@SuppressWarnings("NullAway.Init")
final class RolloutHarness implements AutoCloseable {

  private final Path models;
  private ModelSpec model;
  private List<ExperimentSpec> experiments = List.of();
  private KeyedOneInputStreamOperatorTestHarness<String, Change, ScoredChange> harness;

  RolloutHarness(Path directory) throws Exception {
    HeldRollouts.clear();
    models = directory.resolve("models");
    model = ScoringHarness.model(directory);
    for (int version = 1; version <= 3; version++) {
      PublishedModels.publish(models, model, version, Map.of());
    }
    harness = open(null, Map.of());
  }

  /** What the other tests call version 1, 2, 3, in two phases. */
  static ModelRollout.Builder rollout(int champion) {
    return ModelRollout.newBuilder()
        .setModel("overrun")
        .setRolloutId("rollout-" + champion)
        .setStage(RolloutStage.PREPARE)
        .setChampion(champion)
        .setPublishedAt(T0);
  }

  static Instant at(long seconds) {
    return T0.plusSeconds(seconds);
  }

  Path models() {
    return models;
  }

  ModelSpec model() {
    return model;
  }

  /** Starts anew, with another file of the model. */
  void serve(ModelSpec other) throws Exception {
    model = other;
    reopen(null, Map.of());
  }

  /** Starts anew, with the file of an experiment. */
  void run(ExperimentSpec experiment) throws Exception {
    experiments = List.of(experiment);
    reopen(null, Map.of());
  }

  /**
   * Starts anew.
   *
   * @param state of before, null for none
   * @param initial versions that serve before any rollout, by model
   */
  void reopen(@Nullable OperatorSubtaskState state, Map<String, Integer> initial) throws Exception {
    harness.close();
    harness = open(state, initial);
  }

  void activate(ModelRollout rollout, Instant effectiveAt) {
    rollout.setStage(RolloutStage.ACTIVATE);
    rollout.setEffectiveAt(effectiveAt);
    rollout.setPublishedAt(effectiveAt.minusSeconds(2));
    HeldRollouts.hand(rollout, effectiveAt.minusSeconds(2));
  }

  void start(String task, Instant at) throws Exception {
    start(task, "p1", at);
  }

  void start(String task, String project, Instant at) throws Exception {
    process(change(null, startOf(task, project, at), at, 0));
  }

  void process(Change change) throws Exception {
    harness.processElement(change, change.getRecordedAt().toEpochMilli());
  }

  void clock(Instant now) throws Exception {
    harness.setProcessingTime(now.toEpochMilli());
  }

  void watermark(Instant time) throws Exception {
    harness.processWatermark(time.toEpochMilli());
  }

  OperatorSubtaskState snapshot() throws Exception {
    return harness.snapshot(1, 1);
  }

  void prepareSnapshot() throws Exception {
    harness.prepareSnapshotPreBarrier(1);
  }

  List<ScoredChange> scored() {
    return harness.extractOutputValues();
  }

  List<Prediction> predictions() {
    return side(ScoreEvents.PREDICTIONS);
  }

  List<Alert> alerts() {
    return side(ScoreEvents.ALERTS);
  }

  private <T> List<T> side(OutputTag<T> tag) {
    var side = harness.getSideOutput(tag);
    return side == null ? List.of() : side.stream().map(StreamRecord::getValue).toList();
  }

  private KeyedOneInputStreamOperatorTestHarness<String, Change, ScoredChange> open(
      @Nullable OperatorSubtaskState state, Map<String, Integer> initial) throws Exception {
    var options = new ServingOptions(models.toString(), Map.of(), initial, null, true, experiments);
    var created =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new ScoreEvents(EntityType.TASK, List.of(model), options, new HeldRollouts()),
            ScoringHarness::taskOf,
            Types.STRING);
    created.setProcessingTime(T0.toEpochMilli());
    if (state != null) {
      created.initializeState(state);
    }
    created.open();
    return created;
  }

  @Override
  public void close() throws Exception {
    harness.close();
  }
}
