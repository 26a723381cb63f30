package io.crewcast.scoring.training;

import io.crewcast.schemas.LabelOutcome;
import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.ModelManifest;
import io.crewcast.scoring.model.ModelSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The parts of the examples, in time. What validates or tests is later than all that trains, and an
 * example trains only if its label was known an embargo before the next part begins.
 *
 * <p>That alone favours triggers whose label comes early: of those shortly before a boundary the
 * slow ones are not known yet, and where time alone makes a label negative, none of the negatives.
 * A part therefore also ends before the boundary, and the test part before the newest label, by the
 * time in which 99 of 100 labels come, at most the label's {@code within}: so much older, all
 * triggers but one of a hundred are known, whatever their label is. To end a part by {@code within}
 * itself would cost more of a history than it is worth where most labels come much sooner.
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
  private static final double ALMOST_ALL = 0.99;

  /**
   * Cuts by the shares of the model's file.
   *
   * @throws InvalidModelException if there are too few examples
   */
  static Split of(ModelSpec spec, ExampleReader.Examples examples) {
    List<String> findings = new ArrayList<>();
    Duration takes = timeToLabel(spec.label().within(), examples.labelled(), findings);
    List<Example> all = grown(takes, examples.labelled());
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
            knownBefore(validateFrom, takes, spec, between(Instant.MIN, validateFrom, all)),
            knownBefore(testFrom, takes, spec, between(validateFrom, testFrom, all)),
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

  /** In which 99 of 100 labels come, told by triggers that had their whole time where there are. */
  private static Duration timeToLabel(
      Duration within, List<Example> examples, List<String> findings) {
    Instant whole = newestLabel(examples).minus(within);
    List<Example> grown = examples.stream().filter(e -> !e.asOf().isAfter(whole)).toList();
    boolean guessed = grown.size() < LEAST_ROWS;
    List<Duration> delays =
        (guessed ? examples : grown)
            .stream().map(e -> Duration.between(e.asOf(), e.labelledAt())).sorted().toList();
    if (delays.isEmpty()) {
      return within;
    }
    Duration takes = delays.get((int) Math.ceil(ALMOST_ALL * delays.size()) - 1);
    if (guessed) {
      findings.add(
          "the history is short: %d triggers are older than the %d days that a label may take, so how long it takes (99 of 100 in %d hours) is told by those that are known"
              .formatted(grown.size(), within.toDays(), takes.toHours()));
    }
    return takes.compareTo(within) < 0 ? takes : within;
  }

  private static Instant newestLabel(List<Example> examples) {
    return examples.stream()
        .map(Example::labelledAt)
        .max(Comparator.naturalOrder())
        .orElse(Instant.EPOCH);
  }

  private static List<Example> grown(Duration takes, List<Example> examples) {
    Instant last = newestLabel(examples).minus(takes);
    return examples.stream().filter(e -> !e.asOf().isAfter(last)).toList();
  }

  private static List<Example> knownBefore(
      Instant boundary, Duration takes, ModelSpec spec, List<Example> examples) {
    Instant known = boundary.minus(spec.train().embargo());
    Instant grown = boundary.minus(takes);
    return examples.stream()
        .filter(e -> e.asOf().isBefore(grown) && e.labelledAt().isBefore(known))
        .toList();
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

  /** All that a version is made of: the parts before the test part. */
  List<Example> learned() {
    return Stream.concat(train.stream(), validate.stream()).toList();
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
