package io.crewcast.local.demo;

import io.crewcast.schemas.ModelLineup;
import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.RolloutStage;
import io.crewcast.schemas.serde.Feed.Published;
import io.crewcast.scoring.rollout.Timeline;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The end of a trial, as {@code model-rollouts} has it.
 *
 * @param effectiveAt from when on it is in effect
 */
record Rollback(ModelRollout rollout, Instant effectiveAt) {

  /**
   * The first that ends a trial.
   *
   * @param trial the rollout that began it
   */
  static Optional<Rollback> of(String trial, List<Published<ModelRollout>> rollouts) {
    return rollouts.stream()
        .filter(published -> ends(trial, published.value()))
        .findFirst()
        .map(
            published ->
                new Rollback(
                    published.value(),
                    Timeline.effectiveAt(
                        published.value().getEffectiveAt(), published.appendedAt())));
  }

  private static boolean ends(String trial, ModelRollout rollout) {
    ModelLineup before = rollout.getReplaces();
    return rollout.getStage() == RolloutStage.ACTIVATE
        && rollout.getChallenger() == null
        && before != null
        && before.getRolloutId().equals(trial);
  }

  /** Whether it says who answers there. */
  boolean holdsFor(Prediction prediction) {
    return prediction.getModel().equals(rollout.getModel())
        && !prediction.getAsOf().isBefore(effectiveAt);
  }

  /** Whether the one answered whom it says. */
  boolean isKeptBy(Prediction prediction) {
    return prediction.getRole() == PredictionRole.CHAMPION
        && prediction.getModelVersion() == rollout.getChampion();
  }
}
