package io.crewcast.scoring.drift;

/**
 * Two histograms of numbers over the same cells, cut at {@code edges}: the first cell is open to
 * the left, the last to the right, and {@code x <= edge} lies left of it. What cells cannot tell,
 * where in them values lie, is said as bounds.
 */
final class OrderedCells {

  private final double[] expected;
  private final double[] current;

  /** The ends of all cells: the least value of either side, the edges, the greatest. */
  private final double[] ends;

  /**
   * @param edges ascending, one less than there are counts
   * @param least the least value of either side
   * @param greatest the greatest value of either side
   */
  OrderedCells(double[] edges, long[] expected, long[] current, double least, double greatest) {
    this.expected = cumulative(expected);
    this.current = cumulative(current);
    ends = new double[edges.length + 2];
    ends[0] = edges.length == 0 ? least : Math.min(least, edges[0]);
    System.arraycopy(edges, 0, ends, 1, edges.length);
    ends[edges.length + 1] =
        edges.length == 0 ? greatest : Math.max(greatest, edges[edges.length - 1]);
  }

  /** Shares up to and with each end; 0 at the first. */
  private static double[] cumulative(long[] counts) {
    double[] cumulative = new double[counts.length + 1];
    double sum = Distances.sum(counts);
    long below = 0;
    for (int i = 0; i < counts.length; i++) {
      below += counts[i];
      cumulative[i + 1] = below / sum;
    }
    return cumulative;
  }

  /** A distance that cells bound. */
  record Bounded(double least, double likely, double most) {}

  /**
   * Kolmogorov and Smirnov's D, the greatest difference of the cumulative shares: at least what it
   * is at an edge, at most that and what one cell holds.
   */
  Bounded kolmogorovSmirnov() {
    double least = 0;
    double most = 0;
    for (int i = 1; i < ends.length; i++) {
      least = Math.max(least, Math.abs(expected[i] - current[i]));
      most = Math.max(most, greatestWithin(i));
    }
    return new Bounded(least, least, Math.max(least, most));
  }

  /** Within the cell that ends there both only rise, so their difference is within these. */
  private double greatestWithin(int end) {
    return Math.max(expected[end] - current[end - 1], current[end] - expected[end - 1]);
  }

  private double leastWithin(int end) {
    return Math.max(
        0, Math.max(expected[end - 1] - current[end], current[end - 1] - expected[end]));
  }

  /**
   * Wasserstein's distance of order 1, the area between the cumulative shares, in units of the
   * values; likely what it is if values lie evenly within a cell.
   */
  Bounded wasserstein() {
    double least = 0;
    double likely = 0;
    double most = 0;
    for (int i = 1; i < ends.length; i++) {
      double width = ends[i] - ends[i - 1];
      least += width * leastWithin(i);
      likely += width * meanOfLine(expected[i - 1] - current[i - 1], expected[i] - current[i]);
      most += width * greatestWithin(i);
    }
    return new Bounded(least, likely, most);
  }

  /** The mean of the absolute value of what goes in a line from one value to another. */
  private static double meanOfLine(double from, double to) {
    return from * to >= 0
        ? Math.abs(from + to) / 2
        : (from * from + to * to) / (2 * Math.abs(from - to));
  }

  /**
   * What Wasserstein's distance exceeds by chance alone with probability at most {@code share}, if
   * both sides are of the reference's distribution: the differences of cumulative shares are then a
   * Brownian bridge, the area under its absolute value is a Lipschitz function of it, and so
   * Gaussian concentration (Borell, Tsirelson, Ibragimov and Sudakov) bounds its tail.
   *
   * @param effective n m / (n + m) of independent values
   */
  double wassersteinNull(double effective, double share) {
    double mean = 0;
    double variance = 0;
    for (int i = 1; i < ends.length; i++) {
      double width = ends[i] - ends[i - 1];
      double f = (expected[i - 1] + expected[i]) / 2;
      mean += width * Math.sqrt(2 / Math.PI * f * (1 - f));
      for (int j = 1; j < ends.length; j++) {
        double g = (expected[j - 1] + expected[j]) / 2;
        variance += width * (ends[j] - ends[j - 1]) * (Math.min(f, g) - f * g);
      }
    }
    return (mean + Math.sqrt(-2 * Math.log(share) * variance)) / Math.sqrt(effective);
  }
}
