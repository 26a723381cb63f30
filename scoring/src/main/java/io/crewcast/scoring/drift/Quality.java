package io.crewcast.scoring.drift;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What is wrong with the values of one input in one window as such, wherever they come from: shares
 * of the window's entities, compared with the reference's.
 */
public final class Quality {

  /** A measure of quality, and by how much more than in the reference it matters. */
  public enum Measure {
    /** Has no value. */
    MISSING_SHARE(0.1),
    /** Is infinite or no number. */
    NON_FINITE_SHARE(0.001),
    /** Is below or above all that the reference held. */
    OUT_OF_RANGE_SHARE(0.05),
    /** Is a text that the reference does not name. */
    NEW_CATEGORY_SHARE(0.05),
    /** 1 where all values are one, though those of the reference are not; else 0. */
    CONSTANT(1);

    private final double effect;

    Measure(double effect) {
      this.effect = effect;
    }

    /** {@code missing_share}: as rows have it. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * One measure of one input in one window.
   *
   * @param value a share, or 0 or 1
   * @param nullQuantile what chance alone reaches at most once in a thousand windows
   * @param threshold from which on it matters
   */
  public record Found(Measure measure, double value, double nullQuantile, double threshold) {

    /** Whether it is too much to be chance and enough to matter. */
    public boolean isBad() {
      return value >= threshold && value > nullQuantile;
    }
  }

  private Quality() {}

  /**
   * All measures that fit the input; none of an empty window.
   *
   * @param outOfRange how many of the window's values are out of the reference's range
   */
  public static List<Found> of(Cells cells, CellCounts current, long outOfRange) {
    List<Found> found = new ArrayList<>();
    CellCounts reference = cells.reference();
    double n = current.sum();
    if (n == 0 || reference.sum() == 0) {
      return found;
    }
    double effective = n * cells.references() / (n + cells.references());
    long[] p = reference.counts();
    long[] q = current.counts();
    int missing = cells.missing();
    found.add(share(Measure.MISSING_SHARE, p[missing], q[missing], reference, n, effective));
    if (cells.isNumeric()) {
      int none = cells.notFinite();
      found.add(share(Measure.NON_FINITE_SHARE, p[none], q[none], reference, n, effective));
      if (reference.least() != null) {
        found.add(share(Measure.OUT_OF_RANGE_SHARE, 0, outOfRange, reference, n, effective));
      }
      if (current.least() != null) {
        found.add(constant(cells, current.least().equals(current.greatest()), current, n));
      }
    } else {
      int other = cells.other();
      found.add(share(Measure.NEW_CATEGORY_SHARE, p[other], q[other], reference, n, effective));
    }
    return found;
  }

  /** Chance may well make all values one where training had nearly but one. */
  private static Found constant(Cells cells, boolean isOne, CellCounts current, double n) {
    long[] q = current.counts();
    boolean isConstant =
        isOne && q[cells.missing()] + q[cells.notFinite()] == 0 && cells.deviation() > 0;
    long[] p = cells.reference().counts();
    double most = (double) Arrays.stream(p).max().orElse(0) / Distances.sum(p);
    boolean isChance = n * Math.log(most) > Math.log(Chance.SHARE);
    return new Found(
        Measure.CONSTANT, isConstant ? 1 : 0, isChance ? 1 : 0, Measure.CONSTANT.effect);
  }

  /** Chance is bounded by Bernstein's inequality, which holds for few entities too. */
  private static Found share(
      Measure measure, long expected, long seen, CellCounts reference, double n, double effective) {
    double share = (double) expected / reference.sum();
    double chance = Chance.quantileOfShare(share, effective);
    return new Found(measure, seen / n, chance, share + measure.effect);
  }
}
