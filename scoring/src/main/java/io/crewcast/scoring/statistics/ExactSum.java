package io.crewcast.scoring.statistics;

import java.util.List;

/**
 * A sum of doubles that is rounded once, at the end, so that it is the same in whatever order they
 * came and however they were added up in parts (Shewchuk 1997). It is kept as a list of parts that
 * do not overlap; an empty one is 0.
 */
public final class ExactSum {

  private ExactSum() {}

  /** Adds a number to the parts; one that is not finite makes the sum NaN for ever. */
  public static void add(List<Double> parts, double number) {
    if (!Double.isFinite(number) || (!parts.isEmpty() && Double.isNaN(parts.get(0)))) {
      parts.clear();
      parts.add(Double.NaN);
      return;
    }
    double x = number;
    int kept = 0;
    for (int i = 0; i < parts.size(); i++) {
      double y = parts.get(i);
      double greater = Math.abs(x) < Math.abs(y) ? y : x;
      double lesser = Math.abs(x) < Math.abs(y) ? x : y;
      double high = greater + lesser;
      double low = lesser - (high - greater);
      if (low != 0) {
        parts.set(kept++, low);
      }
      x = high;
    }
    parts.subList(kept, parts.size()).clear();
    parts.add(x);
  }

  /** Adds all of another sum. */
  public static void addAll(List<Double> parts, List<Double> others) {
    others.forEach(part -> add(parts, part));
  }

  /** The sum, rounded to the nearest double, ties to even. */
  public static double value(List<Double> parts) {
    if (parts.isEmpty()) {
      return 0;
    }
    int i = parts.size() - 1;
    double high = parts.get(i);
    double low = 0;
    while (i > 0) {
      double x = high;
      double y = parts.get(--i);
      high = x + y;
      low = y - (high - x);
      if (low != 0) {
        break;
      }
    }
    // what is left beyond decides a tie
    if (i > 0 && ((low < 0 && parts.get(i - 1) < 0) || (low > 0 && parts.get(i - 1) > 0))) {
      double twice = low * 2;
      double rounded = high + twice;
      if (twice == rounded - high) {
        high = rounded;
      }
    }
    return high;
  }
}
