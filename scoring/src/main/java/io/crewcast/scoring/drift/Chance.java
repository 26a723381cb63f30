package io.crewcast.scoring.drift;

import org.apache.commons.statistics.distribution.ChiSquaredDistribution;

/**
 * What chance alone makes of a distance when nothing has changed: its p-value, and the quantile
 * that it exceeds at most once in a thousand windows.
 */
final class Chance {

  /**
   * At most once in a thousand windows, half of that in the limit: the tails of few entities are a
   * little heavier than the limit's.
   */
  static final double SHARE = 0.0005;

  private Chance() {}

  /**
   * Of {@code effective} times PSI, of 8 ln 2 {@code effective} times Jensen-Shannon's divergence
   * and of the chi-square statistic, which all have the same limit under no change.
   *
   * @param cells that hold anything, two at least
   */
  static double pValueOfChiSquare(double statistic, int cells) {
    return ChiSquaredDistribution.of(cells - 1).survivalProbability(statistic);
  }

  static double quantileOfChiSquare(int cells) {
    return ChiSquaredDistribution.of(cells - 1).inverseSurvivalProbability(SHARE);
  }

  /** Kolmogorov's limit with Stephens' (1970) correction for few values; 1 of no difference. */
  static double pValueOfKolmogorovSmirnov(double d, double effective) {
    double root = Math.sqrt(effective);
    double lambda = (root + 0.12 + 0.11 / root) * d;
    double sum = 0;
    double sign = 2;
    for (int k = 1; k <= 100; k++) {
      double term = sign * Math.exp(-2 * k * k * lambda * lambda);
      sum += term;
      if (Math.abs(term) < 1e-16) {
        return Math.min(1, Math.max(0, sum));
      }
      sign = -sign;
    }
    return 1; // so small a lambda that the series does not settle
  }

  /** The D at which that p-value is {@link #SHARE}, by the first term, which is then all of it. */
  static double quantileOfKolmogorovSmirnov(double effective) {
    double root = Math.sqrt(effective);
    return Math.sqrt(-Math.log(SHARE / 2) / 2) / (root + 0.12 + 0.11 / root);
  }

  /** The share that is reached where {@code share} is the true one; bounded by Bernstein. */
  static double quantileOfShare(double share, double effective) {
    double limit = -Math.log(SHARE);
    return share
        + Math.sqrt(2 * share * (1 - share) * limit / effective)
        + 2 * limit / (3 * effective);
  }
}
