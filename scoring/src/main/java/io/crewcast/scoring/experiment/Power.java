package io.crewcast.scoring.experiment;

import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * How many units a two-sided test of fixed size takes. A confidence sequence takes up to 1.7 times
 * as many; see {@code docs/statistics.md}.
 *
 * @param alpha probability of finding an effect where there is none
 * @param power probability of finding one that is there
 */
public record Power(double alpha, double power) {

  /** What is usual. */
  public static final double USUAL = 0.8;

  /**
   * Units in both variations that it takes.
   *
   * @param effect in the metric's unit
   * @param variance of what a unit contributes
   * @param control share of all units that is in control
   * @param treatment share of all units that is in the variation
   */
  public double units(double effect, double variance, double control, double treatment) {
    double z = z() / effect;
    return z * z * variance * (1 / control + 1 / treatment);
  }

  /**
   * The least effect that so many units find, from what the units so far say of the variance.
   *
   * @param difference on the scale of the effect
   * @param units in both variations, at the same shares
   */
  public double detectableEffect(Difference difference, double units) {
    return z() * difference.standardError() * Math.sqrt(difference.units() / units);
  }

  private double z() {
    NormalDistribution normal = NormalDistribution.of(0, 1);
    return normal.inverseSurvivalProbability(alpha / 2)
        + normal.inverseCumulativeProbability(power);
  }
}
