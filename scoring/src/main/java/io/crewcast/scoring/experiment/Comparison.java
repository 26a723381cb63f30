package io.crewcast.scoring.experiment;

import io.crewcast.scoring.experiment.ExperimentSpec.Margin;
import io.crewcast.scoring.experiment.ExperimentSpec.Metric;
import org.jspecify.annotations.Nullable;

/**
 * One look at a metric of a variation against control: goals on both sides, guardrails on the side
 * that is harm.
 *
 * @param sequence of this pair's planned size
 */
record Comparison(Metric metric, Moments control, Moments treatment, ConfidenceSequence sequence) {

  /** Fewer units in a variation say nothing: the sequence is an asymptotic one. */
  static final int LEAST_UNITS = 50;

  /**
   * What a guardrail may be worse by, on the scale that it is compared on; null of a goal. A share
   * of what never happens to control is nothing.
   */
  @Nullable Margin margin() {
    Margin declared = metric.margin();
    boolean isOfNothing =
        declared != null
            && declared.isRelative()
            && control.units() >= LEAST_UNITS
            && Arm.of(metric.kind(), control).value() == 0;
    return isOfNothing ? new Margin(0, false) : declared;
  }

  boolean isRelative() {
    Margin margin = margin();
    return margin != null && margin.isRelative();
  }

  /** On the scale of the margin; of a goal in the metric's unit. */
  Difference difference() {
    if (control.units() < LEAST_UNITS || treatment.units() < LEAST_UNITS) {
      return Difference.NONE;
    }
    return isRelative()
        ? Difference.relative(metric.kind(), control, treatment)
        : Difference.absolute(metric.kind(), control, treatment);
  }

  Interval interval() {
    if (!metric.isGuardrail()) {
      return sequence.interval(difference());
    }
    return metric.increaseIsGood() ? sequence.below(difference()) : sequence.above(difference());
  }

  double pValue() {
    Margin margin = margin();
    if (margin == null) {
      return sequence.pValue(difference());
    }
    return metric.increaseIsGood()
        ? sequence.pBelow(difference(), -margin.most())
        : sequence.pAbove(difference(), margin.most());
  }

  Interval fixedInterval() {
    var test = new WelchTest(difference());
    if (!metric.isGuardrail()) {
      return test.interval(sequence.alpha());
    }
    return metric.increaseIsGood() ? test.below(sequence.alpha()) : test.above(sequence.alpha());
  }

  double fixedPValue() {
    var test = new WelchTest(difference());
    Margin margin = margin();
    if (margin == null) {
      return test.pValue();
    }
    return metric.increaseIsGood() ? test.pBelow(-margin.most()) : test.pAbove(margin.most());
  }

  /** Whether all looks together say that it is worse, of a guardrail by more than the margin. */
  boolean isHarmful(Interval seen) {
    Margin margin = margin();
    double allowed = margin == null ? 0 : margin.most();
    return metric.increaseIsGood() ? seen.upper() < -allowed : seen.lower() > allowed;
  }
}
