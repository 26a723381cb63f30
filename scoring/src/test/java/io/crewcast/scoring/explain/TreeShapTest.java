package io.crewcast.scoring.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crewcast.scoring.ModelVector;
import io.crewcast.scoring.TrainedModel;
import io.crewcast.scoring.tree.FlatTrees;
import io.crewcast.scoring.tree.XgboostModelFile;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TreeShapTest {

  static Stream<ModelVector> vectors() {
    return ModelVector.all();
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void equalsTheContributionsThatXgboostGave(ModelVector vector) {
    FlatTrees trees = XgboostModelFile.read(vector.model());
    TreeShap shap = new TreeShap(trees);
    TreeShap.Walk walk = shap.walk();
    float[][] expected = vector.floats("contribs_row_major_per_class_then_feature_then_bias");
    float[][] rows = vector.rows();
    double[] contributions = new double[trees.outputs() * trees.features()];
    for (int i = 0; i < rows.length; i++) {
      walk.contributions(rows[i], contributions);
      for (int output = 0; output < trees.outputs(); output++) {
        int bias = output * (trees.features() + 1) + trees.features();
        assertThat(shap.baseValue(output)).isCloseTo(expected[i][bias], within(1e-4));
        for (int feature = 0; feature < trees.features(); feature++) {
          assertThat(contributions[output * trees.features() + feature])
              .as("row %d, output %d, feature %d", i, output, feature)
              .isCloseTo(expected[i][output * (trees.features() + 1) + feature], within(1e-4));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void sumsToTheMargin(ModelVector vector) {
    FlatTrees trees = XgboostModelFile.read(vector.model());
    TreeShap shap = new TreeShap(trees);
    TreeShap.Walk walk = shap.walk();
    double[] contributions = new double[trees.outputs() * trees.features()];
    float[] margins = new float[trees.outputs()];
    for (float[] row : vector.rows()) {
      walk.contributions(row, contributions);
      trees.margins(row, margins);
      for (int output = 0; output < margins.length; output++) {
        double sum = shap.baseValue(output);
        for (int feature = 0; feature < trees.features(); feature++) {
          sum += contributions[output * trees.features() + feature];
        }
        assertThat(sum).isCloseTo(margins[output], within(1e-5));
      }
    }
  }

  /** Every subset of features, by the definition of Shapley values. */
  @ParameterizedTest
  @ValueSource(strings = {"multiclass", "regression_missing", "parallel_tree"})
  void equalsTheDefinitionWrittenOut(String name) {
    ModelVector vector = ModelVector.named(name);
    assertDefinition(XgboostModelFile.read(vector.model()), vector.rows());
  }

  @Test
  void equalsTheDefinitionOnPathsOfMoreThanEightFeatures() {
    Map<String, Object> deep =
        Map.of(
            "grow_policy", "lossguide", "max_depth", 0, "max_leaves", 300, "min_child_weight", 0);
    FlatTrees trees = XgboostModelFile.read(TrainedModel.file("reg:squarederror", 2, deep));
    assertThat(new TreePaths(trees, 0).mostFeatures()).isGreaterThan(8);
    float[] rows = TrainedModel.rows(9, 3);
    assertDefinition(
        trees,
        new float[][] {
          TrainedModel.row(rows, 0), TrainedModel.row(rows, 1), TrainedModel.row(rows, 2)
        });
  }

  private static void assertDefinition(FlatTrees trees, float[][] rows) {
    TreeShap.Walk walk = new TreeShap(trees).walk();
    int features = trees.features();
    double[] contributions = new double[trees.outputs() * features];
    for (int i = 0; i < Math.min(rows.length, 10); i++) {
      walk.contributions(rows[i], contributions);
      for (int output = 0; output < trees.outputs(); output++) {
        double[] values = ShapleyOracle.values(trees, output, rows[i]);
        for (int feature = 0; feature < features; feature++) {
          assertThat(contributions[output * features + feature])
              .as("row %d, output %d, feature %d", i, output, feature)
              .isCloseTo(values[feature], within(1e-12));
        }
      }
    }
  }

  @Test
  void saysWhatItTakesInMemory() {
    FlatTrees trees = XgboostModelFile.read(ModelVector.named("multiclass").model());
    int splits = 0;
    for (int node = 0; node < trees.nodes(); node++) {
      splits += trees.feature(node) == FlatTrees.LEAF ? 0 : 1;
    }
    long numbers = 4L * Splits.NUMBERS * splits;
    assertThat(new TreeShap(trees).bytes()).isBetween(numbers, 2 * numbers + 1_000);
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void allocatesNothingFromRowToRow(ModelVector vector) {
    FlatTrees trees = XgboostModelFile.read(vector.model());
    FlatTrees.Walk scores = trees.walk();
    TreeShap.Walk explains = new TreeShap(trees).walk();
    double[] contributions = new double[trees.outputs() * trees.features()];
    float[] out = new float[trees.predictions()];
    float[] row = vector.rows()[0];
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = 0;
    for (int round = -100; round < 1_000; round++) {
      if (round == 0) {
        before = threads.getCurrentThreadAllocatedBytes();
      }
      scores.predict(row, out);
      explains.contributions(row, contributions);
    }
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1_000);
  }
}
