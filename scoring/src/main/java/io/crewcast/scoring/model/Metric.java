package io.crewcast.scoring.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** By what scores are told apart once the truth is known. */
public enum Metric {
  AUC(true, true),
  LOG_LOSS(false, true),
  BRIER(false, true),
  MAE(false, false),
  RMSE(false, false);

  private final boolean higherIsBetter;
  private final boolean ofProbabilities;

  Metric(boolean higherIsBetter, boolean ofProbabilities) {
    this.higherIsBetter = higherIsBetter;
    this.ofProbabilities = ofProbabilities;
  }

  /** The name that files and cards use: {@code auc}, {@code log_loss}. */
  public String yamlName() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<Metric> named(String yamlName) {
    return Arrays.stream(values()).filter(metric -> metric.yamlName().equals(yamlName)).findFirst();
  }

  /** By how much the one value is better than the other; negative where it is worse. */
  public double gain(double of, double over) {
    return higherIsBetter ? of - over : over - of;
  }

  /** Whether it judges probabilities rather than numbers. */
  public boolean isOfProbabilities() {
    return ofProbabilities;
  }

  /** What a model is tuned by, and judged by unless its file says otherwise. */
  public static Metric of(boolean probability) {
    return probability ? AUC : RMSE;
  }
}
