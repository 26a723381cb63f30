package io.crewcast.scoring.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crewcast.scoring.model.Metric;
import io.crewcast.scoring.model.ProblemType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class MetricsTest {

  private static final int ROWS = 200;
  private static final int GROUP = 8;
  private static final List<Double> QUANTILES = List.of(0.1, 0.5, 0.9);
  private static final Groups NONE = new Groups(List.of());
  private static final double[] SCORES = {0.1, 0.4, 0.4, 0.8};
  private static final List<Double> LABELS = List.of(0.0, 0.0, 1.0, 1.0);

  private static double value(Metric metric, double[] scores, List<Double> labels) {
    return Metrics.value(
        metric,
        Scored.ofNumbers(Scored.MODEL, scores).outputs(),
        new Yardstick(labels, NONE, List.of()));
  }

  @Test
  void countsTiesHalf() {
    // of four pairs three are in order and one is tied
    assertThat(value(Metric.AUC, SCORES, LABELS)).isEqualTo(3.5 / 4);
    assertThat(value(Metric.AUC, SCORES, List.of(1.0, 1.0, 1.0, 1.0))).isNaN();
  }

  @Test
  void agreesWithFiguresByHand() {
    assertThat(value(Metric.MAE, SCORES, LABELS)).isEqualTo(1.3 / 4, within(1e-15));
    assertThat(value(Metric.BRIER, SCORES, LABELS)).isEqualTo(0.57 / 4, within(1e-15));
    assertThat(value(Metric.RMSE, SCORES, LABELS)).isEqualTo(Math.sqrt(0.57 / 4), within(1e-15));
    // the labels' own variance is a quarter
    assertThat(value(Metric.R2, SCORES, LABELS)).isEqualTo(1 - 0.57 / 4 / 0.25, within(1e-15));
    assertThat(value(Metric.LOG_LOSS, SCORES, LABELS))
        .isEqualTo(
            -(Math.log(0.9) + Math.log(0.6) + Math.log(0.4) + Math.log(0.8)) / 4, within(1e-15));
    assertThat(Metrics.calibrationRatio(SCORES, new double[] {0, 0, 1, 1}))
        .isEqualTo(0.85, within(1e-15));
  }

  @Test
  void tellsHowOftenQuantilesHold() {
    double[][] outputs = {{1, 2, 3}, {1, 2, 3}, {1, 2, 3}, {1, 2, 3}};
    Yardstick yardstick = new Yardstick(List.of(0.5, 1.5, 2.5, 4.0), NONE, QUANTILES);
    assertThat(Metrics.figures(ProblemType.QUANTILE_REGRESSION, outputs, yardstick))
        .containsEntry("interval_coverage", 0.5)
        .containsEntry("below_p10", 0.25)
        .containsEntry("below_p50", 0.5)
        .containsEntry("below_p90", 0.75)
        .containsEntry("mae", (1.5 + 0.5 + 0.5 + 2) / 4);
  }

  @Test
  void asksEachClassAgainstTheOthers() {
    double[][] outputs = {{0.6, 0.3, 0.1}, {0.2, 0.5, 0.3}, {0.5, 0.1, 0.4}, {0.3, 0.3, 0.4}};
    Yardstick yardstick = new Yardstick(List.of(0.0, 1.0, 2.0, 0.0), NONE, List.of());
    // class 0: of four pairs 0.6 is above both, 0.3 above one; class 1 and 2: all in order but
    // that 0.4 ties with 0.4
    assertThat(Metrics.value(Metric.MACRO_AUC, outputs, yardstick))
        .isEqualTo((3.0 / 4 + 1 + 2.5 / 3) / 3, within(1e-15));
    assertThat(Metrics.value(Metric.ACCURACY, outputs, yardstick)).isEqualTo(0.5);
  }

  @Test
  void sharesTheGainsOfThoseWhoAreRankedAlike() {
    Groups one = new Groups(List.of(List.of(0, 1, 2)));
    double[][] alike = {{1}, {1}, {1}};
    double discounts = 1 + 1 / (Math.log(3) / Math.log(2)) + 0.5;
    assertThat(
            Metrics.value(
                Metric.NDCG, alike, new Yardstick(List.of(4.0, 0.0, 0.0), one, List.of())))
        .isEqualTo(discounts / 3, within(1e-15));
  }

  @ParameterizedTest
  @EnumSource(
      value = Metric.class,
      names = {"PINBALL", "MLOGLOSS", "NDCG", "MAE", "RMSE", "LOG_LOSS"})
  void saysWhatXgboostSays(Metric metric) throws XGBoostError {
    Case asked = Case.of(metric);
    Map<String, Object> parameters =
        Map.of(
            "objective",
            asked.objective(),
            "eval_metric",
            metric.xgboostName(),
            "num_class",
            metric == Metric.MLOGLOSS ? 3 : 0,
            "quantile_alpha",
            QUANTILES.toString(),
            "base_score",
            0.5,
            "nthread",
            1);
    int width = asked.margins()[0].length;
    // several margins a row cannot be set, so that they come of a few trees
    boolean several = width > 1;
    float[] rows = new float[ROWS * width];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = asked.margins()[i / width][i % width];
    }
    DMatrix matrix = new DMatrix(rows, ROWS, width, Float.NaN);
    float[] labels = new float[ROWS];
    for (int row = 0; row < ROWS; row++) {
      labels[row] = (float) asked.yardstick().label(row);
    }
    matrix.setLabel(labels);
    if (metric == Metric.NDCG) {
      int[] sizes = new int[ROWS / GROUP];
      Arrays.fill(sizes, GROUP);
      matrix.setGroup(sizes);
    }
    if (!several) {
      matrix.setBaseMargin(asked.margins());
    }
    float[] said = new float[1];
    Booster booster = XGBoost.train(matrix, parameters, several ? 3 : 0, Map.of(), null, null);
    booster.evalSet(new DMatrix[] {matrix}, new String[] {"test"}, 0, said);
    float[][] predicted = booster.predict(matrix);
    booster.dispose();
    matrix.dispose();
    double[][] outputs = new double[ROWS][width];
    for (int row = 0; row < ROWS; row++) {
      for (int i = 0; i < width; i++) {
        outputs[row][i] = predicted[row][i];
      }
    }
    assertThat(Metrics.value(metric, outputs, asked.yardstick())).isEqualTo(said[0], within(2e-6));
  }

  /** Answers and truths that a metric can judge. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Case(String objective, float[][] margins, Yardstick yardstick) {

    static Case of(Metric metric) {
      SplittableRandom random = new SplittableRandom(7);
      boolean several =
          switch (metric) {
            case PINBALL, MLOGLOSS, ACCURACY, MACRO_AUC -> true;
            default -> false;
          };
      float[][] margins = new float[ROWS][several ? 3 : 1];
      List<Double> labels = new ArrayList<>();
      for (int row = 0; row < ROWS; row++) {
        for (int i = 0; i < margins[row].length; i++) {
          margins[row][i] = (float) random.nextGaussian();
        }
        labels.add(
            switch (metric) {
              case NDCG -> row % GROUP == 0 ? 4.0 : random.nextInt(5);
              case MLOGLOSS, ACCURACY, MACRO_AUC -> (double) random.nextInt(3);
              case AUC, LOG_LOSS, BRIER -> (double) random.nextInt(2);
              default -> random.nextDouble();
            });
      }
      return new Case(
          switch (metric) {
            case NDCG -> "rank:ndcg";
            case PINBALL -> "reg:quantileerror";
            case MLOGLOSS, ACCURACY, MACRO_AUC -> "multi:softprob";
            case AUC, LOG_LOSS, BRIER -> "binary:logistic";
            default -> "reg:squarederror";
          },
          margins,
          new Yardstick(
              labels,
              metric == Metric.NDCG ? groups(ROWS) : NONE,
              metric == Metric.PINBALL ? QUANTILES : List.of()));
    }

    private static Groups groups(int rows) {
      return new Groups(
          IntStream.range(0, rows / GROUP)
              .mapToObj(
                  group -> IntStream.range(group * GROUP, (group + 1) * GROUP).boxed().toList())
              .toList());
    }

    /** As probabilities, rounded so that some are equal. */
    double[][] outputs() {
      double[][] outputs = new double[ROWS][];
      for (int row = 0; row < ROWS; row++) {
        float[] of = margins[row];
        outputs[row] =
            IntStream.range(0, of.length)
                .mapToDouble(i -> Math.round(20 / (1 + Math.exp(-of[i]))) / 20.0)
                .toArray();
      }
      return outputs;
    }
  }

  @ParameterizedTest
  @EnumSource
  void countsARowAsOftenAsAsked(Metric metric) {
    Case asked = Case.of(metric);
    SplittableRandom random = new SplittableRandom(8);
    int[] ofGroup = random.ints(ROWS / GROUP, 0, 4).toArray();
    int[] weights =
        metric == Metric.NDCG
            ? IntStream.range(0, ROWS).map(row -> ofGroup[row / GROUP]).toArray()
            : random.ints(ROWS, 0, 4).toArray();
    List<Integer> repeated = new ArrayList<>();
    for (int first = 0; first < ROWS; first += GROUP) {
      for (int time = 0; time < 4; time++) {
        for (int row = first; row < first + GROUP; row++) {
          if (time < weights[row]) {
            repeated.add(row);
          }
        }
      }
    }
    Yardstick all = asked.yardstick();
    Yardstick more =
        new Yardstick(
            repeated.stream().map(all.labels()::get).toList(),
            metric == Metric.NDCG ? Case.groups(repeated.size()) : NONE,
            all.quantiles());
    assertThat(Metrics.of(metric, asked.outputs(), all).at(weights))
        .isEqualTo(
            Metrics.value(metric, new Scored("more", asked.outputs()).of(repeated), more),
            within(1e-12));
  }
}
