package io.crewcast.scoring;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;

/** Small models that XGBoost4J trains here, on numbers and two categories, a tenth missing. */
public final class TrainedModel {

  public static final int FEATURES = 12;

  /** The codes of feature 11; feature 10 has so few that XGBoost splits off one at a time. */
  private static final int CATEGORIES = 70;

  private static final int FEW_CATEGORIES = 3;
  private static final int ROWS = 2_000;
  private static final int GROUP = 20;

  private TrainedModel() {}

  /** Trains some rounds; parameters stand before the defaults. */
  public static Booster train(String objective, int rounds, Map<String, Object> parameters) {
    try {
      DMatrix matrix = new DMatrix(rows(1, ROWS), ROWS, FEATURES, Float.NaN);
      try {
        if (!"gblinear".equals(parameters.get("booster"))) {
          matrix.setFeatureTypes(types());
        }
        matrix.setLabel(labels(objective));
        if (objective.startsWith("rank")) {
          int[] groups = new int[ROWS / GROUP];
          Arrays.fill(groups, GROUP);
          matrix.setGroup(groups);
        }
        Map<String, Object> all = new HashMap<>();
        all.put("objective", objective);
        all.put("tree_method", "hist");
        all.put("max_depth", 5);
        all.put("nthread", 1);
        if (objective.startsWith("multi")) {
          all.put("num_class", 3);
        }
        all.putAll(parameters);
        return XGBoost.train(matrix, all, rounds, Map.of(), null, null);
      } finally {
        matrix.dispose();
      }
    } catch (XGBoostError e) {
      throw new IllegalStateException(e);
    }
  }

  private static String[] types() {
    String[] types = new String[FEATURES];
    Arrays.fill(types, 0, FEATURES - 2, "q");
    Arrays.fill(types, FEATURES - 2, FEATURES, "c");
    return types;
  }

  /** The bytes of a trained model's file. */
  public static byte[] file(String objective, int rounds, Map<String, Object> parameters) {
    return file(train(objective, rounds, parameters));
  }

  /** The bytes of a model's file; the model is freed. */
  public static byte[] file(Booster booster) {
    try {
      return booster.toByteArray("ubj");
    } catch (XGBoostError e) {
      throw new IllegalStateException(e);
    } finally {
      booster.dispose();
    }
  }

  /** Rows one after the other. */
  public static float[] rows(int seed, int count) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] rows = new float[count * FEATURES];
    for (int i = 0; i < rows.length; i++) {
      int feature = i % FEATURES;
      if (random.nextInt(10) == 0) {
        rows[i] = Float.NaN;
      } else if (feature < FEATURES - 2) {
        rows[i] = (float) random.nextGaussian();
      } else {
        rows[i] = random.nextInt(feature == FEATURES - 1 ? CATEGORIES : FEW_CATEGORIES);
      }
    }
    return rows;
  }

  /** One of {@link #rows}. */
  public static float[] row(float[] rows, int i) {
    return Arrays.copyOfRange(rows, i * FEATURES, (i + 1) * FEATURES);
  }

  private static float[] labels(String objective) {
    float[] rows = rows(1, ROWS);
    SplittableRandom random = new SplittableRandom(2);
    float[] labels = new float[ROWS];
    for (int i = 0; i < ROWS; i++) {
      double truth = random.nextDouble();
      for (int feature = 0; feature < FEATURES - 2; feature++) {
        float x = rows[i * FEATURES + feature];
        truth += Float.isNaN(x) ? 0 : x * (feature % 3 - 1) / 3;
      }
      truth += rows[(i + 1) * FEATURES - 1] % 3 == 0 ? 1 : 0;
      truth += rows[(i + 1) * FEATURES - 2] == 1 ? 1 : 0;
      labels[i] = label(objective, (float) truth);
    }
    return labels;
  }

  private static float label(String objective, float truth) {
    return switch (objective) {
      case "reg:logistic" -> 1 / (1 + (float) Math.exp(-truth));
      case "binary:logistic", "binary:logitraw", "binary:hinge", "rank:map" -> truth > 0.8 ? 1 : 0;
      case "multi:softmax", "multi:softprob" -> truth > 1.2 ? 2 : truth > 0.5 ? 1 : 0;
      case "count:poisson", "rank:ndcg", "rank:pairwise" ->
          Math.max(0, Math.min(4, Math.round(2 * truth)));
      case "reg:gamma" -> (float) Math.exp(truth);
      case "reg:squaredlogerror", "reg:tweedie" -> Math.max(0, truth);
      default -> truth;
    };
  }
}
