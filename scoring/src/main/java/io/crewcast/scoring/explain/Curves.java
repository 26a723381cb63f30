package io.crewcast.scoring.explain;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How the chance to follow a split grows while features become known: at each point t of a
 * quadrature g(t) = t / (t + q (1 - t)) and the point's weight times dg/dt, where q is the share of
 * training weight that followed the same feature above. {@link TreeShap} says why.
 *
 * <p>Points stand in passes of {@link #POINTS}: heights, then weights.
 */
final class Curves {

  /** Points that are worked on at a time. */
  static final int POINTS = 4;

  /** Numbers of a curve in one pass. */
  static final int PASS = 2 * POINTS;

  /** Where the curve of zeros starts: of a feature that the row did not follow. */
  static final int ZERO = 0;

  private final List<double[]> made = new ArrayList<>();
  private final Map<Integer, Quadrature> quadratures = new HashMap<>();
  private int length;

  /**
   * @param mostPasses that any curve will have
   */
  Curves(int mostPasses) {
    add(new double[mostPasses * PASS]);
  }

  /** Passes for a tree of which no path has more features than these: enough to be exact. */
  static int passesFor(int features) {
    return Math.max(1, (features + PASS - 1) / PASS);
  }

  /** Makes a curve and answers where it starts. */
  int add(double share, int passes) {
    Quadrature quadrature =
        quadratures.computeIfAbsent(passes, some -> new Quadrature(some * POINTS));
    double[] curve = new double[passes * PASS];
    for (int i = 0; i < passes * POINTS; i++) {
      double t = quadrature.point(i);
      double followed = t + share * (1 - t);
      int at = i / POINTS * PASS + i % POINTS;
      curve[at] = t / followed;
      curve[at + POINTS] = quadrature.weight(i) * share / (followed * followed);
    }
    return add(curve);
  }

  private int add(double[] curve) {
    made.add(curve);
    length += curve.length;
    return length - curve.length;
  }

  /** All of them, one after the other. */
  double[] all() {
    double[] all = new double[length];
    int end = 0;
    for (double[] curve : made) {
      System.arraycopy(curve, 0, all, end, curve.length);
      end += curve.length;
    }
    return all;
  }
}
