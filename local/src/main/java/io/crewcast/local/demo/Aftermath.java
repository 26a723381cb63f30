package io.crewcast.local.demo;

import io.crewcast.schemas.Prediction;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came after a trial.
 *
 * @param rollback null if there was none
 * @param byChampion answers since the rollback that the champion gave
 * @param byOthers answers since then that anybody else gave
 */
record Aftermath(@Nullable Rollback rollback, long byChampion, long byOthers) {

  static Aftermath of(@Nullable Rollback rollback, List<Prediction> predictions) {
    if (rollback == null) {
      return new Aftermath(null, 0, 0);
    }
    List<Prediction> since = predictions.stream().filter(rollback::holdsFor).toList();
    long kept = since.stream().filter(rollback::isKeptBy).count();
    return new Aftermath(rollback, kept, since.size() - kept);
  }

  /** What is not as it should be after a rollback. */
  List<String> faults() {
    List<String> faults = new ArrayList<>();
    if (rollback == null) {
      faults.add("no rollback is on model-rollouts");
    } else if (byChampion + byOthers == 0) {
      faults.add("nobody was answered after the rollback");
    } else if (byOthers > 0) {
      faults.add("%,d answers after the rollback are not the champion's".formatted(byOthers));
    }
    return faults;
  }

  List<String> inWords() {
    if (rollback == null) {
      return List.of("Rolled back  nothing was");
    }
    return List.of(
        "Rolled back  %s".formatted(rollback.rollout().getReason()),
        "             published %s, in effect from %s"
            .formatted(rollback.rollout().getPublishedAt(), rollback.effectiveAt()),
        "Since then   %,d answers of version %d, the champion, and %,d of others"
            .formatted(byChampion, rollback.rollout().getChampion(), byOthers));
  }
}
