package io.crewcast.scoring.experiment;

/**
 * How far a variation is from control, and how sure that is.
 *
 * @param effect the variation's value less control's; relative: by control's size
 * @param standardError of the effect; 0 where nothing can be said yet
 * @param degreesOfFreedom of a t-test, by Welch and Satterthwaite
 * @param units of both together
 */
public record Difference(double effect, double standardError, double degreesOfFreedom, long units) {

  /** Where nothing can be said: too few units, none of which varies, or a denominator of zero. */
  public static final Difference NONE = new Difference(0, 0, 0, 0);

  /**
   * In the metric's own unit.
   *
   * <p>What the covariate explains is taken out (CUPED: Deng et al. 2013), with one coefficient for
   * both variations, so that what is left estimates the same effect with less variance.
   *
   * @param control the variables of {@link Arm}: numerator, denominator, covariate and its
   *     denominator; denominators are 1 and covariates 0 where there are none
   */
  public static Difference absolute(MetricKind kind, Moments control, Moments treatment) {
    if (control.units() < 2 || treatment.units() < 2) {
      return NONE;
    }
    Arm a = Arm.of(kind, control).beside(kind, treatment);
    Arm b = Arm.of(kind, treatment).beside(kind, control);
    double theta = theta(kind, control, treatment);
    return of(
        b.adjusted(theta) - a.adjusted(theta),
        b.adjustedVariance(theta) / b.units() + a.adjustedVariance(theta) / a.units(),
        a,
        b,
        theta);
  }

  /**
   * As a share of control's size: {@code effect / |control|}, with the variance that control's own
   * uncertainty adds, by the delta method. The denominator is control as it is, not adjusted.
   */
  public static Difference relative(MetricKind kind, Moments control, Moments treatment) {
    if (control.units() < 2 || treatment.units() < 2 || control.mean(Arm.NUMERATOR) == 0) {
      return NONE;
    }
    Arm a = Arm.of(kind, control).beside(kind, treatment);
    Arm b = Arm.of(kind, treatment).beside(kind, control);
    double theta = theta(kind, control, treatment);
    double effect = b.adjusted(theta) - a.adjusted(theta);
    // GrowthBook expands a mean around the treatment as it is, a ratio around it as adjusted
    double reached = kind == MetricKind.RATIO ? a.value() + effect : b.value();
    double size = a.value() * a.value();
    return of(
        effect / Math.abs(a.value()),
        b.adjustedVariance(theta) / b.units() / size
            + a.scaledVariance(theta, reached / a.value()) / a.units() / size,
        a,
        b,
        theta);
  }

  private static Difference of(double effect, double variance, Arm a, Arm b, double theta) {
    double ofA = a.adjustedVariance(theta) / a.units();
    double ofB = b.adjustedVariance(theta) / b.units();
    double freedom =
        (ofA + ofB) * (ofA + ofB) / (ofA * ofA / (a.units() - 1) + ofB * ofB / (b.units() - 1));
    boolean vary = a.variance() > 0 && b.variance() > 0 && ofA > 0 && ofB > 0 && variance > 0;
    if (!vary || !Double.isFinite(variance) || !Double.isFinite(freedom)) {
      return NONE; // also where one is NaN
    }
    return new Difference(effect, Math.sqrt(variance), freedom, a.units() + b.units());
  }

  /** How much of the covariate to take out: its regression coefficient over both variations. */
  static double theta(MetricKind kind, Moments control, Moments treatment) {
    double covariance;
    double variance;
    if (kind == MetricKind.RATIO) { // GrowthBook expands each around its own ratio
      Arm a = Arm.of(kind, control);
      Arm b = Arm.of(kind, treatment);
      covariance = a.units() * a.covariance() + b.units() * b.covariance();
      variance = a.units() * a.covariateVariance() + b.units() * b.covariateVariance();
    } else {
      Arm both = Arm.of(kind, control.merge(treatment));
      covariance = both.covariance();
      variance = both.covariateVariance();
    }
    return variance > 0 ? covariance / variance : 0;
  }

  /** Whether it says anything. */
  public boolean isKnown() {
    return standardError > 0;
  }
}
