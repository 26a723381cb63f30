package io.crewcast.scoring.experiment;

import java.util.Locale;

/** What a metric is over the units of a variation. */
public enum MetricKind {
  /** The mean of the units' totals. */
  MEAN,
  /** The share of the units of which something was observed. */
  PROPORTION,
  /** The sum of one total by the sum of another. */
  RATIO;

  /**
   * Degrees of freedom that a variance loses. That of a proportion is p (1 - p), as GrowthBook has
   * it; of the others it is estimated without bias.
   */
  int lost() {
    return this == PROPORTION ? 0 : 1;
  }

  /** As files have it. */
  public String yamlName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
