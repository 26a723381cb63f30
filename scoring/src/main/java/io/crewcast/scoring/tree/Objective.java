package io.crewcast.scoring.tree;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a model was trained for: how a base score becomes a margin and margins become a prediction.
 * Formulas as in XGBoost's {@code src/objective}, in float32 where it uses float32.
 */
public enum Objective {
  SQUARED_ERROR("reg:squarederror", Link.IDENTITY),
  SQUARED_LOG_ERROR("reg:squaredlogerror", Link.IDENTITY),
  PSEUDO_HUBER_ERROR("reg:pseudohubererror", Link.IDENTITY),
  ABSOLUTE_ERROR("reg:absoluteerror", Link.IDENTITY),
  QUANTILE_ERROR("reg:quantileerror", Link.IDENTITY),
  LOGISTIC_REGRESSION("reg:logistic", Link.LOGIT),
  LOGISTIC("binary:logistic", Link.LOGIT),
  LOGISTIC_RAW("binary:logitraw", Link.IDENTITY),
  HINGE("binary:hinge", Link.SIGN),
  SOFTMAX("multi:softmax", Link.GREATEST),
  SOFTPROB("multi:softprob", Link.SOFTMAX),
  POISSON("count:poisson", Link.LOG),
  GAMMA("reg:gamma", Link.LOG),
  TWEEDIE("reg:tweedie", Link.LOG),
  RANK_NDCG("rank:ndcg", Link.IDENTITY),
  RANK_PAIRWISE("rank:pairwise", Link.IDENTITY),
  RANK_MAP("rank:map", Link.IDENTITY);

  private enum Link {
    IDENTITY,
    LOGIT,
    LOG,
    SIGN,
    SOFTMAX,
    GREATEST
  }

  /** Beyond it, e to the power of a margin is no float. */
  private static final float GREATEST_EXPONENT = 88.7f;

  private final String xgboostName;
  private final Link link;

  Objective(String xgboostName, Link link) {
    this.xgboostName = xgboostName;
    this.link = link;
  }

  /** The name that XGBoost's parameters and files use. */
  public String xgboostName() {
    return xgboostName;
  }

  /**
   * The objective of that name.
   *
   * @throws UnknownModelException if the flat form does not know it
   */
  public static Objective named(String xgboostName) {
    return find(xgboostName)
        .orElseThrow(
            () ->
                new UnknownModelException(
                    "objective %s is not known here: use one of %s"
                        .formatted(
                            xgboostName,
                            Arrays.stream(values())
                                .map(Objective::xgboostName)
                                .collect(Collectors.joining(", ")))));
  }

  static Optional<Objective> find(String xgboostName) {
    return Arrays.stream(values())
        .filter(objective -> objective.xgboostName.equals(xgboostName))
        .findFirst();
  }

  float marginOf(float baseScore) {
    return switch (link) {
      case LOGIT -> -FloatMath.log(1.0f / baseScore - 1.0f);
      case LOG -> FloatMath.log(baseScore);
      case IDENTITY, SIGN, SOFTMAX, GREATEST -> baseScore;
    };
  }

  /** How many numbers a prediction has that comes of so many margins. */
  int predictionsOf(int margins) {
    return link == Link.GREATEST ? 1 : margins;
  }

  /**
   * Turns margins into a prediction, in place; of {@link #predictionsOf} numbers, from the first
   * on.
   */
  void transform(float[] margins, int count) {
    switch (link) {
      case IDENTITY -> {}
      case LOGIT -> logistic(margins, count);
      case LOG -> {
        for (int i = 0; i < count; i++) {
          margins[i] = FloatMath.exp(margins[i]);
        }
      }
      case SIGN -> {
        for (int i = 0; i < count; i++) {
          margins[i] = margins[i] > 0 ? 1 : 0;
        }
      }
      case SOFTMAX -> softmax(margins, count);
      case GREATEST -> margins[0] = greatest(margins, count);
    }
  }

  private static void logistic(float[] margins, int count) {
    for (int i = 0; i < count; i++) {
      float negated = Math.min(-margins[i], GREATEST_EXPONENT);
      margins[i] = 1.0f / (FloatMath.exp(negated) + 1.0f + 1e-16f);
    }
  }

  private static void softmax(float[] margins, int count) {
    float greatest = margins[greatest(margins, count)];
    double sum = 0;
    for (int i = 0; i < count; i++) {
      margins[i] = FloatMath.exp(margins[i] - greatest);
      sum += margins[i];
    }
    for (int i = 0; i < count; i++) {
      margins[i] /= (float) sum;
    }
  }

  /** The first place of the greatest. */
  private static int greatest(float[] margins, int count) {
    int greatest = 0;
    for (int i = 1; i < count; i++) {
      if (margins[i] > margins[greatest]) {
        greatest = i;
      }
    }
    return greatest;
  }
}
