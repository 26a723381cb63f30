package io.crewcast.scoring.experiment;

/**
 * Intervals that hold at all sizes at once with probability {@code 1 - alpha}, as the number of
 * units grows, so that one may look at any time and stop at will: the asymptotic confidence
 * sequences of Waudby-Smith et al. (arXiv 2103.06476: equation 9 two-sided, 155 one-sided, 161 for
 * rho), as GrowthBook has them.
 *
 * <p>Narrowest at the planned size, which must not change while an experiment runs. Where nothing
 * is known the interval is unbounded and the p-value 1.
 *
 * @param alpha probability of ever being wrong
 * @param plannedUnits in both variations when a decision is expected
 */
public record ConfidenceSequence(double alpha, double plannedUnits) {

  /** Covers the effect. */
  public Interval interval(Difference difference) {
    if (!difference.isKnown()) {
      return Interval.ALL;
    }
    double units = difference.units();
    double rho2 = rho2(alpha);
    double spread = units * rho2 + 1;
    double half =
        deviation(difference)
            * Math.sqrt(
                2 * spread / (units * units * rho2) * (Math.log(spread) / 2 - Math.log(alpha)));
    return Interval.around(difference.effect(), half);
  }

  /** The effect is above its lower end. */
  public Interval above(Difference difference) {
    return difference.isKnown()
        ? new Interval(difference.effect() - oneSided(difference), Double.POSITIVE_INFINITY)
        : Interval.ALL;
  }

  /** The effect is below its upper end. */
  public Interval below(Difference difference) {
    return difference.isKnown()
        ? new Interval(Double.NEGATIVE_INFINITY, difference.effect() + oneSided(difference))
        : Interval.ALL;
  }

  /**
   * The least alpha at which {@link #interval}, with rho as it is, leaves out zero: below {@code
   * alpha} exactly when that does.
   */
  public double pValue(Difference difference) {
    if (!difference.isKnown()) {
      return 1;
    }
    double rho2 = rho2(alpha);
    double spread = difference.units() * rho2 + 1;
    double z = z(difference, 0);
    double evidence = (spread - 1) * z * z / (2 * spread);
    return Math.min(1, Math.exp(Math.log(spread) / 2 - evidence));
  }

  /** The least alpha at which {@link #above}, with rho as it is, leaves out {@code null0}. */
  public double pAbove(Difference difference, double null0) {
    return oneSidedP(difference, z(difference, null0));
  }

  /** The least alpha at which {@link #below}, with rho as it is, leaves out {@code null0}. */
  public double pBelow(Difference difference, double null0) {
    return oneSidedP(difference, -z(difference, null0));
  }

  private double oneSidedP(Difference difference, double z) {
    if (!difference.isKnown() || z <= 0) {
      return 1;
    }
    double rho2 = rho2(2 * alpha);
    double spread = difference.units() * rho2 + 1;
    double evidence = (spread - 1) * z * z / (2 * spread);
    return Math.min(1, Math.sqrt(spread) / (2 * Math.expm1(evidence)));
  }

  private double oneSided(Difference difference) {
    double units = difference.units();
    double rho2 = rho2(2 * alpha);
    double spread = units * rho2 + 1;
    return deviation(difference)
        * Math.sqrt(
            2 * spread / (units * units * rho2) * Math.log1p(Math.sqrt(spread) / (2 * alpha)));
  }

  /** Of what a unit contributes. */
  private static double deviation(Difference difference) {
    return difference.standardError() * Math.sqrt((double) difference.units());
  }

  private static double z(Difference difference, double null0) {
    return (difference.effect() - null0) / difference.standardError();
  }

  private double rho2(double level) {
    double log = -2 * Math.log(level);
    return (log + Math.log(log + 1)) / plannedUnits;
  }
}
