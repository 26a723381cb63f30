package io.crewcast.scoring.rollout;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What some of the units on trial are served.
 *
 * @param version of the model; null: its fallback
 * @param weight share of the units on trial
 */
public record Variation(String name, @Nullable Integer version, double weight)
    implements Serializable {}
