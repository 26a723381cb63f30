package io.crewcast.scoring.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.crewcast.scoring.TrainedModel;
import io.crewcast.scoring.explain.TreeShap;
import io.crewcast.scoring.tree.BrokenModelException;
import io.crewcast.scoring.tree.FlatTrees;
import io.crewcast.scoring.tree.Objective;
import io.crewcast.scoring.tree.XgboostModelFile;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The flat form against XGBoost4J on models trained here. */
final class NativeModelTest {

  private static final int FEATURES = TrainedModel.FEATURES;
  private static final int ROUNDS = 12;
  private static final int ROWS = 100_000;
  private static final String ALPHAS = "[0.1, 0.5, 0.9]";

  private static float[] rows = {};

  @BeforeAll
  static void makeRows() {
    rows = TrainedModel.rows(7, ROWS);
  }

  @ParameterizedTest
  @EnumSource
  void scoresRandomRowsWithTheBitsOfXgboost(Objective objective) {
    assertSameBits(file(objective, Map.of()), rows);
  }

  @Test
  void scoresParallelTreesWithTheBitsOfXgboost() {
    byte[] file =
        file(Objective.SOFTPROB, Map.of("num_parallel_tree", 3, "subsample", 0.5, "seed", 3));
    assertSameBits(file, TrainedModel.rows(8, 2_000));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 1_000})
  void scoresCategoriesWithTheBitsOfXgboost(int mostCategoriesOneByOne) {
    byte[] file = file(Objective.LOGISTIC, Map.of("max_cat_to_onehot", mostCategoriesOneByOne));
    float[] strange = TrainedModel.rows(8, 5_000);
    float[] codes = {-1, -0.5f, 0.5f, 63.9f, 64, 70, 71, 128, 1 << 24, 1e9f};
    for (int row = 0; row < 2_500; row++) {
      strange[(row + 1) * FEATURES - 1] = codes[row % codes.length];
      strange[(row + 1) * FEATURES - 2] = codes[(row + 3) % codes.length];
    }
    assertThat(XgboostModelFile.read(file)).matches(NativeModelTest::splitsCategories);
    assertSameBits(file, strange);
  }

  @Test
  void scoresUnbalancedTreesWithTheBitsOfXgboost() {
    assertSameBits(unbalanced(), TrainedModel.rows(8, 5_000));
  }

  @Test
  void bothStopAfterTheBestIterationThatAFileNames() throws XGBoostError {
    Map<String, Object> parameters = Map.of("num_parallel_tree", 2, "subsample", 0.5, "seed", 3);
    byte[] best = TrainedModel.file("multi:softprob", 5, parameters);
    Booster longer = TrainedModel.train("multi:softprob", 9, parameters);
    longer.setAttr("best_iteration", "4");
    byte[] file = TrainedModel.file(longer);
    FlatTrees flat = XgboostModelFile.read(file);
    assertThat(flat.bestIteration()).hasValue(4);
    assertThat(flat.rounds()).isEqualTo(5);
    assertThat(flat.trees()).isEqualTo(5 * 3 * 2);
    float[] some = TrainedModel.rows(8, 500);
    assertSameBits(file, some);
    try (NativeModel stopped = NativeModel.load(file);
        NativeModel all = NativeModel.load(best)) {
      assertThat(stopped.margins(some, FEATURES)).isDeepEqualTo(all.margins(some, FEATURES));
      assertThat(stopped.predict(some, FEATURES)).isDeepEqualTo(all.predict(some, FEATURES));
      assertThat(stopped.contributions(some, FEATURES))
          .isDeepEqualTo(all.contributions(some, FEATURES));
    }
  }

  @Test
  void servesALinearModelThatNamesABestIteration() throws XGBoostError {
    Booster linear = TrainedModel.train("reg:squarederror", 3, Map.of("booster", "gblinear"));
    float[] some = TrainedModel.rows(8, 5);
    try (NativeModel all = NativeModel.load(linear.toByteArray("ubj"))) {
      linear.setAttr("best_iteration", "1");
      try (NativeModel named = NativeModel.load(TrainedModel.file(linear))) {
        assertThat(named.predict(some, FEATURES)).isDeepEqualTo(all.predict(some, FEATURES));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"2", "-1", "last"})
  void refusesABestIterationThatIsNone(String best) throws XGBoostError {
    Booster booster = TrainedModel.train("reg:squarederror", 2, Map.of());
    booster.setAttr("best_iteration", best);
    byte[] file = TrainedModel.file(booster);
    assertThatThrownBy(() -> NativeModel.load(file))
        .isInstanceOf(NativeModelException.class)
        .hasMessageContaining("best_iteration " + best + " is n");
    assertThatThrownBy(() -> XgboostModelFile.read(file)).isInstanceOf(BrokenModelException.class);
  }

  @Test
  void refusesRowsThatAreNotWhole() {
    try (NativeModel model = NativeModel.load(file(Objective.GAMMA, Map.of()))) {
      assertThatThrownBy(() -> model.predict(new float[FEATURES + 1], FEATURES))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("13 values are no whole rows of 12 features");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SQUARED_ERROR", "LOGISTIC", "SOFTMAX", "POISSON", "QUANTILE_ERROR"})
  void explainsAsXgboostDoes(Objective objective) {
    assertSameContributions(file(objective, Map.of("max_cat_to_onehot", 1)));
  }

  @Test
  void explainsPathsOfMoreThanEightFeaturesAsXgboostDoes() {
    assertSameContributions(unbalanced());
  }

  /** Deep where it pays: one path has all features, another ends at once. */
  private static byte[] unbalanced() {
    return file(
        Objective.SQUARED_ERROR,
        Map.of(
            "grow_policy", "lossguide", "max_depth", 0, "max_leaves", 200, "min_child_weight", 0));
  }

  private static byte[] file(Objective objective, Map<String, Object> parameters) {
    Map<String, Object> all = new HashMap<>(parameters);
    if (objective == Objective.QUANTILE_ERROR) {
      all.put("quantile_alpha", ALPHAS);
    }
    return TrainedModel.file(objective.xgboostName(), ROUNDS, all);
  }

  private static boolean splitsCategories(FlatTrees trees) {
    boolean found = false;
    for (int node = 0; node < trees.nodes(); node++) {
      found |= trees.feature(node) == FEATURES - 1 && !trees.numeric(node);
    }
    return found;
  }

  private static void assertSameBits(byte[] file, float[] rows) {
    FlatTrees flat = XgboostModelFile.read(file);
    FlatTrees.Walk walk = flat.walk();
    float[] margins = new float[flat.outputs()];
    float[] prediction = new float[flat.predictions()];
    try (NativeModel reference = NativeModel.load(file)) {
      float[][] expectedMargins = reference.margins(rows, FEATURES);
      float[][] expected = reference.predict(rows, FEATURES);
      for (int i = 0; i < expected.length; i++) {
        float[] row = TrainedModel.row(rows, i);
        walk.margins(row, margins);
        walk.predict(row, prediction);
        if (!Arrays.equals(margins, expectedMargins[i])) {
          assertThat(margins).as("margins of row %d", i).containsExactly(expectedMargins[i]);
        }
        if (!Arrays.equals(prediction, expected[i])) {
          assertThat(prediction).as("prediction of row %d", i).containsExactly(expected[i]);
        }
      }
    }
  }

  private static void assertSameContributions(byte[] file) {
    FlatTrees flat = XgboostModelFile.read(file);
    TreeShap shap = new TreeShap(flat);
    TreeShap.Walk walk = shap.walk();
    float[] some = TrainedModel.rows(8, 200);
    double[] contributions = new double[flat.outputs() * FEATURES];
    float[] margins = new float[flat.outputs()];
    try (NativeModel reference = NativeModel.load(file)) {
      float[][] expected = reference.contributions(some, FEATURES);
      for (int i = 0; i < expected.length; i++) {
        float[] row = TrainedModel.row(some, i);
        walk.contributions(row, contributions);
        flat.margins(row, margins);
        for (int output = 0; output < margins.length; output++) {
          double tolerance = 1e-4 * Math.max(1, Math.abs(margins[output]));
          int bias = output * (FEATURES + 1) + FEATURES;
          double sum = shap.baseValue(output);
          assertThat(sum).isCloseTo(expected[i][bias], within(tolerance));
          for (int feature = 0; feature < FEATURES; feature++) {
            double contribution = contributions[output * FEATURES + feature];
            sum += contribution;
            assertThat(contribution)
                .as("row %d, output %d, feature %d", i, output, feature)
                .isCloseTo(expected[i][bias - FEATURES + feature], within(tolerance));
          }
          assertThat(sum).isCloseTo(margins[output], within(tolerance / 10));
        }
      }
    }
  }
}
