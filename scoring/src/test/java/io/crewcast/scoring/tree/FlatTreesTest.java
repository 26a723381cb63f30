package io.crewcast.scoring.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.scoring.ModelVector;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class FlatTreesTest {

  static Stream<ModelVector> vectors() {
    return ModelVector.all();
  }

  static Stream<ModelVector> vectorsOfOneTreeAnIteration() {
    return ModelVector.all().filter(vector -> !vector.name().equals("parallel_tree"));
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void hasTheBitsOfEveryMarginThatXgboostGave(ModelVector vector) {
    FlatTrees trees = XgboostModelFile.read(vector.model());
    float[][] expected = vector.floats("margin");
    float[][] rows = vector.rows();
    for (int i = 0; i < rows.length; i++) {
      float[] margins = new float[trees.outputs()];
      trees.margins(rows[i], margins);
      assertThat(margins).as("row %d", i).containsExactly(expected[i]);
    }
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void hasTheBitsOfEveryOutputThatXgboostGave(ModelVector vector) {
    FlatTrees trees = XgboostModelFile.read(vector.model());
    float[][] expected = vector.floats("predict");
    float[][] rows = vector.rows();
    for (int i = 0; i < rows.length; i++) {
      float[] outputs = new float[trees.outputs()];
      trees.predict(rows[i], outputs);
      assertThat(outputs).as("row %d", i).containsExactly(expected[i]);
    }
  }

  // The file of parallel trees is left out: its table of the first iteration holds the whole
  // model's margins, because XGBoost4J divides the limit of one tree by three and reads 0 as all.
  @ParameterizedTest
  @MethodSource("vectorsOfOneTreeAnIteration")
  void stopsAfterTheIterationsThatItIsLimitedTo(ModelVector vector) {
    FlatTrees trees = XgboostModelFile.read(vector.model()).firstIterations(1);
    float[][] expected = vector.floats("margin_first_iteration_only");
    float[][] rows = vector.rows();
    for (int i = 0; i < rows.length; i++) {
      float[] margins = new float[trees.outputs()];
      trees.margins(rows[i], margins);
      assertThat(margins).as("row %d", i).containsExactly(expected[i]);
    }
  }

  @Test
  void addsAllParallelTreesOfAnIteration() {
    FlatTrees trees = XgboostModelFile.read(ModelVector.named("parallel_tree").model());
    assertThat(trees.trees()).isEqualTo(9);
    assertThat(trees.firstIterations(1).trees()).isEqualTo(3);
  }

  @Test
  void refusesATreeThatReturnsToItself() {
    String model = new String(ModelVector.named("multiclass").model(), StandardCharsets.UTF_8);
    String cyclic = model.replaceFirst("\"left_children\":\\[1,", "\"left_children\":[0,");
    assertThatThrownBy(() -> XgboostModelFile.read(cyclic.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(ModelFormatException.class)
        .hasMessageContaining("tree 0 node 0 is out of range or has two parents");
  }

  @Test
  void refusesAnObjectiveThatItDoesNotKnow() {
    String model = new String(ModelVector.named("multiclass").model(), StandardCharsets.UTF_8);
    String ranking = model.replace("multi:softprob", "rank:ndcg");
    assertThatThrownBy(() -> XgboostModelFile.read(ranking.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(ModelFormatException.class)
        .hasMessageContaining("use one of reg:squarederror, binary:logistic, multi:softprob");
  }

  @Test
  void refusesAFileThatEndsEarly() {
    byte[] model = ModelVector.named("multiclass").model();
    assertThatThrownBy(() -> XgboostModelFile.read(Arrays.copyOf(model, model.length / 2)))
        .isInstanceOf(ModelFormatException.class)
        .hasMessageContaining("copy it again");
  }
}
