package io.crewcast.scoring.tree;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * What a model was trained for: how a base score becomes a margin and a margin becomes an output.
 */
public enum Objective {
  SQUARED_ERROR("reg:squarederror"),
  LOGISTIC("binary:logistic"),
  SOFTPROB("multi:softprob");

  private final String xgboostName;

  Objective(String xgboostName) {
    this.xgboostName = xgboostName;
  }

  /** The name that XGBoost's parameters and files use. */
  public String xgboostName() {
    return xgboostName;
  }

  /**
   * The objective of that name.
   *
   * @throws ModelFormatException if the flat form does not know it
   */
  public static Objective named(String xgboostName) {
    return Arrays.stream(values())
        .filter(objective -> objective.xgboostName.equals(xgboostName))
        .findFirst()
        .orElseThrow(
            () ->
                new ModelFormatException(
                    "objective %s is not known here: use one of %s"
                        .formatted(
                            xgboostName,
                            Arrays.stream(values())
                                .map(Objective::xgboostName)
                                .collect(Collectors.joining(", ")))));
  }

  float marginOf(float baseScore) {
    return this == LOGISTIC ? -FloatMath.log(1.0f / baseScore - 1.0f) : baseScore;
  }

  /** Turns margins into outputs, in place. */
  void transform(float[] margins) {
    switch (this) {
      case SQUARED_ERROR -> {}
      case LOGISTIC -> {
        for (int i = 0; i < margins.length; i++) {
          float negated = Math.min(-margins[i], 88.7f);
          margins[i] = 1.0f / (FloatMath.exp(negated) + 1.0f + 1e-16f);
        }
      }
      case SOFTPROB -> {
        float greatest = margins[0];
        for (float margin : margins) {
          greatest = Math.max(greatest, margin);
        }
        double sum = 0;
        for (int i = 0; i < margins.length; i++) {
          margins[i] = FloatMath.exp(margins[i] - greatest);
          sum += margins[i];
        }
        for (int i = 0; i < margins.length; i++) {
          margins[i] /= (float) sum;
        }
      }
    }
  }
}
