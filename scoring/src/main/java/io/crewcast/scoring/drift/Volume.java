package io.crewcast.scoring.drift;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.jspecify.annotations.Nullable;

/**
 * How many records are usual in a window, by the windows of the same hour or day in the four weeks
 * before, and between which counts chance leaves them.
 *
 * <p>Counts vary more than Poisson's do, by days off, weather and batches: var = mean + φ mean².
 * One φ is reckoned over all hours of the week, by the median of what each says of it, so that a
 * day on which the stream stood still does not make the next one bearable. Counts are compared
 * where their variance no longer depends on their mean (Anscombe 1948, for the negative binomial),
 * by the median absolute deviation of past counts from the other weeks' median.
 *
 * @param usual the median of the same windows; NaN where fewer than three are known
 * @param least what chance leaves at least
 * @param most what chance leaves at most
 * @param isKnown whether there is enough to tell
 */
public record Volume(double usual, double least, double most, boolean isKnown) {

  /** So many weeks are looked back. */
  public static final int WEEKS = 4;

  /** A count of a window that lies before the stream began. */
  public static final long UNKNOWN = -1;

  /** By so many times more or less than usual it matters. */
  public static final double FACTOR = 2;

  private static final int NEEDED = 3;

  /** Of fewer records a half is soon missing. */
  private static final double LEAST_USUAL = 20;

  /** So many deviations that the tails of real counts go beyond them less often than 1 in 1,000. */
  private static final double DEVIATIONS = 5;

  /** Of fewer the deviation says little. */
  private static final int LEAST_RESIDUALS = 15;

  private static final double MAD_OF_NORMAL = 1.4826;

  /** Of χ² with as many degrees of freedom as three counts and as four leave. */
  private static final double[] MEDIANS = {
    ChiSquaredDistribution.of(2).inverseCumulativeProbability(0.5),
    ChiSquaredDistribution.of(3).inverseCumulativeProbability(0.5)
  };

  /**
   * What is usual in the window that follows past ones.
   *
   * @param past counts, newest first, of four weeks without a gap; {@link #UNKNOWN} where there is
   *     none
   * @param week windows that a week has
   */
  public static Volume of(long[] past, int week) {
    List<long[]> slots = new ArrayList<>();
    for (int slot = 0; slot < week; slot++) {
      long[] counts = slot(past, slot, week);
      if (counts.length >= NEEDED && median(counts) >= LEAST_USUAL) {
        slots.add(counts);
      }
    }
    long[] same = slot(past, week - 1, week);
    double usual = same.length < NEEDED ? Double.NaN : median(same);
    Spread spread = Spread.of(slots);
    if (!(usual >= LEAST_USUAL) || spread == null) {
      return new Volume(usual, Double.NaN, Double.NaN, false);
    }
    double middle = spread.scale(usual);
    double reach = DEVIATIONS * spread.deviation;
    return new Volume(usual, spread.count(middle - reach), spread.count(middle + reach), true);
  }

  /** Known counts of the windows that end so many windows and whole weeks ago. */
  private static long[] slot(long[] past, int place, int week) {
    long[] counts = new long[WEEKS];
    int known = 0;
    for (int at = place; at < past.length; at += week) {
      if (past[at] != UNKNOWN && known < WEEKS) {
        counts[known++] = past[at];
      }
    }
    long[] ordered = Arrays.copyOf(counts, known);
    Arrays.sort(ordered); // sums come out the same whichever week was first
    return ordered;
  }

  /** How many times the usual a count is. */
  public double ratio(long count) {
    return count / usual;
  }

  /** Whether a count is too few to be chance, and enough so to matter. */
  public boolean isLow(long count) {
    return isKnown && count < least && count * FACTOR <= usual;
  }

  /** Whether a count is too much to be chance, and enough so to matter. */
  public boolean isHigh(long count) {
    return isKnown && count > most && count >= FACTOR * usual;
  }

  private static double median(long[] values) {
    return median(Arrays.stream(values).asDoubleStream().toArray());
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  /**
   * How far counts lie apart.
   *
   * @param phi by how much more than Poisson's they vary
   * @param deviation of a count from the median of others, where the scale has made it even
   */
  private record Spread(double phi, double deviation) {

    /** Null where too few counts say it. */
    static @Nullable Spread of(List<long[]> slots) {
      double phi =
          slots.isEmpty()
              ? 0
              : Math.max(0, median(slots.stream().mapToDouble(Spread::phiOf).toArray()));
      Spread even = new Spread(phi, 1);
      double[] residuals =
          slots.stream()
              .flatMapToDouble(counts -> Arrays.stream(even.residuals(counts)))
              .map(Math::abs)
              .toArray();
      if (residuals.length < LEAST_RESIDUALS) {
        return null;
      }
      // never less than chance alone makes of a count and a median of others
      double least = Math.sqrt(1 + Math.PI / (2 * NEEDED));
      return new Spread(phi, Math.max(least, MAD_OF_NORMAL * median(residuals)));
    }

    /** What the variance of few counts says, as if it were their distribution's median. */
    private static double phiOf(long[] counts) {
      double mean = Arrays.stream(counts).average().orElseThrow();
      double squares = Arrays.stream(counts).mapToDouble(x -> (x - mean) * (x - mean)).sum();
      return (squares / MEDIANS[counts.length - NEEDED] - mean) / (mean * mean);
    }

    private double[] residuals(long[] counts) {
      double[] scaled = Arrays.stream(counts).mapToDouble(this::scale).toArray();
      double[] residuals = new double[scaled.length];
      for (int i = 0; i < scaled.length; i++) {
        double[] others = new double[scaled.length - 1];
        System.arraycopy(scaled, 0, others, 0, i);
        System.arraycopy(scaled, i + 1, others, i, others.length - i);
        residuals[i] = scaled[i] - median(others);
      }
      return residuals;
    }

    /** Where counts of any mean have variance 1, or nearly so. */
    double scale(double count) {
      double root = Math.sqrt(count + 3.0 / 8);
      return phi == 0 ? 2 * root : 2 / Math.sqrt(phi) * asinh(Math.sqrt(phi) * root);
    }

    private static double asinh(double x) {
      return Math.log(x + Math.sqrt(x * x + 1));
    }

    /** The count at a place of that scale. */
    double count(double scaled) {
      if (scaled <= 0) {
        return 0;
      }
      double root = phi == 0 ? scaled / 2 : Math.sinh(scaled * Math.sqrt(phi) / 2) / Math.sqrt(phi);
      return Math.max(0, root * root - 3.0 / 8);
    }
  }
}
