package io.crewcast.scoring.experiment;

/**
 * One variation's value of a metric and of its covariate, with the variances that a unit
 * contributes.
 *
 * <p>Both are ratios: a mean is one to the number of units, whose variance is zero. The variance of
 * a ratio is that of its first-order expansion around the means, the delta method.
 *
 * @param units complete ones
 * @param value the sum of {@link #NUMERATOR} by the sum of {@link #DENOMINATOR}
 * @param variance of {@code value}, times {@code units}
 * @param covariate the same of what was known before exposure
 * @param covariateVariance of {@code covariate}, times {@code units}
 * @param covariance of the two, times {@code units}
 */
record Arm(
    long units,
    double value,
    double variance,
    double covariate,
    double covariateVariance,
    double covariance) {

  static final int NUMERATOR = 0;
  static final int DENOMINATOR = 1;
  static final int COVARIATE = 2;
  static final int COVARIATE_DENOMINATOR = 3;

  /** How many variables the moments of a metric have. */
  static final int VARIABLES = 4;

  static Arm of(MetricKind kind, Moments moments) {
    double denominator = moments.mean(DENOMINATOR);
    double covariateDenominator = moments.mean(COVARIATE_DENOMINATOR);
    double value = moments.mean(NUMERATOR) / denominator;
    double covariate = moments.mean(COVARIATE) / covariateDenominator;
    double[] ofValue = {1 / denominator, -value / denominator, 0, 0};
    double[] ofCovariate = {0, 0, 1 / covariateDenominator, -covariate / covariateDenominator};
    int lost = kind.lost();
    return new Arm(
        moments.units(),
        value,
        covariance(moments, ofValue, ofValue, lost),
        covariate,
        covariance(moments, ofCovariate, ofCovariate, lost),
        covariance(moments, ofValue, ofCovariate, lost));
  }

  /**
   * The same with a variance where it has none and the other has: of a proportion of none or all of
   * its units, that of one more of each kind (Agresti and Caffo 2000). Else what never happens to
   * one variation, such as a fallback, could never be found to happen too often to the other.
   */
  Arm beside(MetricKind kind, Moments other) {
    if (kind != MetricKind.PROPORTION || variance > 0 || !(of(kind, other).variance > 0)) {
      return this;
    }
    double share = 1.0 / (units + 2);
    return new Arm(units, value, share * (1 - share), covariate, covariateVariance, covariance);
  }

  /** Of two linear combinations of the variables. */
  private static double covariance(Moments moments, double[] one, double[] other, int lost) {
    double covariance = 0;
    for (int i = 0; i < VARIABLES; i++) {
      for (int j = 0; j < VARIABLES; j++) {
        if (one[i] != 0 && other[j] != 0) {
          covariance += one[i] * other[j] * moments.covariance(i, j, lost);
        }
      }
    }
    return covariance;
  }

  /** The value less what the covariate explains of it. */
  double adjusted(double theta) {
    return value - theta * covariate;
  }

  /** Variance of {@link #adjusted}, times units. */
  double adjustedVariance(double theta) {
    return scaledVariance(theta, 1);
  }

  /** The same where the value counts {@code scale} times. */
  double scaledVariance(double theta, double scale) {
    return scale * scale * variance
        + theta * theta * covariateVariance
        - 2 * theta * scale * covariance;
  }
}
