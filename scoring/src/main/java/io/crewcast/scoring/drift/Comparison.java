package io.crewcast.scoring.drift;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Compares the counts of a window with those of a reference, all from the same fixed cells.
 *
 * <p>Counts may be of many rows an entity in a reference; what is independent are the entities, and
 * chance is reckoned by them.
 */
public final class Comparison {

  /** Wasserstein's distance is by a deviation of at least this. */
  private static final double LEAST_DEVIATION = 0.001;

  /** A cell of which less is expected is looked at together with others of its kind. */
  private static final double LEAST_EXPECTED = 5;

  private final Cells cells;
  private final CellCounts expected;
  private final CellCounts current;
  private final double n;
  private final double effective;

  /**
   * @param expected of the reference
   * @param references how many different entities it is of
   * @param current of the window
   * @param entities how many different ones that is of
   */
  public Comparison(
      Cells cells, CellCounts expected, long references, CellCounts current, long entities) {
    this.cells = cells;
    this.expected = expected;
    this.current = current;
    this.n = entities;
    this.effective = n * references / (n + references);
  }

  /** All measures; none where either side is empty. */
  public List<Measured> measures() {
    List<Measured> measures = new ArrayList<>();
    if (n > 0 && current.sum() > 0 && expected.sum() > 0) {
      ofCells(measures);
      if (cells.isNumeric()) {
        ofNumbers(measures);
      }
    }
    return measures;
  }

  private void ofCells(List<Measured> measures) {
    long[] p = gathered(expected.counts());
    long[] q = gathered(current.counts());
    int occupied = Math.max(2, Distances.occupied(p, q));
    double limit = Chance.quantileOfChiSquare(occupied) / effective;
    double psi = Distances.psi(p, q);
    measures.add(measured(Method.PSI, psi, limit, psi * effective, occupied));
    double divergence = Distances.jensenShannonDivergence(p, q);
    double toChiSquare = 8 * Math.log(2);
    measures.add(
        measured(
            Method.JENSEN_SHANNON_DISTANCE,
            Math.sqrt(divergence),
            Math.sqrt(limit / toChiSquare),
            divergence * toChiSquare * effective,
            occupied));
    double rows = (double) expected.sum() * current.sum();
    double effect = Distances.chiSquare(p, q) * (expected.sum() + current.sum()) / rows;
    measures.add(
        measured(
            Method.CHI_SQUARE, Math.sqrt(effect), Math.sqrt(limit), effect * effective, occupied));
  }

  private static Measured measured(
      Method method, double score, double limit, double statistic, int cells) {
    return new Measured(
        method, score, null, null, limit, Chance.pValueOfChiSquare(statistic, cells));
  }

  /** Cells of which the window would hold few are one, else they stand for chance alone. */
  private long[] gathered(long[] counts) {
    double share = n / expected.sum();
    long[] gathered = new long[counts.length + 1];
    int used = 0;
    for (int i = 0; i < counts.length; i++) {
      if (expected.counts()[i] * share < LEAST_EXPECTED) {
        gathered[counts.length] += counts[i];
      } else {
        gathered[used++] = counts[i];
      }
    }
    gathered[used] = gathered[counts.length];
    return Arrays.copyOf(gathered, used + 1);
  }

  private void ofNumbers(List<Measured> measures) {
    int known = cells.missing();
    long[] p = Arrays.copyOf(expected.counts(), known);
    long[] q = Arrays.copyOf(current.counts(), known);
    if (Distances.sum(p) == 0 || Distances.sum(q) == 0) {
      return;
    }
    double shares =
        effective
            * Math.min(
                Distances.sum(q) / (double) current.sum(),
                Distances.sum(p) / (double) expected.sum());
    CellCounts both = expected.plus(current); // it holds numbers, so it has ends
    var ordered =
        new OrderedCells(
            cells.edges(), p, q, requireNonNull(both.least()), requireNonNull(both.greatest()));
    var ks = ordered.kolmogorovSmirnov();
    measures.add(
        new Measured(
            Method.KS,
            ks.least(),
            ks.least(),
            ks.most(),
            Chance.quantileOfKolmogorovSmirnov(shares),
            Chance.pValueOfKolmogorovSmirnov(ks.least(), shares)));
    var area = ordered.wasserstein();
    double unit = Math.max(LEAST_DEVIATION, cells.deviation());
    measures.add(
        new Measured(
            Method.WASSERSTEIN,
            area.likely() / unit,
            area.least() / unit,
            area.most() / unit,
            ordered.wassersteinNull(shares, Chance.SHARE) / unit,
            null));
  }
}
