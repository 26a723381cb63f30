package io.crewcast.scoring.statistics;

import java.util.List;

/** How bad one answer is, given what then happened. */
public final class Losses {

  private static final double LEAST = 1e-15;

  private Losses() {}

  public static double square(double x) {
    return x * x;
  }

  /** Of a probability, clipped to 1e-15 from 0 and from 1, and a label of 0 or 1. */
  public static double log(double score, double label) {
    double p = Math.min(1 - LEAST, Math.max(LEAST, score));
    return -(label * Math.log(p) + (1 - label) * Math.log(1 - p));
  }

  /** Of the probability of the class that it was. */
  public static double log(double probability) {
    return -Math.log(Math.max(LEAST, probability));
  }

  /** Mean over the quantiles (Koenker and Bassett 1978), as XGBoost's metric has it. */
  public static double pinball(double[] answered, double label, List<Double> quantiles) {
    double sum = 0;
    for (int i = 0; i < answered.length; i++) {
      double over = label - answered[i];
      sum += over >= 0 ? quantiles.get(i) * over : (quantiles.get(i) - 1) * over;
    }
    return sum / answered.length;
  }

  /** The first place of the greatest. */
  public static int likeliest(double[] probabilities) {
    int likeliest = 0;
    for (int i = 1; i < probabilities.length; i++) {
      if (probabilities[i] > probabilities[likeliest]) {
        likeliest = i;
      }
    }
    return likeliest;
  }
}
