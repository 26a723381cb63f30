package io.crewcast.scoring.statistics;

import java.util.Arrays;
import java.util.Comparator;

/** How good an order is, given what each of those in it was worth. */
public final class RankingGain {

  /** How many of a ranking count: those who are seen. */
  private static final int RANKED = 3;

  private RankingGain() {}

  /**
   * NDCG@3 of one group: the discounted gain of the first three by that of the best order (Järvelin
   * and Kekäläinen 2002; gains of 2 to the power of the grade, less 1). The same whatever order the
   * group comes in.
   *
   * @param scores by which it is ranked, the highest first
   * @param grades what each is worth, 0 at least
   * @return NaN where no grade is above 0: such a group says nothing
   */
  public static double ofFirstThree(double[] scores, double[] grades) {
    return gain(scores, grades) / gain(grades, grades);
  }

  /** Equal scores share the mean of their gains. */
  private static double gain(double[] scores, double[] grades) {
    Integer[] order = new Integer[scores.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(
        order,
        Comparator.<Integer>comparingDouble(i -> -scores[i]).thenComparingDouble(i -> grades[i]));
    double sum = 0;
    for (int from = 0; from < Math.min(RANKED, order.length); ) {
      double gains = 0;
      int to = from;
      while (to < order.length && scores[order[to]] == scores[order[from]]) {
        gains += Math.pow(2, grades[order[to]]) - 1;
        to++;
      }
      double discounts = 0;
      for (int place = from; place < Math.min(RANKED, to); place++) {
        discounts += Math.log(2) / Math.log(place + 2.0);
      }
      sum += gains / (to - from) * discounts;
      from = to;
    }
    return sum;
  }
}
