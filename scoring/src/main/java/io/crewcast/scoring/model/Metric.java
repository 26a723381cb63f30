package io.crewcast.scoring.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** By what answers are told apart once the truth is known. */
public enum Metric {
  AUC("auc", true),
  LOG_LOSS("logloss", false),
  BRIER("", false),
  MAE("mae", false),
  RMSE("rmse", false),
  R2("", true),
  PINBALL("quantile", false),
  MLOGLOSS("mlogloss", false),
  ACCURACY("", true),
  MACRO_AUC("", true),
  NDCG("ndcg@3", true);

  private final String xgboostName;
  private final boolean higherIsBetter;

  Metric(String xgboostName, boolean higherIsBetter) {
    this.xgboostName = xgboostName;
    this.higherIsBetter = higherIsBetter;
  }

  /** The name that files and cards use: {@code auc}, {@code log_loss}. */
  public String yamlName() {
    return this == NDCG ? xgboostName : name().toLowerCase(Locale.ROOT);
  }

  /** The name of XGBoost's {@code eval_metric}; empty where it has none. */
  public String xgboostName() {
    return xgboostName;
  }

  public static Optional<Metric> named(String yamlName) {
    return Arrays.stream(values()).filter(metric -> metric.yamlName().equals(yamlName)).findFirst();
  }

  /** By how much the one value is better than the other; negative where it is worse. */
  public double gain(double of, double over) {
    return higherIsBetter ? of - over : over - of;
  }

  /** Whether it has the unit of the label, so that only a share of it is much or little. */
  public boolean isInUnitsOfTheLabel() {
    return this == MAE || this == RMSE || this == PINBALL;
  }
}
