package io.crewcast.scoring.statistics;

import java.util.stream.IntStream;

/**
 * Adjusts the p-values of tests that are judged together. An adjusted value is compared with the
 * level that a single one would be. A p-value that is NaN is of no test: it stays NaN and the
 * others are adjusted as if it were not there.
 */
public final class Corrections {

  private Corrections() {}

  /**
   * Holds the share of false ones among the discoveries below the level, by Benjamini and Hochberg
   * (1995), where tests are independent or positively dependent.
   *
   * @param p one a test
   * @return the adjusted values in the order of {@code p}
   */
  public static double[] benjaminiHochberg(double[] p) {
    int[] ascending = ascending(p);
    double[] adjusted = p.clone();
    double least = 1;
    for (int rank = ascending.length; rank > 0; rank--) {
      int test = ascending[rank - 1];
      least = Math.min(least, p[test] * ((double) ascending.length / rank));
      adjusted[test] = least;
    }
    return adjusted;
  }

  /**
   * Holds the probability of any false discovery below the level, by Holm (1979), however tests
   * depend on each other.
   *
   * @param p one a test
   * @return the adjusted values in the order of {@code p}
   */
  public static double[] holm(double[] p) {
    int[] ascending = ascending(p);
    double[] adjusted = p.clone();
    double greatest = 0;
    for (int rank = 0; rank < ascending.length; rank++) {
      int test = ascending[rank];
      greatest = Math.max(greatest, Math.min(1, p[test] * (ascending.length - rank)));
      adjusted[test] = greatest;
    }
    return adjusted;
  }

  /** Places of the tests, least p-value first. */
  private static int[] ascending(double[] p) {
    return IntStream.range(0, p.length)
        .filter(test -> !Double.isNaN(p[test]))
        .boxed()
        .sorted((one, other) -> Double.compare(p[one], p[other]))
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
