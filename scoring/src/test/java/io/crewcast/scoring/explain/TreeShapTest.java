package io.crewcast.scoring.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crewcast.scoring.ModelVector;
import io.crewcast.scoring.tree.FlatTrees;
import io.crewcast.scoring.tree.XgboostModelFile;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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
}
