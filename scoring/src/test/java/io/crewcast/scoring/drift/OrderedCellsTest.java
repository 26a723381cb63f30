package io.crewcast.scoring.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.scoring.model.Profile;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class OrderedCellsTest {

  /** The oracle: both distances of the values themselves, by a walk over all of them. */
  private record Exact(double ks, double wasserstein) {

    static Exact of(double[] one, double[] other) {
      double[] all =
          Arrays.stream(new double[][] {one, other}).flatMapToDouble(Arrays::stream).toArray();
      Arrays.sort(all);
      double ks = 0;
      double area = 0;
      for (int i = 0; i < all.length; i++) {
        double difference = Math.abs(below(one, all[i]) - below(other, all[i]));
        ks = Math.max(ks, difference);
        area += i + 1 < all.length ? difference * (all[i + 1] - all[i]) : 0;
      }
      return new Exact(ks, area);
    }

    private static double below(double[] values, double x) {
      return (double) Arrays.stream(values).filter(value -> value <= x).count() / values.length;
    }
  }

  private static OrderedCells cells(double[] reference, double[] current) {
    Cells cells = new Cells(Profile.ofNumbers(reference, reference.length));
    CellCounts counted = count(cells, current);
    CellCounts both = cells.reference().plus(counted);
    return new OrderedCells(
        cells.edges(),
        Arrays.copyOf(cells.reference().counts(), cells.missing()),
        Arrays.copyOf(counted.counts(), cells.missing()),
        both.least(),
        both.greatest());
  }

  private static CellCounts count(Cells cells, double[] values) {
    CellCounts sum = CellCounts.none(cells.size());
    for (double value : values) {
      long[] one = new long[cells.size()];
      one[cells.of(value)] = 1;
      sum = sum.plus(new CellCounts(one, value, value));
    }
    return sum;
  }

  @Test
  void boundsTheDistancesOfTheValuesThemselves() {
    for (long seed = 1; seed <= 300; seed++) {
      var random = new SplittableRandom(seed);
      double[] reference = values(random, 200, 0, 1);
      double[] current = values(random, 80, random.nextDouble(-1, 2), random.nextDouble(0.2, 3));
      Exact exact = Exact.of(reference, current);
      OrderedCells cells = cells(reference, current);
      assertThat(exact.ks)
          .as("ks, seed %d", seed)
          .isBetween(cells.kolmogorovSmirnov().least(), cells.kolmogorovSmirnov().most());
      assertThat(exact.wasserstein)
          .as("wasserstein, seed %d", seed)
          .isBetween(cells.wasserstein().least() - 1e-12, cells.wasserstein().most() + 1e-12);
      assertThat(cells.wasserstein().likely())
          .as("likely, seed %d", seed)
          .isBetween(cells.wasserstein().least(), cells.wasserstein().most());
    }
  }

  /** Of whole numbers too, of which many are alike. */
  private static double[] values(SplittableRandom random, int count, double mean, double sd) {
    boolean whole = random.nextBoolean();
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      double x = mean + sd * random.nextGaussian();
      values[i] = whole ? Math.rint(3 * x) : x;
    }
    return values;
  }

  /** NannyML's {@code wasserstein_shift1}, counted by numpy in the deciles of its reference. */
  @Test
  void holdsWhatNannymlFindsOfTheValuesThemselves() {
    double[] deciles = {
      -1.2725804434679102,
      -0.823468478100833,
      -0.5171424556735761,
      -0.2369044037093832,
      0.008454054096753818,
      0.2587264331576575,
      0.5295558754734251,
      0.8413271062340758,
      1.2907791308221548
    };
    long[] expected = {1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000};
    long[] current = {12, 22, 30, 42, 50, 65, 79, 119, 185, 396};
    var cells = new OrderedCells(deciles, expected, current, -3.656440099254795, 4.560612647672418);
    assertThat(1.0114449430265404)
        .isBetween(cells.wasserstein().least(), cells.wasserstein().most());
    assertThat(0.4052) // scipy.stats.ks_2samp
        .isBetween(cells.kolmogorovSmirnov().least(), cells.kolmogorovSmirnov().most());
  }

  @Test
  void isAllOfItForValuesThatLieApart() {
    OrderedCells cells = cells(new double[] {1, 1, 1}, new double[] {2, 2});
    assertThat(cells.kolmogorovSmirnov().least()).isEqualTo(1);
    assertThat(cells.wasserstein().most()).isEqualTo(1);
  }
}
