package io.crewcast.scoring.training;

import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;

/** How good scores are, given what then happened. */
final class Metrics {

  private static final double LEAST = 1e-15;

  private Metrics() {}

  /** AUC, log-loss, Brier score and calibration ratio of probabilities. */
  static Map<String, Double> ofProbabilities(double[] scores, double[] labels) {
    double loss = 0;
    double brier = 0;
    for (int i = 0; i < scores.length; i++) {
      double p = Math.min(1 - LEAST, Math.max(LEAST, scores[i]));
      loss -= labels[i] * Math.log(p) + (1 - labels[i]) * Math.log(1 - p);
      brier += (scores[i] - labels[i]) * (scores[i] - labels[i]);
    }
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("auc", auc(scores, labels));
    metrics.put("log_loss", loss / scores.length);
    metrics.put("brier", brier / scores.length);
    metrics.put("calibration_ratio", Arrays.stream(scores).sum() / Arrays.stream(labels).sum());
    metrics.put("label_share", Arrays.stream(labels).average().orElse(Double.NaN));
    return metrics;
  }

  /** Mean absolute error, root of the mean squared error, and bias. */
  static Map<String, Double> ofNumbers(double[] scores, double[] labels) {
    double absolute = 0;
    double squared = 0;
    double bias = 0;
    for (int i = 0; i < scores.length; i++) {
      double error = scores[i] - labels[i];
      absolute += Math.abs(error);
      squared += error * error;
      bias += error;
    }
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("mae", absolute / scores.length);
    metrics.put("rmse", Math.sqrt(squared / scores.length));
    metrics.put("bias", bias / scores.length);
    return metrics;
  }

  /** Area under the ROC curve by ranks, ties counting half; NaN when only one class is there. */
  static double auc(double[] scores, double[] labels) {
    Integer[] order = new Integer[scores.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> scores[i]));
    double positives = 0;
    double rankSum = 0;
    int from = 0;
    while (from < order.length) {
      int to = from;
      double tied = 0;
      while (to < order.length && scores[order[to]] == scores[order[from]]) {
        tied += labels[order[to]];
        to++;
      }
      rankSum += tied * (from + 1 + to) / 2.0;
      positives += tied;
      from = to;
    }
    double negatives = scores.length - positives;
    return (rankSum - positives * (positives + 1) / 2) / (positives * negatives);
  }
}
