package io.crewcast.scoring.drift;

import java.util.Locale;

/** A measure of drift, and the effect from which on it matters. */
public enum Method {
  /** Population stability index; the one that alarms. */
  PSI(0.1),
  /** Base 2, a distance. */
  JENSEN_SHANNON_DISTANCE(0.1),
  /**
   * The effect size of Pearson's statistic (Cohen's w): its root by the effective number of
   * entities, so that it does not grow with them.
   */
  CHI_SQUARE(0.3),
  /** Kolmogorov and Smirnov's D at the edges. */
  KS(0.1),
  /** In standard deviations of the reference. */
  WASSERSTEIN(0.1);

  /** PSI that is called a major shift, where {@link #PSI}'s threshold is a minor one. */
  public static final double MAJOR_PSI = 0.25;

  private final double threshold;

  Method(double threshold) {
    this.threshold = threshold;
  }

  /** The effect from which on it matters. */
  public double threshold() {
    return threshold;
  }

  /** {@code psi}: as rows have it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
