package io.crewcast.local.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.apache.commons.io.FileUtils;

/** The definitions of a run that holds a trial: those that there are, and one more experiment. */
final class TrialFile {

  /** Of the experiment; by it units have their places. */
  static final String NAME = "newer_warnings";

  static final int CHAMPION = 1;
  static final int CHALLENGER = 2;

  /** What is observed of a prediction: that it was a warning, and what a planner made of it. */
  static final String SHOWN = "shown";

  static final String ACCEPTED = "accepted";
  static final String OVERRIDDEN = "overridden";

  private static final Duration LONG_ENOUGH = Duration.ofDays(400);

  private static final String EXPERIMENT =
      """
      experiment: %s
      about: Whether planners accept the warnings of the newer version more often
      model: %s
      unit: task
      variations: {champion: %d, challenger: %d}
      weights: {champion: 50%%, challenger: 50%%}
      act: automatic
      start: %s
      end: %s
      planned_units: 400
      goals:
        accepted: {from: %s, kind: ratio, per: %s, window: 1d, good: increase}
      guardrails:
        overridden: {from: %s, kind: proportion, window: 1d, good: decrease, margin: 0.05}
      """;

  private TrialFile() {}

  /**
   * Writes them into the folder of a run.
   *
   * @param start when the trial begins
   * @return the folder of definitions
   */
  static Path write(DemoOptions options, Instant start) throws IOException {
    Path own = options.directory().resolve("flink-conf");
    FileUtils.copyDirectory(options.definitions().toFile(), own.toFile());
    Path experiments = Files.createDirectories(own.resolve("experiments"));
    Files.writeString(
        experiments.resolve(NAME + ".yaml"),
        EXPERIMENT.formatted(
            NAME,
            DemoRun.MODEL,
            CHAMPION,
            CHALLENGER,
            start,
            start.plus(LONG_ENOUGH),
            ACCEPTED,
            SHOWN,
            OVERRIDDEN));
    return own;
  }
}
