package io.crewcast.scoring.training;

import java.util.ArrayList;
import java.util.List;

/**
 * Whether a probability of 0.3 is right in 30 of 100 cases.
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
