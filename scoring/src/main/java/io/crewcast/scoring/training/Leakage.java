package io.crewcast.scoring.training;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How well one input alone tells the label, as an AUC: 0.5 is not at all, 1 completely. With labels
 * of two values this is a rank correlation too (Somers' D is twice the AUC less one).
 */
final class Leakage {

  private Leakage() {}

  /** Of numbers, in the better direction; NaN is a value of its own, at either end. */
  static double ofNumbers(double[] values, double[] labels) {
    return Math.max(
        ofNumbers(values, Double.NEGATIVE_INFINITY, labels),
        ofNumbers(values, Double.POSITIVE_INFINITY, labels));
  }

  private static double ofNumbers(double[] values, double missing, double[] labels) {
    double[] placed = Arrays.stream(values).map(x -> Double.isNaN(x) ? missing : x).toArray();
    double auc = Metrics.aucOf(placed, labels);
    return Math.max(auc, 1 - auc);
  }

  /**
   * Of texts, null a value of its own. Each row is scored by the share of positives among the rows
   * of its text in the other half, even or odd, so that a text that is there once tells nothing.
   */
  static double ofTexts(List<@Nullable String> texts, double[] labels) {
    double[] scores = new double[labels.length];
    for (int half = 0; half < 2; half++) {
      Map<@Nullable String, Shares> shares = new HashMap<>();
      Shares all = new Shares();
      for (int row = 1 - half; row < labels.length; row += 2) {
        all.add(labels[row]);
        shares.computeIfAbsent(texts.get(row), text -> new Shares()).add(labels[row]);
      }
      for (int row = half; row < labels.length; row += 2) {
        scores[row] = shares.getOrDefault(texts.get(row), all).share();
      }
    }
    return Metrics.aucOf(scores, labels);
  }

  private static final class Shares {
    private int count;
    private double positives;

    void add(double label) {
      count++;
      positives += label;
    }

    double share() {
      return positives / count;
    }
  }
}
