package io.crewcast.scoring.training;

import io.crewcast.schemas.LabelOutcome;
import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.Label;
import io.crewcast.scoring.model.ModelManifest;
import io.crewcast.scoring.model.ModelSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The parts of the examples, in time. What validates or tests is later than all that trains, and an
 * example trains only if its label was known an embargo before the next part begins.
 *
 * <p>That alone favours triggers whose label comes early: of those shortly before a boundary the
 * slow ones are not known yet. Where a label may take until {@code within}, a part therefore ends
 * that much before the boundary, and the test part that much before the newest label, so that all
 * of its triggers had the same time. A history that is short against {@code within} would not last
 * for that: a part that would lose more than half of its known examples keeps them all, and a
 * finding says so. No such exception is made where time alone decides a label: shortly before a
 * boundary only its positives are known. A label at a fixed time after the trigger favours none.
 *
 * <p>What is ranked together, or triggered at the same instant, is in one part.
 *
 * @param findings on what was done, a line each
 */
record Split(
    List<Example> train,
    List<Example> validate,
    List<Example> test,
    Instant validateFrom,
    Instant testFrom,
    List<String> findings) {

  private static final int LEAST_ROWS = 200;

  /**
   * Cuts by the shares of the model's file.
   *
   * @throws InvalidModelException if there are too few examples
   */
  static Split of(ModelSpec spec, ExampleReader.Examples examples) {
    List<String> findings = new ArrayList<>();
    List<Example> all = grown(spec, examples.labelled(), findings);
    ModelSpec.Shares shares = spec.train().shares();
    int validateAt = (int) (all.size() * shares.train());
    int testAt = (int) (all.size() * (shares.train() + shares.validate()));
    if (all.size() < LEAST_ROWS || testAt <= validateAt || testAt >= all.size()) {
      throw new InvalidModelException(tooFew(spec, examples, all.size()));
    }
    Instant validateFrom = boundary(spec, all.get(validateAt).asOf());
    Instant testFrom = boundary(spec, all.get(testAt).asOf());
    Split split =
        new Split(
            knownBefore(validateFrom, spec, between(Instant.MIN, validateFrom, all), findings),
            knownBefore(testFrom, spec, between(validateFrom, testFrom, all), findings),
            between(testFrom, Instant.MAX, all),
            validateFrom,
            testFrom,
            findings);
    if (split.train.isEmpty() || split.validate.isEmpty()) {
      throw new InvalidModelException(
          "%s has no label that was known before its next part began: backfill more events%s"
              .formatted(
                  spec.name(), spec.train().embargo().isZero() ? "" : ", or shorten the embargo"));
    }
    return split;
  }

  /** Where a part begins: with a period, where one is ranked. */
  private static Instant boundary(ModelSpec spec, Instant asOf) {
    ModelSpec.Grouping grouping = spec.train().grouping();
    return grouping == null
        ? asOf
        : asOf.minusMillis(Math.floorMod(asOf.toEpochMilli(), grouping.period().toMillis()))
            .truncatedTo(ChronoUnit.MILLIS);
  }

  private static List<Example> between(Instant from, Instant to, List<Example> examples) {
    return examples.stream()
        .filter(e -> !e.asOf().isBefore(from) && e.asOf().isBefore(to))
        .toList();
  }

  /** Those whose label had its whole time by the newest label. */
  private static List<Example> grown(
      ModelSpec spec, List<Example> examples, List<String> findings) {
    Instant end =
        examples.stream().map(Example::labelledAt).max(Instant::compareTo).orElse(Instant.MIN);
    return whole(spec, end.plusNanos(1), "the newest label", examples, findings);
  }

  private static List<Example> knownBefore(
      Instant boundary, ModelSpec spec, List<Example> examples, List<String> findings) {
    Instant known = boundary.minus(spec.train().embargo());
    return whole(
        spec,
        boundary,
        boundary.toString(),
        examples.stream().filter(e -> e.labelledAt().isBefore(known)).toList(),
        findings);
  }

  /** Those that are older than a label may take, unless that leaves too little. */
  private static List<Example> whole(
      ModelSpec spec, Instant boundary, String named, List<Example> known, List<String> findings) {
    Label label = spec.label();
    if (label instanceof Label.AtHorizon || known.isEmpty()) {
      return known;
    }
    List<Example> whole =
        known.stream().filter(e -> e.asOf().isBefore(boundary.minus(label.within()))).toList();
    if (label.isSettledByDeadline() || 2 * whole.size() >= known.size()) {
      return whole;
    }
    findings.add(
        "%d of %d examples were triggered less than %s before %s: of such triggers those are known whose label came early, and a longer history or a shorter within would leave them out"
            .formatted(
                known.size() - whole.size(), known.size(), label.entries().get("within"), named));
    return known;
  }

  private static String tooFew(ModelSpec spec, ExampleReader.Examples examples, int left) {
    return "%s has %d examples to train on (%s), too few: backfill more events%s"
        .formatted(
            spec.name(),
            left,
            outcomes(examples.outcomes()),
            examples.outcomes().containsKey(LabelOutcome.LEFT_TRUNCATED)
                ? ", or train with --keep-left-truncated, or backfill with a shorter history in the model's file"
                : left < examples.labelled().size()
                    ? ", or shorten within in the model's file"
                    : "");
  }

  private static String outcomes(Map<LabelOutcome, Integer> outcomes) {
    List<String> texts = new ArrayList<>();
    outcomes.forEach((outcome, count) -> texts.add(outcome + " " + count));
    return String.join(", ", texts);
  }

  List<List<Example>> parts() {
    return List.of(train, validate, test);
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
