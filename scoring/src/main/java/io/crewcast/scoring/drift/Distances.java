package io.crewcast.scoring.drift;

import java.util.Arrays;

/**
 * Distances of two histograms over the same cells. Both are counts, at least one each; the order of
 * the two matters to none of them.
 */
public final class Distances {

  /** Added to every cell (Laplace): a cell that one side never saw says little, not infinity. */
  private static final double SMOOTHING = 0.5;

  private static final double LN_2 = Math.log(2);

  private Distances() {}

  /**
   * Population stability index, sum of (q - p) ln(q / p), over shares of counts to each of which a
   * half is added; 0 where both are alike, without an upper end. Cells that both leave empty are
   * none.
   */
  public static double psi(long[] expected, long[] current) {
    int cells = occupied(expected, current);
    double expectedSum = sum(expected) + SMOOTHING * cells;
    double currentSum = sum(current) + SMOOTHING * cells;
    double psi = 0;
    for (int i = 0; i < expected.length; i++) {
      if (expected[i] + current[i] > 0) {
        double p = (expected[i] + SMOOTHING) / expectedSum;
        double q = (current[i] + SMOOTHING) / currentSum;
        psi += (q - p) * Math.log(q / p);
      }
    }
    return psi;
  }

  /**
   * The same as Evidently has it: an empty cell stands for a share of 0.0001, or of a millionth of
   * the least one where that is not greater; shares are not brought back to a sum of 1. To compare
   * with its reports; one new cell makes it explode.
   */
  public static double psiOfEvidently(long[] expected, long[] current) {
    double[] p = filled(shares(expected));
    double[] q = filled(shares(current));
    double psi = 0;
    for (int i = 0; i < p.length; i++) {
      psi += (q[i] - p[i]) * Math.log(q[i] / p[i]);
    }
    return psi;
  }

  private static double[] filled(double[] shares) {
    double least = Arrays.stream(shares).filter(share -> share > 0).min().orElse(1);
    double filling = least > 1e-4 ? 1e-4 : least / 1e6;
    return Arrays.stream(shares).map(share -> share == 0 ? filling : share).toArray();
  }

  /**
   * Jensen-Shannon divergence in bits, 0 to 1: half the sum of the Kullback-Leibler divergences
   * from the mean of both.
   */
  public static double jensenShannonDivergence(long[] expected, long[] current) {
    double[] p = shares(expected);
    double[] q = shares(current);
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      double mean = (p[i] + q[i]) / 2;
      sum += divergence(p[i], mean) + divergence(q[i], mean);
    }
    return Math.max(0, sum / 2 / LN_2);
  }

  private static double divergence(double share, double mean) {
    return share == 0 ? 0 : share * Math.log(share / mean);
  }

  /** Jensen-Shannon distance in base 2, 0 to 1: the root of the divergence. */
  public static double jensenShannonDistance(long[] expected, long[] current) {
    return Math.sqrt(jensenShannonDivergence(expected, current));
  }

  /**
   * Pearson's statistic of the two samples being of one distribution (contingency table of two
   * rows), which takes neither for exact.
   */
  public static double chiSquare(long[] expected, long[] current) {
    double m = sum(expected);
    double n = sum(current);
    double sum = 0;
    for (int i = 0; i < expected.length; i++) {
      double both = expected[i] + current[i];
      if (both > 0) {
        double difference = current[i] / n - expected[i] / m;
        sum += difference * difference / both;
      }
    }
    return sum * n * m;
  }

  /**
   * Pearson's goodness of fit, which takes the reference for exact, as scipy's {@code chisquare}
   * and Evidently have it: infinite where a value came that it never saw.
   */
  public static double goodnessOfFit(long[] expected, long[] current) {
    double m = sum(expected);
    double n = sum(current);
    double sum = 0;
    for (int i = 0; i < expected.length; i++) {
      double wanted = expected[i] / m * n;
      if (current[i] != wanted) {
        sum += (current[i] - wanted) * (current[i] - wanted) / wanted;
      }
    }
    return sum;
  }

  /** The greatest difference of the shares of one cell. */
  public static double lInfinity(long[] expected, long[] current) {
    double[] p = shares(expected);
    double[] q = shares(current);
    double greatest = 0;
    for (int i = 0; i < p.length; i++) {
      greatest = Math.max(greatest, Math.abs(p[i] - q[i]));
    }
    return greatest;
  }

  /** Cells that hold anything on either side. */
  static int occupied(long[] expected, long[] current) {
    int cells = 0;
    for (int i = 0; i < expected.length; i++) {
      cells += expected[i] + current[i] > 0 ? 1 : 0;
    }
    return cells;
  }

  static double[] shares(long[] counts) {
    double sum = sum(counts);
    return Arrays.stream(counts).mapToDouble(count -> count / sum).toArray();
  }

  static long sum(long[] counts) {
    return Arrays.stream(counts).sum();
  }
}
