package io.crewcast.scoring.experiment;

import java.util.List;
import org.apache.commons.numbers.gamma.LogGamma;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;

/**
 * Whether variations got the units that their weights promise. One that did not (a sample ratio
 * mismatch) has lost units in a way that makes the others incomparable.
 *
 * @param weights one a variation; what has none takes no part
 */
public record SampleRatio(List<Double> weights) {

  /** A p-value below it is a mismatch. */
  public static final double LEVEL = 0.001;

  /**
   * How close to the weights a split is thought to be at first: as if so many units had kept to.
   */
  private static final double CONCENTRATION = 10_000;

  /**
   * Pearson's chi-square test, for one look: looked at again and again it finds a mismatch sooner
   * or later. Degrees of freedom are those of the variations with a weight.
   *
   * @param counts units of each variation, in the order of the weights; may have fewer
   * @return the p-value; 1 where there is nothing to compare
   */
  public double chiSquareP(List<Long> counts) {
    double total = 0;
    double share = 0;
    int used = 0;
    for (int i = 0; i < counts.size(); i++) {
      if (weights.get(i) > 0) {
        total += counts.get(i);
        share += weights.get(i);
        used++;
      }
    }
    if (used < 2 || total == 0) {
      return 1;
    }
    double statistic = 0;
    for (int i = 0; i < counts.size(); i++) {
      if (weights.get(i) > 0) {
        double expected = total * weights.get(i) / share;
        statistic += (counts.get(i) - expected) * (counts.get(i) - expected) / expected;
      }
    }
    return ChiSquaredDistribution.of(used - 1).survivalProbability(statistic);
  }

  /**
   * Logarithm of how much likelier the counts are under any split than under the weights (Lindon
   * and Malek, NeurIPS 2022: Dirichlet-multinomial against multinomial).
   *
   * <p>It depends on the counts alone and not on the steps in which they grew.
   *
   * @param counts units of each variation, in the order of the weights
   * @param prior of the Dirichlet distribution, one a variation
   */
  double logBayesFactor(List<Long> counts, List<Double> prior) {
    double sum = sum(weights);
    double units = 0;
    double before = 0;
    double factor = 0;
    for (int i = 0; i < counts.size(); i++) {
      if (weights.get(i) > 0) {
        factor +=
            logRise(prior.get(i), counts.get(i)) - counts.get(i) * Math.log(weights.get(i) / sum);
        units += counts.get(i);
        before += prior.get(i);
      }
    }
    return factor - logRise(before, units);
  }

  /** Logarithm of {@code gamma(from + by) / gamma(from)}. */
  private static double logRise(double from, double by) {
    return LogGamma.value(from + by) - LogGamma.value(from);
  }

  /**
   * The inverse of the Bayes factor: a p-value of the weights being kept to that is valid at any
   * look, as is the least over all looks.
   *
   * @param counts units of each variation, in the order of the weights
   */
  public double pValue(List<Long> counts) {
    double sum = sum(weights);
    List<Double> prior = weights.stream().map(weight -> CONCENTRATION * weight / sum).toList();
    return Math.min(1, Math.exp(-logBayesFactor(counts, prior)));
  }

  private static double sum(List<Double> weights) {
    return weights.stream().mapToDouble(Double::doubleValue).sum();
  }
}
