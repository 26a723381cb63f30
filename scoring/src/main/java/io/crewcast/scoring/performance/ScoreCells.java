package io.crewcast.scoring.performance;

import java.util.List;

/**
 * The area under the ROC curve from two histograms of probabilities. What lies in one cell counts
 * as tied, so that the area is wrong by at most half of the pairs within cells: that is the bound.
 */
final class ScoreCells {

  /** Cells are even in log odds, for probabilities pile up near 0 and 1. */
  private static final int CELLS = 1_000;

  /** Log odds of the outermost cells: probabilities of about one in 160,000. */
  private static final double WIDEST = 12;

  private ScoreCells() {}

  static int cellOf(double probability) {
    double odds = Math.log(probability) - Math.log1p(-probability);
    double place = (odds + WIDEST) / (2 * WIDEST) * CELLS;
    return (int) Math.min(CELLS - 1, Math.max(0, Double.isNaN(place) ? 0 : Math.floor(place)));
  }

  /** Counts one; the list grows by whole classes. */
  static void count(List<Long> histogram, int ofClass, double probability) {
    while (histogram.size() < (ofClass + 1) * CELLS) {
      histogram.add(0L);
    }
    int cell = ofClass * CELLS + cellOf(probability);
    histogram.set(cell, histogram.get(cell) + 1);
  }

  /**
   * An area and by how much it may be wrong.
   *
   * @param value NaN where one side is empty
   */
  record Area(double value, double bound) {}

  static Area area(List<Long> positives, List<Long> negatives, int ofClass) {
    double above = 0;
    double within = 0;
    double all = 0;
    double below = 0;
    for (int cell = ofClass * CELLS; cell < (ofClass + 1) * CELLS; cell++) {
      long positive = cell < positives.size() ? positives.get(cell) : 0;
      long negative = cell < negatives.size() ? negatives.get(cell) : 0;
      above += positive * (below + negative / 2.0);
      within += (double) positive * negative;
      all += positive;
      below += negative;
    }
    double pairs = all * below;
    return new Area(above / pairs, within / (2 * pairs));
  }
}
