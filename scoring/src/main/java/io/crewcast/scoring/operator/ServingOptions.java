package io.crewcast.scoring.operator;

import io.crewcast.scoring.experiment.ExperimentSpec;
import java.io.Serializable;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which versions answer, and from when on.
 *
 * @param models the model directory, or null when only fallbacks answer
 * @param pins by model, the version that answers whatever is rolled out
 * @param initial by model, the version that answers until something is rolled out
 * @param predictFrom events recorded before it trigger nothing, though they count for {@code
 *     once_per}; null: all trigger
 * @param budgets whether versions that are too slow are cut off; not where scores must not depend
 *     on the machine
 * @param experiments that rollouts may name, and that then say who is served what
 */
public record ServingOptions(
    @Nullable String models,
    Map<String, Integer> pins,
    Map<String, Integer> initial,
    @Nullable Instant predictFrom,
    boolean budgets,
    List<ExperimentSpec> experiments)
    implements Serializable {

  public ServingOptions {
    pins = Map.copyOf(pins);
    initial = Map.copyOf(initial);
    experiments = List.copyOf(experiments);
  }
}
