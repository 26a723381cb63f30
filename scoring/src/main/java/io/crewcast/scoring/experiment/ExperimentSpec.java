package io.crewcast.scoring.experiment;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.expression.Expression;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.rollout.Variation;
import java.io.Serializable;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An experiment as its file in {@code flink-conf/experiments} declares it: who gets which version
 * of a model, and by what the versions are compared.
 *
 * @param name snake_case; seeds the assignment of units and names it in predictions
 * @param about what it is to find out, in a sentence
 * @param model whose versions are compared
 * @param unit keeps its variation; null: the company
 * @param variations the first is control
 * @param coverage share of the units that takes part, above 0 to 1, where a rollout does not say it
 * @param audience what must hold for a unit to take part; null: nothing
 * @param metrics goals and then guardrails, in the order of the file
 * @param start units are exposed from then on
 * @param end and until before then
 * @param plannedUnits exposed ones of all variations when a decision is expected; frozen
 * @param alpha probability of a false discovery, over all looks
 * @param covariate that CUPED takes out; null: none
 * @param ramp how its coverage grows, and who acts
 */
public record ExperimentSpec(
    String name,
    String about,
    String model,
    @Nullable EntityType unit,
    List<Variation> variations,
    double coverage,
    @Nullable Expression audience,
    List<Metric> metrics,
    Instant start,
    Instant end,
    long plannedUnits,
    double alpha,
    Correction correction,
    @Nullable Covariate covariate,
    Ramp ramp)
    implements Serializable {

  /** What a metric is {@code from} that is of the model's own label. */
  public static final String LABEL = "label";

  /**
   * What a metric is {@code from} that is 1 of a prediction which the fallback answered, because no
   * version could or was too slow, and 0 of others.
   */
  public static final String FALLBACK = "fallback";

  /** What a metric is {@code from} that is how long answers took, microseconds. */
  public static final String SCORE_MICROS = "score_micros";

  /** What a ratio is {@code per} that is of the number of values that its numerator sums. */
  public static final String COUNT = "count";

  /**
   * Reads and checks one file.
   *
   * @throws InvalidExperimentException in one line: file, line and what to do
   */
  public static ExperimentSpec load(Path file, List<ModelSpec> models) {
    return ExperimentFile.load(file, models);
  }

  /** Reads all {@code *.yaml} of a folder, sorted by name; none where there is no folder. */
  public static List<ExperimentSpec> loadAll(Path experiments, List<ModelSpec> models) {
    return ExperimentFile.loadAll(experiments, models);
  }

  /**
   * An input of the model whose value at a unit's exposure foretells its metrics.
   *
   * @param name such as {@code worker.hours_7d}
   * @param index in the inputs of the model
   */
  public record Covariate(String name, int index) implements Serializable {}

  /**
   * By what variations are compared.
   *
   * @param from name of the observations whose values are a unit's total, or {@link #LABEL}
   * @param per of a ratio: name of the observations that its denominator sums, or {@link #COUNT};
   *     null of others
   * @param cap what a unit's total counts at most; null: all of it
   * @param window how long after its exposure a unit is observed
   * @param increaseIsGood whether more is better
   * @param margin of a guardrail: what it may be worse by; null of a goal
   */
  public record Metric(
      String name,
      MetricKind kind,
      String from,
      @Nullable String per,
      @Nullable Double cap,
      Duration window,
      boolean increaseIsGood,
      @Nullable Margin margin)
      implements Serializable {

    public boolean isGuardrail() {
      return margin != null;
    }

    /** Whether what is called so has a part in it. */
    public boolean isOf(String observed) {
      return from.equals(observed) || observed.equals(per);
    }
  }

  /**
   * What a guardrail may be worse by.
   *
   * @param most zero or more
   * @param isRelative whether that is a share of control's value, or in the metric's own unit
   */
  public record Margin(double most, boolean isRelative) implements Serializable {}

  public Variation control() {
    return variations.get(0);
  }

  public List<String> variationNames() {
    return variations.stream().map(Variation::name).toList();
  }

  /** Whether a variation is to be answered by the model's fallback. */
  public boolean isServedTheFallback(String variation) {
    return variations.stream().anyMatch(of -> of.name().equals(variation) && of.version() == null);
  }

  /** The share of the units that takes part at first, where nobody says another. */
  public double firstCoverage() {
    return ramp.steps().isEmpty() ? coverage : ramp.steps().get(0);
  }

  /** Whom it is split by. */
  ModelSpec.Rollout units() {
    return new ModelSpec.Rollout(
        unit, audience, variations.stream().map(Variation::weight).toList());
  }

  /** Such as {@code champion: 1, challenger: 2, none: fallback}. */
  String servedInWords() {
    return variations.stream()
        .map(of -> of.name() + ": " + (of.version() == null ? FALLBACK : of.version()))
        .collect(Collectors.joining(", "));
  }

  /** Whether a unit that is served then is exposed. */
  public boolean runsAt(Instant asOf) {
    return !asOf.isBefore(start) && asOf.isBefore(end);
  }

  /** How long after its exposure the last metric of a unit is observed. */
  public Duration longestWindow() {
    return metrics.stream()
        .map(Metric::window)
        .max(Comparator.naturalOrder())
        .orElse(Duration.ZERO);
  }

  /** When the last metric of the last unit has been observed. */
  public Instant closes() {
    return end.plus(longestWindow());
  }

  /** Whether that is observed of what was served, and not of what came of it. */
  public static boolean isOfServing(String observed) {
    return observed.equals(FALLBACK) || observed.equals(SCORE_MICROS);
  }

  /** Whether a metric has to do with what is called so. */
  public boolean observes(String observed) {
    return metrics.stream().anyMatch(metric -> metric.isOf(observed));
  }
}
