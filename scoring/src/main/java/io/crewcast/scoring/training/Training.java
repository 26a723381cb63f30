package io.crewcast.scoring.training;

import io.crewcast.scoring.model.ModelDirectory;
import org.jspecify.annotations.Nullable;

/**
 * What came of a training.
 *
 * @param card of the candidate, published or not
 * @param version as it was published; null where the gate kept it back
 */
public record Training(ModelCard card, ModelDirectory.@Nullable Version version) {}
