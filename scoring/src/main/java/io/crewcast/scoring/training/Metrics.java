package io.crewcast.scoring.training;

import io.crewcast.scoring.model.Metric;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntToDoubleFunction;

/** How good scores are, given what then happened. */
final class Metrics {

  private static final double LEAST = 1e-15;

  private Metrics() {}

  /** One metric of given scores, each row counted as often as asked. */
  interface Weighted {

    /**
     * The metric where rows count so often; NaN where none or, of AUC, only one class is left.
     *
     * @param weights one a row
     */
    double at(int[] weights);
  }

  /** A metric that may be asked many times; AUC sorts once. */
  static Weighted of(Metric metric, double[] scores, double[] labels) {
    return switch (metric) {
      case AUC -> auc(scores, labels);
      case LOG_LOSS -> mean(row -> logLoss(scores[row], labels[row]));
      case BRIER -> mean(row -> square(scores[row] - labels[row]));
      case MAE -> mean(row -> Math.abs(scores[row] - labels[row]));
      case RMSE -> {
        Weighted squared = mean(row -> square(scores[row] - labels[row]));
        yield weights -> Math.sqrt(squared.at(weights));
      }
    };
  }

  /** A metric over all rows. */
  static double value(Metric metric, double[] scores, double[] labels) {
    int[] once = new int[scores.length];
    Arrays.fill(once, 1);
    return of(metric, scores, labels).at(once);
  }

  /** Sum of scores by sum of labels: 1 where neither too high nor too low on the whole. */
  static double calibrationRatio(double[] scores, double[] labels) {
    return Arrays.stream(scores).sum() / Arrays.stream(labels).sum();
  }

  /** AUC, log-loss, Brier score and calibration ratio of probabilities. */
  static Map<String, Double> ofProbabilities(double[] scores, double[] labels) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    for (Metric metric : new Metric[] {Metric.AUC, Metric.LOG_LOSS, Metric.BRIER}) {
      metrics.put(metric.yamlName(), value(metric, scores, labels));
    }
    metrics.put("calibration_ratio", calibrationRatio(scores, labels));
    metrics.put("label_share", Arrays.stream(labels).average().orElse(Double.NaN));
    return metrics;
  }

  /** Mean absolute error, root of the mean squared error, and bias. */
  static Map<String, Double> ofNumbers(double[] scores, double[] labels) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put(Metric.MAE.yamlName(), value(Metric.MAE, scores, labels));
    metrics.put(Metric.RMSE.yamlName(), value(Metric.RMSE, scores, labels));
    double bias = Arrays.stream(scores).sum() - Arrays.stream(labels).sum();
    metrics.put("bias", bias / scores.length);
    return metrics;
  }

  private static double square(double x) {
    return x * x;
  }

  private static double logLoss(double score, double label) {
    double p = Math.min(1 - LEAST, Math.max(LEAST, score));
    return -(label * Math.log(p) + (1 - label) * Math.log(1 - p));
  }

  private static Weighted mean(IntToDoubleFunction ofRow) {
    return weights -> {
      double sum = 0;
      long count = 0;
      for (int row = 0; row < weights.length; row++) {
        if (weights[row] > 0) {
          sum += weights[row] * ofRow.applyAsDouble(row);
          count += weights[row];
        }
      }
      return count == 0 ? Double.NaN : sum / count;
    };
  }

  /** Area under the ROC curve: positives above negatives, ties counting half. */
  private static Weighted auc(double[] scores, double[] labels) {
    int[] order = ascending(scores);
    return weights -> {
      double negativesBelow = 0;
      double positives = 0;
      double above = 0;
      for (int from = 0; from < order.length; ) {
        double tiedPositives = 0;
        double tied = 0;
        int to = from;
        while (to < order.length && Double.compare(scores[order[to]], scores[order[from]]) == 0) {
          tiedPositives += weights[order[to]] * labels[order[to]];
          tied += weights[order[to]];
          to++;
        }
        double tiedNegatives = tied - tiedPositives;
        above += tiedPositives * (negativesBelow + tiedNegatives / 2);
        negativesBelow += tiedNegatives;
        positives += tiedPositives;
        from = to;
      }
      return above / (positives * negativesBelow);
    };
  }

  private static int[] ascending(double[] scores) {
    Integer[] order = new Integer[scores.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> scores[i]));
    return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
  }
}
