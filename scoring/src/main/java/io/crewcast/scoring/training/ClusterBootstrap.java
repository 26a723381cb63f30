package io.crewcast.scoring.training;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What a figure could have been had other clusters come: clusters are drawn with replacement, all
 * rows of a cluster together, and the figure is taken anew (percentile bootstrap; Efron and
 * Tibshirani 1993, chapter 13). Rows of a cluster may depend on each other as they like.
 */
final class ClusterBootstrap {

  private static final int DRAWS = 2_000;
  private static final long SEED = 42;

  private final int[] clusterOfRow;
  private final int clusters;

  /** An interval that holds the figure with the given chance; NaN where chance has no say. */
  record Interval(double low, double high) {}

  /**
   * @param clusters of each row
   */
  ClusterBootstrap(List<String> clusters) {
    Map<String, Integer> numbers = new HashMap<>();
    clusterOfRow =
        clusters.stream()
            .mapToInt(
                cluster -> {
                  numbers.putIfAbsent(cluster, numbers.size());
                  return numbers.get(cluster);
                })
            .toArray();
    this.clusters = numbers.size();
  }

  int clusters() {
    return clusters;
  }

  /**
   * The middle 95 % of the figure over all draws; draws that leave it undefined say nothing, and
   * one cluster alone says nothing of others.
   */
  Interval interval(Metrics.Weighted figure) {
    if (clusters < 2) {
      return new Interval(Double.NaN, Double.NaN);
    }
    SplittableRandom random = new SplittableRandom(SEED);
    double[] drawn = new double[DRAWS];
    int[] drawnOfCluster = new int[clusters];
    int[] weights = new int[clusterOfRow.length];
    for (int draw = 0; draw < DRAWS; draw++) {
      Arrays.fill(drawnOfCluster, 0);
      for (int i = 0; i < clusters; i++) {
        drawnOfCluster[random.nextInt(clusters)]++;
      }
      for (int row = 0; row < weights.length; row++) {
        weights[row] = drawnOfCluster[clusterOfRow[row]];
      }
      drawn[draw] = figure.at(weights);
    }
    double[] sorted = Arrays.stream(drawn).filter(x -> !Double.isNaN(x)).sorted().toArray();
    return new Interval(quantile(sorted, 0.025), quantile(sorted, 0.975));
  }

  private static double quantile(double[] sorted, double q) {
    if (sorted.length == 0) {
      return Double.NaN;
    }
    double position = q * (sorted.length - 1);
    int below = (int) position;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
  }
}
