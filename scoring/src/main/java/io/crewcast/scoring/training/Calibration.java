package io.crewcast.scoring.training;

import io.crewcast.scoring.model.ProblemType;
import io.crewcast.scoring.statistics.Losses;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether a probability of 0.3 is right in 30 of 100 cases. Of classes it is that of the likeliest
 * one, and positive is who is of it (Guo et al. 2017).
 *
 * @param bins those of ten equal ones between 0 and 1 that hold a score
 * @param ece expected calibration error: the mean distance of score and share, by rows
 */
record Calibration(List<Bin> bins, double ece) {

  private static final int BINS = 10;

  /**
   * Scores from one tenth to the next.
   *
   * @param from the least score that belongs to it
   * @param positives the share of positives
   */
  record Bin(double from, int count, double meanScore, double positives) {}

  /** That of probabilities; null where answers are none. */
  static @Nullable Calibration of(ProblemType problem, double[][] outputs, Yardstick yardstick) {
    return switch (problem) {
      case BINARY_CLASSIFICATION -> of(Scored.column(outputs, 0), yardstick.values());
      case MULTICLASS_CLASSIFICATION -> {
        double[] highest = new double[outputs.length];
        double[] right = new double[outputs.length];
        for (int row = 0; row < outputs.length; row++) {
          int likeliest = Losses.likeliest(outputs[row]);
          highest[row] = outputs[row][likeliest];
          right[row] = yardstick.label(row) == likeliest ? 1 : 0;
        }
        yield of(highest, right);
      }
      default -> null;
    };
  }

  static Calibration of(double[] scores, double[] labels) {
    int[] counts = new int[BINS];
    double[] sums = new double[BINS];
    double[] positives = new double[BINS];
    for (int row = 0; row < scores.length; row++) {
      int bin = Math.min(BINS - 1, Math.max(0, (int) (scores[row] * BINS)));
      counts[bin]++;
      sums[bin] += scores[row];
      positives[bin] += labels[row];
    }
    List<Bin> bins = new ArrayList<>();
    double distances = 0;
    for (int bin = 0; bin < BINS; bin++) {
      if (counts[bin] > 0) {
        bins.add(
            new Bin(
                (double) bin / BINS,
                counts[bin],
                sums[bin] / counts[bin],
                positives[bin] / counts[bin]));
        distances += Math.abs(sums[bin] - positives[bin]);
      }
    }
    return new Calibration(bins, distances / scores.length);
  }
}
