package io.crewcast.scoring.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crewcast.scoring.explain.TreeShap;
import io.crewcast.scoring.tree.FlatTrees;
import io.crewcast.scoring.tree.XgboostModelFile;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The flat form against XGBoost4J on models trained here, with missing values and categories. */
final class NativeModelTest {

  private static final int FEATURES = 9;
  private static final int CATEGORIES = 70;
  private static final int ROWS = 4_000;

  @ParameterizedTest
  @ValueSource(strings = {"reg:squarederror", "binary:logistic", "multi:softprob"})
  void scoresRandomRowsWithTheBitsOfXgboost(String objective) throws XGBoostError {
    byte[] trees = train(objective);
    FlatTrees flat = XgboostModelFile.read(trees);
    float[] rows = rows(new SplittableRandom(7), 20_000);
    try (NativeModel reference = NativeModel.load(trees)) {
      assertThat(Verification.difference(flat, reference)).isEmpty();
      float[][] margins = reference.margins(rows, FEATURES);
      float[][] outputs = reference.predict(rows, FEATURES);
      float[] found = new float[flat.outputs()];
      for (int i = 0; i < margins.length; i++) {
        float[] row = Arrays.copyOfRange(rows, i * FEATURES, (i + 1) * FEATURES);
        flat.margins(row, found);
        assertThat(found).as("margins of row %d", i).containsExactly(margins[i]);
        flat.predict(row, found);
        assertThat(found).as("outputs of row %d", i).containsExactly(outputs[i]);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"reg:squarederror", "binary:logistic", "multi:softprob"})
  void explainsAsXgboostDoes(String objective) throws XGBoostError {
    byte[] trees = train(objective);
    FlatTrees flat = XgboostModelFile.read(trees);
    TreeShap shap = new TreeShap(flat);
    TreeShap.Walk walk = shap.walk();
    float[] rows = rows(new SplittableRandom(8), 300);
    double[] contributions = new double[flat.outputs() * FEATURES];
    try (NativeModel reference = NativeModel.load(trees)) {
      float[][] expected = reference.contributions(rows, FEATURES);
      for (int i = 0; i < expected.length; i++) {
        walk.contributions(
            Arrays.copyOfRange(rows, i * FEATURES, (i + 1) * FEATURES), contributions);
        for (int j = 0; j < contributions.length; j++) {
          int output = j / FEATURES;
          assertThat(contributions[j])
              .as("row %d, output %d, feature %d", i, output, j % FEATURES)
              .isCloseTo(expected[i][j + output], within(1e-4));
          assertThat(shap.baseValue(output))
              .isCloseTo(expected[i][(output + 1) * (FEATURES + 1) - 1], within(1e-4));
        }
      }
    }
  }

  private static byte[] train(String objective) throws XGBoostError {
    SplittableRandom random = new SplittableRandom(1);
    float[] rows = rows(random, ROWS);
    float[] labels = new float[ROWS];
    for (int i = 0; i < ROWS; i++) {
      float category = rows[i * FEATURES + FEATURES - 1];
      double truth =
          known(rows[i * FEATURES]) * known(rows[i * FEATURES + 1])
              + (category % 3 == 0 ? 1 : 0)
              + random.nextDouble();
      labels[i] =
          switch (objective) {
            case "binary:logistic" -> truth > 0.8 ? 1 : 0;
            case "multi:softprob" -> truth > 1.2 ? 2 : truth > 0.5 ? 1 : 0;
            default -> (float) truth;
          };
    }
    DMatrix matrix = new DMatrix(rows, ROWS, FEATURES, Float.NaN);
    String[] types = new String[FEATURES];
    Arrays.fill(types, "q");
    types[FEATURES - 1] = "c";
    matrix.setFeatureTypes(types);
    matrix.setLabel(labels);
    Map<String, Object> parameters = new HashMap<>();
    parameters.put("objective", objective);
    parameters.put("tree_method", "hist");
    parameters.put("max_depth", 6);
    parameters.put("nthread", 1);
    if (objective.startsWith("multi")) {
      parameters.put("num_class", 3);
    }
    Booster booster = XGBoost.train(matrix, parameters, 40, Map.of(), null, null);
    byte[] trees = booster.toByteArray("ubj");
    booster.dispose();
    matrix.dispose();
    return trees;
  }

  /** Standard normal numbers, the last feature a category; a tenth is missing. */
  private static float[] rows(SplittableRandom random, int count) {
    float[] rows = new float[count * FEATURES];
    for (int i = 0; i < rows.length; i++) {
      if (random.nextInt(10) == 0) {
        rows[i] = Float.NaN;
      } else if (i % FEATURES == FEATURES - 1) {
        rows[i] = random.nextInt(CATEGORIES);
      } else {
        rows[i] = (float) random.nextGaussian();
      }
    }
    return rows;
  }

  private static double known(float x) {
    return Float.isNaN(x) ? 0 : x;
  }
}
