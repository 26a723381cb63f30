package io.crewcast.scoring.operator;

import java.io.Serializable;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which versions answer, and from when on.
 *
 * @param models the model directory, or null when only fallbacks answer
 * @param pins by model, the version that answers instead of the newest
 * @param predictFrom events recorded before it trigger nothing, though they count for {@code
 *     once_per}; null: all trigger
 */
public record ServingOptions(
    @Nullable String models, Map<String, Integer> pins, @Nullable Instant predictFrom)
    implements Serializable {

  public ServingOptions {
    pins = Map.copyOf(pins);
  }
}
