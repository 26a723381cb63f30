package io.crewcast.scoring.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ClusterBootstrapTest {

  private static final int ROWS = 400;

  /** The mean of rows that are counted so often. */
  private static Metrics.Weighted mean(double[] values) {
    return weights -> {
      double sum = 0;
      for (int row = 0; row < values.length; row++) {
        sum += weights[row] * values[row];
      }
      return sum / Arrays.stream(weights).sum();
    };
  }

  private static List<String> clusters(int rowsEach) {
    return IntStream.range(0, ROWS).mapToObj(row -> "c" + row / rowsEach).toList();
  }

  /** Rows of a cluster of ten are alike. */
  private static double[] values() {
    SplittableRandom random = new SplittableRandom(3);
    double[] common = random.doubles(ROWS / 10).toArray();
    return IntStream.range(0, ROWS)
        .mapToDouble(row -> common[row / 10] + 0.01 * random.nextDouble())
        .toArray();
  }

  @Test
  void saysNothingOfOthersWhereThereIsOneClusterAlone() {
    ClusterBootstrap.Interval interval =
        new ClusterBootstrap(clusters(ROWS)).interval(mean(values()));
    assertThat(interval.low()).isNaN();
    assertThat(interval.high()).isNaN();
  }

  @Test
  void agreesWithDrawingTheRowsThemselves() {
    double[] values = values();
    SplittableRandom random = new SplittableRandom(42);
    double[] means = new double[2_000];
    for (int draw = 0; draw < means.length; draw++) {
      List<Double> drawn = new ArrayList<>();
      for (int i = 0; i < ROWS / 10; i++) {
        int cluster = random.nextInt(ROWS / 10);
        for (int row = 10 * cluster; row < 10 * cluster + 10; row++) {
          drawn.add(values[row]);
        }
      }
      means[draw] = drawn.stream().mapToDouble(x -> x).average().orElseThrow();
    }
    Arrays.sort(means);
    ClusterBootstrap.Interval interval = new ClusterBootstrap(clusters(10)).interval(mean(values));
    // places 0.025 x 1999 and 0.975 x 1999 of the sorted draws
    assertThat(interval.low()).isEqualTo(means[49] + 0.975 * (means[50] - means[49]), within(1e-9));
    assertThat(interval.high())
        .isEqualTo(means[1949] + 0.025 * (means[1950] - means[1949]), within(1e-9));
  }

  @Test
  void isWiderWhereRowsOfAClusterAreAlike() {
    double[] values = values();
    double byCluster = width(new ClusterBootstrap(clusters(10)).interval(mean(values)));
    double byRow = width(new ClusterBootstrap(clusters(1)).interval(mean(values)));
    // ten equal rows tell as much as one: wider by the root of ten
    assertThat(byCluster / byRow).isBetween(2.6, 3.7);
  }

  @Test
  void isTheSameEveryTime() {
    Metrics.Weighted figure = mean(values());
    ClusterBootstrap bootstrap = new ClusterBootstrap(clusters(10));
    assertThat(bootstrap.interval(figure)).isEqualTo(bootstrap.interval(figure));
    assertThat(bootstrap.clusters()).isEqualTo(40);
  }

  @Test
  void saysNothingWhereTheFigureIsNeverDefined() {
    assertThat(new ClusterBootstrap(clusters(10)).interval(weights -> Double.NaN).low()).isNaN();
  }

  private static double width(ClusterBootstrap.Interval interval) {
    return interval.high() - interval.low();
  }
}
