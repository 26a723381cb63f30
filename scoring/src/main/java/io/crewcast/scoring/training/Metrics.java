package io.crewcast.scoring.training;

import io.crewcast.scoring.model.Metric;
import io.crewcast.scoring.model.ProblemType;
import io.crewcast.scoring.statistics.Losses;
import io.crewcast.scoring.statistics.RankingGain;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** How good answers are, given what then happened. */
final class Metrics {

  private Metrics() {}

  /** One metric of given answers, each row counted as often as asked. */
  interface Weighted {

    /**
     * The metric where rows count so often; NaN where none or, of AUC, only one class is left.
     *
     * @param weights one a row; the same for all rows of a group
     */
    double at(int[] weights);
  }

  /** A metric that may be asked many times; what sorts does so once. */
  static Weighted of(Metric metric, double[][] outputs, Yardstick yardstick) {
    double[] scores = Scored.column(outputs, yardstick.middle());
    double[] labels = yardstick.values();
    return switch (metric) {
      case AUC -> auc(scores, labels);
      case LOG_LOSS -> mean(row -> Losses.log(scores[row], labels[row]));
      case BRIER -> mean(row -> Losses.square(scores[row] - labels[row]));
      case MAE -> mean(row -> Math.abs(scores[row] - labels[row]));
      case RMSE -> {
        Weighted squared = mean(row -> Losses.square(scores[row] - labels[row]));
        yield weights -> Math.sqrt(squared.at(weights));
      }
      case R2 -> r2(scores, labels);
      case PINBALL -> mean(row -> Losses.pinball(outputs[row], labels[row], yardstick.quantiles()));
      case MLOGLOSS -> mean(row -> Losses.log(outputs[row][(int) labels[row]]));
      case ACCURACY -> mean(row -> Losses.likeliest(outputs[row]) == labels[row] ? 1 : 0);
      case MACRO_AUC -> macroAuc(outputs, labels);
      case NDCG -> ndcg(scores, labels, yardstick.groups());
    };
  }

  /** A metric over all rows. */
  static double value(Metric metric, double[][] outputs, Yardstick yardstick) {
    return over(of(metric, outputs, yardstick), outputs.length);
  }

  /** Area under the ROC curve over all rows. */
  static double aucOf(double[] scores, double[] labels) {
    return over(auc(scores, labels), labels.length);
  }

  private static double over(Weighted metric, int rows) {
    int[] once = new int[rows];
    Arrays.fill(once, 1);
    return metric.at(once);
  }

  /** Sum of scores by sum of labels: 1 where neither too high nor too low on the whole. */
  static double calibrationRatio(double[] scores, double[] labels) {
    return Arrays.stream(scores).sum() / Arrays.stream(labels).sum();
  }

  /** All figures that fit the kind of answer, by name. */
  static Map<String, Double> figures(ProblemType problem, double[][] outputs, Yardstick yardstick) {
    Map<String, Double> figures = new LinkedHashMap<>();
    for (Metric metric : problem.metrics()) {
      figures.put(metric.yamlName(), value(metric, outputs, yardstick));
    }
    double[] scores = Scored.column(outputs, yardstick.middle());
    double[] labels = yardstick.values();
    switch (problem) {
      case BINARY_CLASSIFICATION -> {
        figures.put("calibration_ratio", calibrationRatio(scores, labels));
        figures.put("label_share", Arrays.stream(labels).average().orElse(Double.NaN));
      }
      case REGRESSION, MEDIAN_REGRESSION ->
          figures.put(
              "bias", (Arrays.stream(scores).sum() - Arrays.stream(labels).sum()) / labels.length);
      case QUANTILE_REGRESSION -> coverage(outputs, yardstick, figures);
      case MULTICLASS_CLASSIFICATION, RANKING, ANOMALY_DETECTION -> {}
    }
    return figures;
  }

  /** The share of labels within the outermost quantiles, and below each. */
  private static void coverage(
      double[][] outputs, Yardstick yardstick, Map<String, Double> figures) {
    int last = yardstick.quantiles().size() - 1;
    figures.put(
        "interval_coverage",
        share(
            outputs.length,
            row ->
                outputs[row][0] <= yardstick.label(row)
                    && yardstick.label(row) <= outputs[row][last]));
    for (int i = 0; i <= last; i++) {
      int place = i;
      figures.put(
          "below_p" + Math.round(100 * yardstick.quantiles().get(i)),
          share(outputs.length, row -> yardstick.label(row) <= outputs[row][place]));
    }
  }

  private static double share(int rows, IntPredicate holds) {
    return (double) IntStream.range(0, rows).filter(holds).count() / rows;
  }

  private static Weighted mean(IntToDoubleFunction ofRow) {
    return weights -> {
      double sum = 0;
      long count = 0;
      for (int row = 0; row < weights.length; row++) {
        if (weights[row] > 0) {
          sum += weights[row] * ofRow.applyAsDouble(row);
          count += weights[row];
        }
      }
      return count == 0 ? Double.NaN : sum / count;
    };
  }

  /** The share of the labels' variance that the scores explain; below 0 they are worse than it. */
  private static Weighted r2(double[] scores, double[] labels) {
    Weighted mean = mean(row -> labels[row]);
    Weighted missed = mean(row -> Losses.square(scores[row] - labels[row]));
    return weights -> {
      double center = mean.at(weights);
      double variance = mean(row -> Losses.square(labels[row] - center)).at(weights);
      return 1 - missed.at(weights) / variance;
    };
  }

  /** Each class against all others, the mean over those that are there. */
  private static Weighted macroAuc(double[][] outputs, double[] labels) {
    int classes = outputs.length == 0 ? 0 : outputs[0].length;
    Weighted[] ofClass = new Weighted[classes];
    for (int i = 0; i < classes; i++) {
      int place = i;
      ofClass[i] =
          auc(
              Scored.column(outputs, place),
              Arrays.stream(labels).map(label -> label == place ? 1 : 0).toArray());
    }
    return weights ->
        Arrays.stream(ofClass)
            .mapToDouble(auc -> auc.at(weights))
            .filter(auc -> !Double.isNaN(auc))
            .average()
            .orElse(Double.NaN);
  }

  /** Area under the ROC curve: positives above negatives, ties counting half. */
  private static Weighted auc(double[] scores, double[] labels) {
    int[] order = ascending(scores);
    return weights -> {
      double negativesBelow = 0;
      double positives = 0;
      double above = 0;
      for (int from = 0; from < order.length; ) {
        double tiedPositives = 0;
        double tied = 0;
        int to = from;
        while (to < order.length && Double.compare(scores[order[to]], scores[order[from]]) == 0) {
          tiedPositives += weights[order[to]] * labels[order[to]];
          tied += weights[order[to]];
          to++;
        }
        double tiedNegatives = tied - tiedPositives;
        above += tiedPositives * (negativesBelow + tiedNegatives / 2);
        negativesBelow += tiedNegatives;
        positives += tiedPositives;
        from = to;
      }
      return above / (positives * negativesBelow);
    };
  }

  private static int[] ascending(double[] scores) {
    Integer[] order = new Integer[scores.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> scores[i]));
    return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
  }

  /** Mean over the groups that say something. */
  private static Weighted ndcg(double[] scores, double[] labels, Groups groups) {
    List<List<Integer>> telling =
        groups.rows().stream()
            .filter(rows -> rows.stream().anyMatch(row -> labels[row] > 0))
            .toList();
    double[] ofGroup =
        telling.stream()
            .mapToDouble(rows -> RankingGain.ofFirstThree(of(rows, scores), of(rows, labels)))
            .toArray();
    return weights -> {
      double sum = 0;
      long count = 0;
      for (int group = 0; group < ofGroup.length; group++) {
        int weight = weights[telling.get(group).get(0)];
        sum += weight * ofGroup[group];
        count += weight;
      }
      return count == 0 ? Double.NaN : sum / count;
    };
  }

  private static double[] of(List<Integer> rows, double[] values) {
    return rows.stream().mapToDouble(row -> values[row]).toArray();
  }
}
