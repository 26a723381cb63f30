package io.crewcast.scoring.experiment;

import org.apache.commons.statistics.distribution.TDistribution;

/**
 * Welch's t-test of a difference against zero: right when it is looked at once, at a size that was
 * planned. Whoever looks again and again needs a {@link ConfidenceSequence}.
 *
 * <p>Where nothing is known the interval is unbounded and the p-value 1.
 */
public record WelchTest(Difference difference) {

  /** Covers the effect with probability {@code 1 - alpha}. */
  public Interval interval(double alpha) {
    return difference.isKnown()
        ? Interval.around(difference.effect(), half(alpha / 2))
        : Interval.ALL;
  }

  /** The effect is above its lower end with probability {@code 1 - alpha}. */
  public Interval above(double alpha) {
    return difference.isKnown()
        ? new Interval(difference.effect() - half(alpha), Double.POSITIVE_INFINITY)
        : Interval.ALL;
  }

  /** The effect is below its upper end with probability {@code 1 - alpha}. */
  public Interval below(double alpha) {
    return difference.isKnown()
        ? new Interval(Double.NEGATIVE_INFINITY, difference.effect() + half(alpha))
        : Interval.ALL;
  }

  /** Of there being no effect. */
  public double pValue() {
    return difference.isKnown()
        ? 2 * t().survivalProbability(Math.abs(difference.effect()) / difference.standardError())
        : 1;
  }

  /** Of the effect being {@code null0} or less. */
  public double pAbove(double null0) {
    return difference.isKnown()
        ? t().survivalProbability((difference.effect() - null0) / difference.standardError())
        : 1;
  }

  /** Of the effect being {@code null0} or more. */
  public double pBelow(double null0) {
    return difference.isKnown()
        ? t().cumulativeProbability((difference.effect() - null0) / difference.standardError())
        : 1;
  }

  private double half(double tail) {
    return t().inverseSurvivalProbability(tail) * difference.standardError();
  }

  private TDistribution t() {
    return TDistribution.of(difference.degreesOfFreedom());
  }
}
