package io.crewcast.scoring.rollout;

import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.RolloutStage;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The rollouts that were read so far, those that nobody will follow left out. Safe for several
 * threads.
 */
public final class RolloutLog {

  private final Map<Key, Taken> all = new ConcurrentHashMap<>();

  private record Key(String rolloutId, RolloutStage stage) {}

  private record Taken(ModelRollout rollout, Instant appendedAt) {}

  /** Takes a rollout in that the broker took in at that instant; the first time of several. */
  public void add(ModelRollout rollout, Instant appendedAt) {
    if (Lineup.fault(rollout).isEmpty()) {
      all.putIfAbsent(
          new Key(rollout.getRolloutId(), rollout.getStage()), new Taken(rollout, appendedAt));
    }
  }

  /**
   * Who answers in a model's name once all has taken effect, and before that who did before; none
   * of a model that has not been rolled out.
   *
   * @param asked an activation that may not have been read yet; null: none
   */
  public List<Lineup> newest(String model, @Nullable ModelRollout asked) {
    Timeline timeline = new Timeline();
    all.values().stream()
        .filter(taken -> taken.rollout.getModel().equals(model))
        .forEach(taken -> timeline.add(taken.rollout, taken.appendedAt));
    if (asked != null) {
      timeline.restore(asked); // its own word counts only until the broker's is known
    }
    return timeline.since(Instant.MAX);
  }
}
