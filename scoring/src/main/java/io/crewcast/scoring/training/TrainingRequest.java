package io.crewcast.scoring.training;

import io.crewcast.scoring.model.ModelDirectory;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * From what to train, and where to.
 *
 * @param lake that holds {@code training_examples}
 * @param until only triggers and labels before it; null: all
 * @param leftTruncatedToo whether those train whose windows had not been filled
 * @param leakageToo whether an input may tell the label
 * @param champion the version to beat; null: the newest
 * @param force whether a version is published that did not pass the gate
 */
public record TrainingRequest(
    Path lake,
    ModelDirectory models,
    @Nullable Instant until,
    boolean leftTruncatedToo,
    boolean leakageToo,
    @Nullable Integer champion,
    boolean force) {

  /** All examples, the newest champion, nothing forced. */
  public static TrainingRequest of(Path lake, ModelDirectory models) {
    return new TrainingRequest(lake, models, null, false, false, null, false);
  }

  /** The same with what was triggered and known before. */
  public TrainingRequest until(@Nullable Instant instant) {
    return new TrainingRequest(
        lake, models, instant, leftTruncatedToo, leakageToo, champion, force);
  }
}
