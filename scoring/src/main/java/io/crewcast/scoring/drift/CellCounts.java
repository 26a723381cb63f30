package io.crewcast.scoring.drift;

import org.jspecify.annotations.Nullable;

/**
 * How often values fell into each cell of one input. Counts of different tasks and windows add up,
 * in any order, to the same.
 *
 * @param counts one a {@linkplain Cells cell}
 * @param least of the finite numbers; null where there is none
 * @param greatest of the finite numbers
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record CellCounts(long[] counts, @Nullable Double least, @Nullable Double greatest) {

  public static CellCounts none(int cells) {
    return new CellCounts(new long[cells], null, null);
  }

  public CellCounts plus(CellCounts other) {
    long[] sum = counts.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += other.counts[i];
    }
    return new CellCounts(
        sum,
        least == null || other.least == null
            ? (least == null ? other.least : least)
            : (Double) Math.min(least, other.least),
        greatest == null || other.greatest == null
            ? (greatest == null ? other.greatest : greatest)
            : (Double) Math.max(greatest, other.greatest));
  }

  public long sum() {
    return Distances.sum(counts);
  }
}
