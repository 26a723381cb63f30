package io.crewcast.scoring.performance;

import java.util.List;

/** Quantiles of durations from a histogram whose cells grow by a sixteenth of an octave: 4.4 %. */
final class Latencies {

  private static final int CELLS_AN_OCTAVE = 16;

  private Latencies() {}

  static void count(List<Long> histogram, long micros) {
    int cell =
        (int) Math.round(CELLS_AN_OCTAVE * Math.log((double) Math.max(1, micros)) / Math.log(2));
    while (histogram.size() <= cell) {
      histogram.add(0L);
    }
    histogram.set(cell, histogram.get(cell) + 1);
  }

  /** The least value that so large a share does not exceed; NaN of none. */
  static double quantile(List<Long> histogram, double share) {
    long all = histogram.stream().mapToLong(Long::longValue).sum();
    long reached = 0;
    for (int cell = 0; cell < histogram.size(); cell++) {
      reached += histogram.get(cell);
      if (reached > 0 && reached >= share * all) {
        return Math.pow(2, (double) cell / CELLS_AN_OCTAVE);
      }
    }
    return Double.NaN;
  }
}
