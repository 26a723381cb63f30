package io.crewcast.scoring.training;

import io.crewcast.schemas.LabelOutcome;
import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.ModelManifest;
import io.crewcast.scoring.model.ModelSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The parts of the examples, in time. What validates or tests is later than all that trains, and an
 * example trains only if its label was known an embargo before the next part begins.
 */
record Split(
    List<Example> train,
    List<Example> validate,
    List<Example> test,
    Instant validateFrom,
    Instant testFrom) {

  private static final int LEAST_ROWS = 200;

  /**
   * Cuts by the shares of the model's file.
   *
   * @throws InvalidModelException if there are too few examples
   */
  static Split of(ModelSpec spec, ExampleReader.Examples examples) {
    List<Example> all = examples.labelled();
    ModelSpec.Shares shares = spec.train().shares();
    int validateAt = (int) (all.size() * shares.train());
    int testAt = (int) (all.size() * (shares.train() + shares.validate()));
    if (all.size() < LEAST_ROWS || testAt <= validateAt || testAt >= all.size()) {
      throw new InvalidModelException(tooFew(spec, examples));
    }
    Instant validateFrom = all.get(validateAt).asOf();
    Instant testFrom = all.get(testAt).asOf();
    Duration embargo = spec.train().embargo();
    Split split =
        new Split(
            knownBefore(validateFrom, embargo, all.subList(0, validateAt)),
            knownBefore(testFrom, embargo, all.subList(validateAt, testAt)),
            all.subList(testAt, all.size()),
            validateFrom,
            testFrom);
    if (split.train.isEmpty() || split.validate.isEmpty()) {
      throw new InvalidModelException(
          "%s has no label that was known before its next part began: backfill more events%s"
              .formatted(spec.name(), embargo.isZero() ? "" : ", or shorten the embargo"));
    }
    return split;
  }

  private static List<Example> knownBefore(
      Instant boundary, Duration embargo, List<Example> examples) {
    Instant known = boundary.minus(embargo);
    return examples.stream()
        .filter(e -> e.asOf().isBefore(boundary) && e.labelledAt().isBefore(known))
        .toList();
  }

  private static String tooFew(ModelSpec spec, ExampleReader.Examples examples) {
    return "%s has %d examples to train on (%s), too few: backfill more events%s"
        .formatted(
            spec.name(),
            examples.labelled().size(),
            outcomes(examples.outcomes()),
            examples.outcomes().containsKey(LabelOutcome.LEFT_TRUNCATED)
                ? ", or train with --keep-left-truncated, or backfill with a shorter history in the model's file"
                : "");
  }

  private static String outcomes(Map<LabelOutcome, Integer> outcomes) {
    List<String> texts = new ArrayList<>();
    outcomes.forEach((outcome, count) -> texts.add(outcome + " " + count));
    return String.join(", ", texts);
  }

  /** The parts as a version's manifest has them. */
  ModelManifest.Window window() {
    return new ModelManifest.Window(
        train.get(0).asOf().toString(),
        validateFrom.toString(),
        testFrom.toString(),
        test.get(test.size() - 1).asOf().toString(),
        train.size(),
        validate.size(),
        test.size());
  }
}
