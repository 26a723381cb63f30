package io.crewcast.scoring.model;

import io.crewcast.scoring.tree.Objective;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What kind of question a model answers, and by what its answers are judged. */
public enum ProblemType {
  /** The probability of one of two. */
  BINARY_CLASSIFICATION(
      List.of(Objective.LOGISTIC.xgboostName()),
      List.of(Metric.AUC, Metric.LOG_LOSS, Metric.BRIER)),

  /** One number. */
  REGRESSION(
      List.of(
          Objective.SQUARED_ERROR.xgboostName(),
          Objective.GAMMA.xgboostName(),
          Objective.TWEEDIE.xgboostName(),
          Objective.POISSON.xgboostName()),
      List.of(Metric.RMSE, Metric.MAE, Metric.R2)),

  /** One number, in the middle of what may come. */
  MEDIAN_REGRESSION(
      List.of(Objective.ABSOLUTE_ERROR.xgboostName()), List.of(Metric.MAE, Metric.RMSE, Metric.R2)),

  /** Numbers below which the truth stays with given probabilities. */
  QUANTILE_REGRESSION(
      List.of(Objective.QUANTILE_ERROR.xgboostName()), List.of(Metric.PINBALL, Metric.MAE)),

  /** The probability of each of several classes. */
  MULTICLASS_CLASSIFICATION(
      List.of(Objective.SOFTPROB.xgboostName()),
      List.of(Metric.MLOGLOSS, Metric.ACCURACY, Metric.MACRO_AUC)),

  /** An order of those that could be chosen. */
  RANKING(List.of(Objective.RANK_NDCG.xgboostName()), List.of(Metric.NDCG)),

  /** How far from normal, without a label. */
  ANOMALY_DETECTION(List.of(ProblemType.ROBUST_DEVIATION), List.of());

  /** The objective of {@link RobustDeviation}, which XGBoost has no name for. */
  public static final String ROBUST_DEVIATION = "robust_deviation";

  /** What a model answers that answers one number. */
  static final List<String> SCORE = List.of("score");

  public static final String CALIBRATION_RATIO = "calibration_ratio";
  public static final String ECE = "ece";
  public static final String BIAS = "bias";
  public static final String INTERVAL_COVERAGE = "interval_coverage";

  /** Share of answers that the fallback gave. */
  public static final String FALLBACK_SHARE = "fallback_share";

  /** What half, all but a twentieth and all but a hundredth of the scores took at most. */
  public static final List<String> LATENCIES =
      List.of("latency_p50_micros", "latency_p95_micros", "latency_p99_micros");

  private static final List<String> OF_SERVING = ofServing();

  private static List<String> ofServing() {
    List<String> names = new ArrayList<>(LATENCIES);
    names.add(FALLBACK_SHARE);
    return names;
  }

  private final List<String> objectives;
  private final List<Metric> metrics;

  ProblemType(List<String> objectives, List<Metric> metrics) {
    this.objectives = objectives;
    this.metrics = metrics;
  }

  /** That which the objective of a model's file is for. */
  static ProblemType of(String objective) {
    return Arrays.stream(values())
        .filter(type -> type.objectives.contains(objective))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no problem has objective " + objective));
  }

  /** Those by which versions can be compared; the first tunes, and judges unless told otherwise. */
  public List<Metric> metrics() {
    return metrics;
  }

  /**
   * Names of all that is told about answers once the truth is known, and of how they were given.
   */
  public List<String> figures() {
    List<String> figures = new ArrayList<>();
    metrics.forEach(metric -> figures.add(metric.yamlName()));
    switch (this) {
      case BINARY_CLASSIFICATION -> figures.addAll(List.of(CALIBRATION_RATIO, ECE));
      case REGRESSION, MEDIAN_REGRESSION -> figures.addAll(List.of(BIAS, CALIBRATION_RATIO));
      case QUANTILE_REGRESSION -> figures.addAll(List.of(BIAS, INTERVAL_COVERAGE));
      case MULTICLASS_CLASSIFICATION -> figures.add(ECE);
      case RANKING, ANOMALY_DETECTION -> {}
    }
    figures.addAll(OF_SERVING);
    return figures;
  }

  /** What a model is tuned by. */
  public Metric metric() {
    return metrics.get(0);
  }

  /** Whether the sum of scores by the sum of labels should be 1. */
  public boolean hasCalibrationRatio() {
    return this == BINARY_CLASSIFICATION || this == REGRESSION || this == MEDIAN_REGRESSION;
  }
}
