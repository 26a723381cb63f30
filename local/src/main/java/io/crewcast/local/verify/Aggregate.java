package io.crewcast.local.verify;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How observations become a feature. */
enum Aggregate {
  COUNT,
  SUM,
  MEAN,
  STDDEV,
  MIN,
  MAX,
  QUANTILE,
  DISTINCT,
  LAST,
  TOP,
  GINI;

  String yamlName() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<Aggregate> named(String yamlName) {
    return Arrays.stream(values()).filter(a -> a.yamlName().equals(yamlName)).findFirst();
  }

  /** True where whole numbers add up and are taken away again: one running sum does. */
  boolean isAdditive() {
    return this == COUNT || this == SUM || this == MEAN || this == STDDEV;
  }

  /** The type of the column. */
  SqlType type(SqlType input, boolean divided, boolean several) {
    return switch (this) {
      case COUNT, DISTINCT -> SqlType.LONG;
      case MEAN, STDDEV, QUANTILE, GINI -> SqlType.DOUBLE;
      case SUM, MIN, MAX -> divided ? SqlType.DOUBLE : input;
      case LAST, TOP -> !several ? input : input.isNumber() ? SqlType.DOUBLES : SqlType.TEXTS;
    };
  }
}
