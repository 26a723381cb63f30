package io.crewcast.scoring.operator;

import static io.crewcast.scoring.operator.RolloutHarness.at;
import static io.crewcast.scoring.operator.RolloutHarness.rollout;
import static io.crewcast.scoring.operator.ScoringHarness.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.RolloutStage;
import io.crewcast.scoring.fixture.HeldRollouts;
import io.crewcast.scoring.model.ModelSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link ScoreEvents} as rollouts say who answers. */
@SuppressWarnings("NullAway.Init")
final class RolloutTest {

  @TempDir private Path directory;
  private RolloutHarness scorer;

  @BeforeEach
  void opens() throws Exception {
    scorer = new RolloutHarness(directory);
  }

  @AfterEach
  void closes() throws Exception {
    scorer.close();
  }

  @Test
  void answersByTheVersionThatIsInEffectWhenTheEventIsRecorded() throws Exception {
    scorer.activate(rollout(1).build(), T0);
    scorer.activate(rollout(2).build(), at(60));
    scorer.start("a", at(59));
    scorer.start("b", at(60));
    scorer.start("late", at(30));
    assertThat(scorer.predictions())
        .extracting(Prediction::getModelVersion)
        .containsExactly(1, 2, 1);
    assertThat(scorer.predictions().get(0).getOutputs().get("score")).isBetween(0.005, 0.03);
  }

  @Test
  void leavesItToTheFallbackUntilAVersionIsActivated() throws Exception {
    ModelRollout prepared = rollout(1).build();
    HeldRollouts.hand(prepared, T0);
    scorer.start("a", at(10));
    assertThat(scorer.predictions())
        .singleElement()
        .extracting(Prediction::getRole, Prediction::getModelVersion)
        .containsExactly(PredictionRole.FALLBACK, 0);
  }

  @Test
  void answersByTheVersionOfTheStartUntilARolloutSaysOtherwise() throws Exception {
    scorer.reopen(null, Map.of("overrun", 3));
    scorer.activate(rollout(1).build(), at(60));
    scorer.start("a", at(10));
    scorer.start("b", at(70));
    assertThat(scorer.predictions()).extracting(Prediction::getModelVersion).containsExactly(3, 1);
  }

  @Test
  void waitsForRolloutsThatMayBeInEffectBeforeItAnswers() throws Exception {
    scorer.activate(rollout(1).build(), T0);
    scorer.clock(at(100));
    ModelRollout second = rollout(2).setStage(RolloutStage.ACTIVATE).setEffectiveAt(at(99)).build();
    HeldRollouts.holdBack(second, at(97));
    scorer.start("a", at(99));
    assertThat(scorer.predictions()).extracting(Prediction::getModelVersion).containsExactly(2);
  }

  @Test
  void needsToKnowHalfASecondMoreThanIsInEffectBecauseClocksDiffer() throws Exception {
    scorer.activate(rollout(1).build(), T0);
    scorer.clock(at(100));
    HeldRollouts.questions();
    scorer.start("a", at(50));
    scorer.start("ahead", at(101));
    assertThat(HeldRollouts.questions())
        .extracting(HeldRollouts.Question::before)
        .containsExactly(at(50).minusMillis(500), at(100).minusMillis(500));
  }

  @Test
  void waitsOnceForABrokerThatIsAwayAndNotAtEachEvent() throws Exception {
    scorer.activate(rollout(1).build(), T0);
    HeldRollouts.readable(false);
    HeldRollouts.questions();
    scorer.start("a", at(10));
    scorer.start("b", at(11));
    HeldRollouts.readable(true);
    scorer.start("c", at(12));
    scorer.start("d", at(13));
    Duration seconds = Duration.ofSeconds(5);
    assertThat(HeldRollouts.questions())
        .extracting(HeldRollouts.Question::limit)
        .containsExactly(seconds, Duration.ZERO, Duration.ZERO, seconds);
    assertThat(scorer.predictions()).hasSize(4);
  }

  @Test
  void remembersWhatServedWhenThoughTheTopicForgotIt() throws Exception {
    scorer.activate(rollout(1).build(), T0);
    scorer.activate(rollout(2).build(), at(60));
    OperatorSubtaskState state = scorer.snapshot();
    HeldRollouts.clear();
    scorer.reopen(state, Map.of());
    scorer.start("a", at(59));
    scorer.start("b", at(61));
    assertThat(scorer.predictions()).extracting(Prediction::getModelVersion).containsExactly(1, 2);
  }

  @Test
  void triesAChallengerOnAShareOfTheUnitsAndNamesTheirVariation() throws Exception {
    scorer.activate(rollout(1).setChallenger(2).setCoverage(1.0).build(), T0);
    for (int i = 0; i < 40; i++) {
      scorer.start("task-" + i, "project-" + i, at(10));
    }
    assertThat(scorer.predictions())
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
    scorer.serve(ScoringHarness.model(directory, "rollout: {audience: project_id == \"bridge\"}"));
    scorer.activate(rollout(1).setChallenger(2).setCoverage(1.0).build(), T0);
    scorer.start("a", "bridge", at(10));
    scorer.start("b", "tunnel", at(10));
    assertThat(scorer.predictions().get(0).getUnitId()).isEqualTo("acme");
    assertThat(scorer.predictions().get(1).getVariation()).isNull();
    assertThat(scorer.predictions().get(1).getModelVersion()).isEqualTo(1);
  }

  @Test
  void scoresShadowsBesideWhatItServesAndHandsOnWhatItServes() throws Exception {
    scorer.activate(rollout(1).setShadows(List.of(2, 3)).build(), T0);
    scorer.start("a", at(10));
    assertThat(scorer.predictions())
        .extracting(Prediction::getRole, Prediction::getModelVersion)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(PredictionRole.CHAMPION, 1),
            org.assertj.core.groups.Tuple.tuple(PredictionRole.SHADOW, 2),
            org.assertj.core.groups.Tuple.tuple(PredictionRole.SHADOW, 3));
    assertThat(scorer.predictions())
        .extracting(Prediction::getPredictionId)
        .doesNotHaveDuplicates();
    assertThat(scorer.scored().get(0).getPredictions())
        .singleElement()
        .extracting(Prediction::getModelVersion)
        .isEqualTo(1);
  }

  @Test
  void letsNobodyAnswerForAShadowThatIsCutOff() throws Exception {
    scorer.serve(withoutTime(scorer.model()));
    scorer.activate(rollout(1).setShadows(List.of(2)).build(), T0);
    for (int i = 0; i < 9; i++) {
      scorer.start("task-" + i, at(10 + i));
    }
    assertThat(scorer.predictions())
        .extracting(Prediction::getRole)
        .containsOnlyOnce(PredictionRole.FALLBACK)
        .filteredOn(PredictionRole.SHADOW::equals)
        .hasSize(8);
    assertThat(scorer.scored()).hasSize(9);
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
}
