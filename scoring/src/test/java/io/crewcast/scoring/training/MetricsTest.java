package io.crewcast.scoring.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crewcast.scoring.model.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class MetricsTest {

  private static final double[] SCORES = {0.1, 0.4, 0.4, 0.8};
  private static final double[] LABELS = {0, 0, 1, 1};

  @Test
  void countsTiesHalf() {
    // of four pairs three are in order and one is tied
    assertThat(Metrics.value(Metric.AUC, SCORES, LABELS)).isEqualTo(3.5 / 4);
    assertThat(Metrics.value(Metric.AUC, SCORES, new double[] {1, 1, 1, 1})).isNaN();
  }

  @Test
  void agreesWithFiguresByHand() {
    assertThat(Metrics.value(Metric.MAE, SCORES, LABELS)).isEqualTo(1.3 / 4, within(1e-15));
    assertThat(Metrics.value(Metric.BRIER, SCORES, LABELS)).isEqualTo(0.57 / 4, within(1e-15));
    assertThat(Metrics.value(Metric.RMSE, SCORES, LABELS))
        .isEqualTo(Math.sqrt(0.57 / 4), within(1e-15));
    assertThat(Metrics.value(Metric.LOG_LOSS, SCORES, LABELS))
        .isEqualTo(
            -(Math.log(0.9) + Math.log(0.6) + Math.log(0.4) + Math.log(0.8)) / 4, within(1e-15));
    assertThat(Metrics.calibrationRatio(SCORES, LABELS)).isEqualTo(0.85, within(1e-15));
  }

  @ParameterizedTest
  @EnumSource
  void countsARowAsOftenAsAsked(Metric metric) {
    SplittableRandom random = new SplittableRandom(7);
    double[] scores = random.doubles(200).map(x -> Math.round(20 * x) / 20.0).toArray();
    double[] labels = random.ints(200, 0, 2).asDoubleStream().toArray();
    int[] weights = random.ints(200, 0, 4).toArray();
    List<Integer> repeated = new ArrayList<>();
    for (int row = 0; row < weights.length; row++) {
      for (int i = 0; i < weights[row]; i++) {
        repeated.add(row);
      }
    }
    assertThat(Metrics.of(metric, scores, labels).at(weights))
        .isEqualTo(
            Metrics.value(
                metric,
                repeated.stream().mapToDouble(row -> scores[row]).toArray(),
                repeated.stream().mapToDouble(row -> labels[row]).toArray()),
            within(1e-12));
  }
}
