package io.crewcast.scoring.operator;

import static io.crewcast.scoring.operator.PublishedModels.DART;
import static io.crewcast.scoring.operator.PublishedModels.publish;
import static io.crewcast.scoring.operator.ScoringHarness.T0;
import static io.crewcast.scoring.operator.ScoringHarness.change;
import static io.crewcast.scoring.operator.ScoringHarness.startOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.schemas.Alert;
import io.crewcast.schemas.AlertSeverity;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.RolloutStage;
import io.crewcast.schemas.serde.Feed;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.Fact;
import io.crewcast.schemas.stream.ScoredChange;
import io.crewcast.scoring.experiment.ExperimentSpec;
import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.ModelStore;
import io.crewcast.scoring.serving.LoadedModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link ScoreEvents} as rollouts say who answers. */
@SuppressWarnings("NullAway.Init")
final class RolloutTest {

  @TempDir private Path directory;
  private Path models;
  private ModelSpec model;
  private List<ExperimentSpec> experiments = List.of();
  private KeyedOneInputStreamOperatorTestHarness<String, Change, ScoredChange> harness;

  /** What a topic would hand over; in place of Kafka, which cannot be late on demand. */
  private static final class Topic implements Feed<ModelRollout>, Feed.Following {
    private static final List<Published<ModelRollout>> PUBLISHED = new ArrayList<>();
    private static final List<Published<ModelRollout>> ON_THE_WAY = new ArrayList<>();
    private static final List<Duration> PATIENCE = new ArrayList<>();
    private static final List<Instant> NEEDED = new ArrayList<>();
    private static Consumer<Published<ModelRollout>> receiver = published -> {};
    private static boolean answers = true;

    @Override
    public Following follow(Consumer<Published<ModelRollout>> by) {
      receiver = by;
      PUBLISHED.forEach(by);
      return this;
    }

    @Override
    public boolean awaitKnown(Instant before, Duration limit) {
      PATIENCE.add(limit);
      NEEDED.add(before);
      for (Published<ModelRollout> published : List.copyOf(ON_THE_WAY)) {
        if (published.appendedAt().isBefore(before)) {
          ON_THE_WAY.remove(published);
          hand(published);
        }
      }
      return answers;
    }

    @Override
    public void close() {}

    static void hand(Published<ModelRollout> published) {
      PUBLISHED.add(published);
      receiver.accept(published);
    }
  }

  @BeforeEach
  void opens() throws Exception {
    Topic.PUBLISHED.clear();
    Topic.ON_THE_WAY.clear();
    Topic.answers = true;
    models = directory.resolve("models");
    model = ScoringHarness.model(directory);
    for (int version = 1; version <= 3; version++) {
      publish(models, model, version, Map.of());
    }
    harness = harness(null, Map.of());
  }

  @AfterEach
  void closes() throws Exception {
    harness.close();
  }

  @Test
  void answersByTheVersionThatIsInEffectWhenTheEventIsRecorded() throws Exception {
    activate(rollout(1).build(), T0);
    activate(rollout(2).build(), at(60));
    start("a", at(59));
    start("b", at(60));
    start("late", at(30));
    assertThat(predictions()).extracting(Prediction::getModelVersion).containsExactly(1, 2, 1);
    assertThat(predictions().get(0).getOutputs().get("score")).isBetween(0.005, 0.03);
  }

  @Test
  void leavesItToTheFallbackUntilAVersionIsActivated() throws Exception {
    ModelRollout prepared = rollout(1).build();
    Topic.hand(new Feed.Published<>(prepared, T0));
    start("a", at(10));
    assertThat(predictions())
        .singleElement()
        .extracting(Prediction::getRole, Prediction::getModelVersion)
        .containsExactly(PredictionRole.FALLBACK, 0);
  }

  @Test
  void answersByTheVersionOfTheStartUntilARolloutSaysOtherwise() throws Exception {
    reopen(null, Map.of("overrun", 3));
    activate(rollout(1).build(), at(60));
    start("a", at(10));
    start("b", at(70));
    assertThat(predictions()).extracting(Prediction::getModelVersion).containsExactly(3, 1);
  }

  @Test
  void waitsForRolloutsThatMayBeInEffectBeforeItAnswers() throws Exception {
    activate(rollout(1).build(), T0);
    harness.setProcessingTime(at(100).toEpochMilli());
    ModelRollout second = rollout(2).setStage(RolloutStage.ACTIVATE).setEffectiveAt(at(99)).build();
    Topic.ON_THE_WAY.add(new Feed.Published<>(second, at(97)));
    start("a", at(99));
    assertThat(predictions()).extracting(Prediction::getModelVersion).containsExactly(2);
  }

  @Test
  void triesAChallengerOnAShareOfTheUnitsAndNamesTheirVariation() throws Exception {
    activate(rollout(1).setChallenger(2).setCoverage(1.0).build(), T0);
    for (int i = 0; i < 40; i++) {
      start("task-" + i, "project-" + i, at(10));
    }
    assertThat(predictions())
        .allSatisfy(
            prediction -> {
              boolean challenged = prediction.getRole() == PredictionRole.CHALLENGER;
              assertThat(prediction.getModelVersion()).isEqualTo(challenged ? 2 : 1);
              assertThat(prediction.getVariation())
                  .isEqualTo(challenged ? "challenger" : "champion");
              assertThat(prediction.getExperiment()).isEqualTo("overrun:2");
              assertThat(prediction.getUnitId()).startsWith("acme:project-");
            })
        .extracting(Prediction::getRole)
        .contains(PredictionRole.CHAMPION, PredictionRole.CHALLENGER);
  }

  @Test
  void leavesWhoIsNotOfTheAudienceToTheChampion() throws Exception {
    model = ScoringHarness.model(directory, "rollout: {audience: project_id == \"bridge\"}");
    reopen(null, Map.of());
    activate(rollout(1).setChallenger(2).setCoverage(1.0).build(), T0);
    start("a", "bridge", at(10));
    start("b", "tunnel", at(10));
    assertThat(predictions().get(0).getUnitId()).isEqualTo("acme");
    assertThat(predictions().get(1).getVariation()).isNull();
    assertThat(predictions().get(1).getModelVersion()).isEqualTo(1);
  }

  @Test
  void scoresShadowsBesideWhatItServesAndHandsOnWhatItServes() throws Exception {
    activate(rollout(1).setShadows(List.of(2, 3)).build(), T0);
    start("a", at(10));
    assertThat(predictions())
        .extracting(Prediction::getRole, Prediction::getModelVersion)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(PredictionRole.CHAMPION, 1),
            org.assertj.core.groups.Tuple.tuple(PredictionRole.SHADOW, 2),
            org.assertj.core.groups.Tuple.tuple(PredictionRole.SHADOW, 3));
    assertThat(predictions()).extracting(Prediction::getPredictionId).doesNotHaveDuplicates();
    assertThat(scored().get(0).getPredictions())
        .singleElement()
        .extracting(Prediction::getModelVersion)
        .isEqualTo(1);
  }

  @Test
  void goesOnWithWhatServedBeforeWhenAVersionIsBrokenAndSaysSoUntilAnotherIsRolledOut()
      throws Exception {
    PublishedModels.corrupt(models, model, 2);
    activate(rollout(1).build(), T0);
    activate(rollout(2).build(), at(60));
    start("a", at(70));
    assertThat(predictions()).extracting(Prediction::getModelVersion).containsExactly(1);
    harness.setProcessingTime(at(70).toEpochMilli());
    assertThat(alerts())
        .singleElement()
        .satisfies(
            alert -> {
              assertThat(alert.getSeverity()).isEqualTo(AlertSeverity.CRITICAL);
              assertThat(alert.getMessage()).contains("rollout-2", "version 2", "is not the file");
            });
    activate(rollout(3).build(), at(80));
    start("b", at(90));
    harness.setProcessingTime(at(90).toEpochMilli());
    assertThat(alerts()).hasSize(2).last().extracting(Alert::getResolved).isEqualTo(true);
    assertThat(predictions()).extracting(Prediction::getModelVersion).containsExactly(1, 3);
  }

  @Test
  void decidesOnceForEachRolloutWhateverBecomesOfTheFilesLater() throws Exception {
    PublishedModels.corrupt(models, model, 2);
    activate(rollout(1).build(), T0);
    activate(rollout(2).build(), at(60));
    try (var sameInAnotherTask = LoadedModels.lease(new ModelDirectory(models), model, 2)) {
      assertThatThrownBy(() -> sameInAnotherTask.await(Duration.ofMinutes(1)))
          .isInstanceOf(InvalidModelException.class);
      PublishedModels.corrupt(models, model, 2);
      activate(rollout(2).setRolloutId("mended").build(), at(80));
      start("mended", at(90));
      start("late", at(70));
      assertThat(predictions()).extracting(Prediction::getModelVersion).containsExactly(2, 1);
    }
  }

  @Test
  void refusesAVersionThatAnswersOtherThanItsManifestSays() throws Exception {
    publish(models, model, 4, Map.of(), model.inputs().size(), List.of("score", "second"));
    publish(models, model, 5, DART, model.inputs().size(), List.of("score", "second"));
    publish(models, model, 6, DART, model.inputs().size() + 1, List.of("score"));
    activate(rollout(1).build(), T0);
    for (int version = 4; version <= 6; version++) {
      activate(rollout(version).build(), at(version));
    }
    start("a", at(10));
    assertThat(predictions()).extracting(Prediction::getModelVersion).containsExactly(1);
  }

  @Test
  void answersNothingMoreWhenItIsInterrupted() throws Exception {
    CountDownLatch read = new CountDownLatch(1);
    ModelStore slow = new SlowStore(read);
    activate(rollout(1).build(), T0);
    start("a", at(10));
    try (var before = LoadedModels.lease(new ModelDirectory(slow), model, 1)) {
      activate(rollout(2).build(), at(60)); // it is loaded after that one
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> start("b", at(70))).isInstanceOf(CancellationException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
      read.countDown();
    }
    assertThat(predictions()).extracting(Prediction::getModelVersion).containsExactly(1);
  }

  /** Has nothing, and says so late. */
  private record SlowStore(CountDownLatch read) implements ModelStore {
    @Override
    public String root() {
      return "slow";
    }

    @Override
    public List<String> names(String folder) {
      return List.of();
    }

    @Override
    public Optional<byte[]> read(String file) {
      try {
        read.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return Optional.empty();
    }

    @Override
    public void publish(String folder, Map<String, byte[]> files) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void letsNobodyAnswerForAShadowThatIsCutOff() throws Exception {
    model = withoutTime(model);
    reopen(null, Map.of());
    activate(rollout(1).setShadows(List.of(2)).build(), T0);
    for (int i = 0; i < 9; i++) {
      start("task-" + i, at(10 + i));
    }
    assertThat(predictions())
        .extracting(Prediction::getRole)
        .containsOnlyOnce(PredictionRole.FALLBACK)
        .filteredOn(PredictionRole.SHADOW::equals)
        .hasSize(8);
    assertThat(scored()).hasSize(9);
  }

  @Test
  void endsAnAlertWhenTheVersionDoesNotAnswerAnyMore() throws Exception {
    publish(models, model, 4, DART);
    activate(rollout(4).build(), T0);
    start("a", at(10));
    harness.setProcessingTime(at(11).toEpochMilli());
    assertThat(alerts()).singleElement().extracting(Alert::getResolved).isEqualTo(false);
    activate(rollout(1).build(), at(20));
    start("b", at(30));
    harness.processWatermark(at(30).toEpochMilli());
    harness.setProcessingTime(at(31).toEpochMilli());
    assertThat(alerts()).hasSize(2).last().extracting(Alert::getResolved).isEqualTo(true);
  }

  @Test
  void endsAnAlertThatIsOverWhenItGoesOn() throws Exception {
    publish(models, model, 4, DART);
    activate(rollout(4).build(), T0);
    start("a", at(10));
    harness.setProcessingTime(at(11).toEpochMilli());
    String id = alerts().get(0).getAlertId();
    OperatorSubtaskState state = harness.snapshot(1, 1);
    activate(rollout(1).build(), at(20));
    reopen(state, Map.of());
    harness.setProcessingTime(at(21).toEpochMilli());
    assertThat(alerts())
        .singleElement()
        .satisfies(
            alert -> {
              assertThat(alert.getAlertId()).isEqualTo(id);
              assertThat(alert.getResolved()).isTrue();
              assertThat(alert.getMessage()).startsWith("over: ");
            });
  }

  @Test
  void needsToKnowHalfASecondMoreThanIsInEffectBecauseClocksDiffer() throws Exception {
    activate(rollout(1).build(), T0);
    harness.setProcessingTime(at(100).toEpochMilli());
    Topic.NEEDED.clear();
    start("a", at(50));
    start("ahead", at(101));
    assertThat(Topic.NEEDED).containsExactly(at(50).minusMillis(500), at(100).minusMillis(500));
  }

  @Test
  void waitsOnceForABrokerThatIsAwayAndNotAtEachEvent() throws Exception {
    activate(rollout(1).build(), T0);
    Topic.answers = false;
    Topic.PATIENCE.clear();
    start("a", at(10));
    start("b", at(11));
    Topic.answers = true;
    start("c", at(12));
    start("d", at(13));
    Duration seconds = Duration.ofSeconds(5);
    assertThat(Topic.PATIENCE).containsExactly(seconds, Duration.ZERO, Duration.ZERO, seconds);
    assertThat(predictions()).hasSize(4);
  }

  @Test
  void remembersWhatServedWhenThoughTheTopicForgotIt() throws Exception {
    activate(rollout(1).build(), T0);
    activate(rollout(2).build(), at(60));
    OperatorSubtaskState state = harness.snapshot(1, 1);
    Topic.PUBLISHED.clear();
    reopen(state, Map.of());
    start("a", at(59));
    start("b", at(61));
    assertThat(predictions()).extracting(Prediction::getModelVersion).containsExactly(1, 2);
  }

  @Test
  void answersInBatchesWhatOnlyXgboostKnowsAndKeepsTheOrderOfChanges() throws Exception {
    publish(models, model, 4, DART);
    activate(rollout(4).build(), T0);
    for (int i = 0; i < 20; i++) {
      start("task-" + i, at(10 + i));
      harness.processElement(change(null, startOf("x" + i, "p1", at(10 + i)), at(10 + i), 0), 0);
    }
    assertThat(scored()).isEmpty();
    harness.processWatermark(at(20).toEpochMilli());
    assertThat(scored()).hasSize(40);
    assertThat(scored()).extracting(one -> one.getChange().getRecordedAt()).isSorted();
    assertThat(predictions())
        .hasSize(40)
        .allSatisfy(
            prediction -> {
              assertThat(prediction.getRole()).isEqualTo(PredictionRole.CHAMPION);
              assertThat(prediction.getContributions()).hasSize(2);
            });
    harness.setProcessingTime(at(40).toEpochMilli());
    assertThat(alerts()).extracting(Alert::getMessage).anyMatch(m -> m.contains("dart"));
  }

  @Test
  void answersAFewMillisecondsLaterWhereNoMoreRowsCome() throws Exception {
    publish(models, model, 4, DART);
    activate(rollout(4).build(), T0);
    long now = at(10).toEpochMilli();
    harness.setProcessingTime(now);
    start("a", at(10));
    harness.setProcessingTime(now + 4);
    assertThat(scored()).isEmpty();
    harness.setProcessingTime(now + 5);
    assertThat(scored()).hasSize(1);
  }

  @Test
  void answersAllThatWaitBeforeACheckpoint() throws Exception {
    publish(models, model, 4, DART);
    activate(rollout(4).build(), T0);
    start("a", at(10));
    harness.prepareSnapshotPreBarrier(1);
    assertThat(scored()).hasSize(1);
  }

  @Test
  void servesEachUnitWhatTheFileOfTheExperimentSaysAndKeepsItWhileCoverageGrows() throws Exception {
    experiments = List.of(experiment("{old: 1, new: 2, newest: 3, none: fallback}"));
    reopen(null, Map.of());
    activate(trial("small", 0.3), T0);
    activate(trial("large", 1), at(500));
    for (int unit = 0; unit < 60; unit++) {
      start("small" + unit, "p" + unit, at(100));
      start("large" + unit, "p" + unit, at(600));
    }
    List<Prediction> all = predictions();
    Map<String, Integer> served = new HashMap<>();
    for (int unit = 0; unit < 60; unit++) {
      Prediction small = all.get(2 * unit);
      Prediction large = all.get(2 * unit + 1);
      if (small.getVariation() != null) {
        assertThat(large.getVariation()).isEqualTo(small.getVariation());
        assertThat(small.getUnitId()).isEqualTo("acme:p" + unit);
      } else {
        assertThat(small.getModelVersion()).isEqualTo(1);
        assertThat(small.getExperiment()).isNull();
      }
      assertThat(large.getExperiment()).isEqualTo("trial");
      served.put(large.getVariation(), large.getModelVersion());
      if (large.getVariation().equals("none")) {
        assertThat(large.getRole()).isEqualTo(PredictionRole.FALLBACK);
        assertThat(large.getOutputs()).containsEntry("score", 0.4);
      }
    }
    assertThat(served).isEqualTo(Map.of("old", 1, "new", 2, "newest", 3, "none", 0));
    assertThat(all).extracting(Prediction::getVariation).containsNull();
  }

  @Test
  void loadsAllThatAnExperimentServesWhenItIsPrepared() throws Exception {
    experiments = List.of(experiment("{old: 1, new: 2, newest: 3}"));
    reopen(null, Map.of());
    PublishedModels.corrupt(models, model, 3);
    activate(rollout(1).build(), T0);
    Topic.hand(new Feed.Published<>(trial("trial", 1), T0));
    try (var prepared = LoadedModels.lease(new ModelDirectory(models), model, 3)) {
      assertThatThrownBy(() -> prepared.await(Duration.ofMinutes(1)))
          .isInstanceOf(InvalidModelException.class);
    }
    PublishedModels.corrupt(models, model, 3);
    activate(trial("trial", 1), at(10));
    start("a", at(20));
    assertThat(predictions()).extracting(Prediction::getExperiment).containsOnlyNulls();
  }

  @Test
  void goesOnAsBeforeAndSaysWhyWhereARolloutDoesNotFitItsExperiment() throws Exception {
    experiments = List.of(experiment("{old: 1, new: 3}"));
    reopen(null, Map.of());
    activate(rollout(1).build(), T0);
    activate(trial("unfit", 1), at(10));
    start("a", at(20));
    assertThat(predictions()).extracting(Prediction::getVariation).containsOnlyNulls();
    assertThat(predictions()).extracting(Prediction::getModelVersion).containsExactly(1);
    harness.setProcessingTime(at(40).toEpochMilli());
    assertThat(alerts())
        .singleElement()
        .satisfies(
            alert ->
                assertThat(alert.getMessage())
                    .contains(
                        "experiment trial serves old: 1, new: 3; no variation serves it, though it"
                            + " is the challenger"));
  }

  private ExperimentSpec experiment(String variations) throws Exception {
    Path file = directory.resolve("trial.yaml");
    Files.writeString(
        file,
        """
        experiment: trial
        about: Whether it helps
        model: overrun
        unit: project
        variations: %s
        start: 2024-03-01T00:00:00Z
        end: 2024-06-01T00:00:00Z
        planned_units: 400
        goals:
          overruns: {from: label, kind: ratio, per: count, window: 30d, good: decrease}
        """
            .formatted(variations));
    return ExperimentSpec.load(file, List.of(model));
  }

  private static ModelRollout trial(String id, double coverage) {
    return rollout(1)
        .setRolloutId(id)
        .setChallenger(2)
        .setCoverage(coverage)
        .setExperiment("trial")
        .build();
  }

  /** Any call exceeds its budget. */
  private static ModelSpec withoutTime(ModelSpec spec) {
    ModelSpec.Serve serve = spec.serve();
    return new ModelSpec(
        spec.name(),
        spec.about(),
        spec.scores(),
        spec.trigger(),
        spec.label(),
        spec.inputs(),
        spec.train(),
        new ModelSpec.Serve(
            serve.explain(),
            serve.fallback(),
            Duration.ZERO,
            serve.deadline(),
            serve.lowestIsBest(),
            serve.alertAbove()),
        spec.rollout(),
        spec.gate(),
        spec.monitor(),
        spec.schemas());
  }

  private static Instant at(long seconds) {
    return T0.plusSeconds(seconds);
  }

  private static ModelRollout.Builder rollout(int champion) {
    return ModelRollout.newBuilder()
        .setModel("overrun")
        .setRolloutId("rollout-" + champion)
        .setStage(RolloutStage.PREPARE)
        .setChampion(champion)
        .setPublishedAt(T0);
  }

  private static void activate(ModelRollout rollout, Instant effectiveAt) {
    rollout.setStage(RolloutStage.ACTIVATE);
    rollout.setEffectiveAt(effectiveAt);
    rollout.setPublishedAt(effectiveAt.minusSeconds(2));
    Topic.hand(new Feed.Published<>(rollout, effectiveAt.minusSeconds(2)));
  }

  private void start(String task, Instant at) throws Exception {
    start(task, "p1", at);
  }

  private void start(String task, String project, Instant at) throws Exception {
    Fact fact = startOf(task, project, at);
    harness.processElement(change(null, fact, at, 0), at.toEpochMilli());
  }

  private List<ScoredChange> scored() {
    return harness.extractOutputValues();
  }

  private List<Prediction> predictions() {
    var side = harness.getSideOutput(ScoreEvents.PREDICTIONS);
    return side == null ? List.of() : side.stream().map(StreamRecord::getValue).toList();
  }

  private List<Alert> alerts() {
    var side = harness.getSideOutput(ScoreEvents.ALERTS);
    return side == null ? List.of() : side.stream().map(StreamRecord::getValue).toList();
  }

  private void reopen(@Nullable OperatorSubtaskState state, Map<String, Integer> initial)
      throws Exception {
    harness.close();
    harness = harness(state, initial);
  }

  private KeyedOneInputStreamOperatorTestHarness<String, Change, ScoredChange> harness(
      @Nullable OperatorSubtaskState state, Map<String, Integer> initial) throws Exception {
    var options = new ServingOptions(models.toString(), Map.of(), initial, null, true, experiments);
    var created =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new ScoreEvents(EntityType.TASK, List.of(model), options, new Topic()),
            ScoringHarness::taskOf,
            Types.STRING);
    created.setProcessingTime(T0.toEpochMilli());
    if (state != null) {
      created.initializeState(state);
    }
    created.open();
    return created;
  }
}
