package io.crewcast.scoring.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.crewcast.scoring.ModelVector;
import io.crewcast.scoring.TrainedModel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
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
  void scoresWithoutATree() {
    FlatTrees none =
        XgboostModelFile.read(ModelVector.named("regression_missing").model()).firstIterations(0);
    float[] margins = new float[1];
    none.margins(new float[none.features()], margins);
    assertThat(margins).containsExactly(none.baseMargin(0));
    assertThat(none.bestIteration()).isEmpty();
  }

  @Test
  void takesTheTwoZerosForOne() {
    FlatTrees trees =
        XgboostModelFile.read(changed("split_conditions\":\\[[^,]+", "split_conditions\":[0"));
    float[] margins = new float[3];
    float[] same = new float[3];
    trees.margins(new float[8], margins);
    trees.margins(new float[] {-0f, -0f, -0f, -0f, -0f, -0f, -0f, -0f}, same);
    assertThat(same).containsExactly(margins);
  }

  static Stream<Arguments> brokenFiles() {
    return Stream.of(
        arguments("left_children\":\\[1,", "left_children\":[0,", "two parents"),
        arguments("left_children\":\\[1,", "left_children\":[1000,", "node 1000 is out of range"),
        arguments(
            "right_children\":\\[2,", "right_children\":[1,", "node 1 is out of range or has"),
        arguments(
            "right_children\":\\[2,", "right_children\":[2,7,", "columns of different lengths"),
        arguments("right_children\":\\[2,", "right_children\":[2.5,", "2.5 where a whole number"),
        arguments("split_indices\":\\[[0-9]+", "split_indices\":[8", "splits on feature 8 of 8"),
        arguments("split_indices\":\\[[0-9]+", "split_indices\":[-1", "splits on feature -1 of 8"),
        arguments(
            "split_conditions\":\\[[^,]+", "split_conditions\":[NaN", "no number as its thresh"),
        arguments(
            "split_conditions\":\\[[^,]+", "split_conditions\":[\"x\"", "where a number should"),
        arguments("tree_info\":\\[0", "tree_info\":[3", "tree 0 adds to no output"),
        arguments("tree_info\":\\[0,", "tree_info\":[", "differ in length"),
        arguments("iteration_indptr\":\\[0", "iteration_indptr\":[1", "does not cover the trees"),
        arguments(
            "num_class\":\"3\",\"num_feature\":\"8",
            "num_class\":\"3\",\"num_feature\":\"-8",
            "num_feature is -8"),
        arguments("base_score\":\"5E-1", "base_score\":\"NaN", "base_score NaN is no number"),
        arguments("base_score\":\"5E-1", "base_score\":\"half", "base_score half is no number"),
        arguments("base_score\":\"5E-1", "base_score\":\"[1,2]", "2 values for 3 outputs"),
        arguments(
            "attributes\":\\{", "attributes\":{\"best_iteration\":\"5\"", "none of the 5 rounds"),
        arguments("\"objective\":", "\"subjective\":", "no objective"),
        arguments("categories_nodes\":\\[", "categories_nodes\":[0", "of different lengths"));
  }

  @ParameterizedTest
  @MethodSource("brokenFiles")
  void refusesABrokenFile(String from, String to, String message) {
    byte[] broken = changed(from, to);
    assertThatThrownBy(() -> XgboostModelFile.read(broken))
        .isInstanceOf(BrokenModelException.class)
        .hasMessageContaining(message);
  }

  static Stream<Arguments> unknownModels() {
    return Stream.of(
        arguments("multi:softprob", "survival:cox", "objective survival:cox"),
        arguments("\"gbtree\"", "\"gblinear\"", "booster gblinear"),
        arguments("size_leaf_vector\":\"1\"", "size_leaf_vector\":\"3\"", "several values"));
  }

  @ParameterizedTest
  @MethodSource("unknownModels")
  void leavesWhatItDoesNotKnowToXgboost(String from, String to, String message) {
    byte[] unknown = changed(from, to);
    assertThatThrownBy(() -> XgboostModelFile.read(unknown))
        .isInstanceOf(UnknownModelException.class)
        .hasMessageContaining(message)
        .hasMessageEndingWith("is not known to the flat form: XGBoost4J will serve it");
  }

  @Test
  void leavesDartToXgboostButNotABrokenTreeOfIt() {
    byte[] dart = TrainedModel.file("reg:gamma", 2, Map.of("booster", "dart", "rate_drop", 0.5));
    assertThatThrownBy(() -> XgboostModelFile.read(dart))
        .isInstanceOf(UnknownModelException.class)
        .hasMessage("booster dart is not known to the flat form: XGBoost4J will serve it");
    assertThatThrownBy(() -> XgboostModelFile.read(Arrays.copyOf(dart, dart.length - 1)))
        .isInstanceOf(BrokenModelException.class);
  }

  @Test
  void refusesABrokenTreeWhateverTheObjective() {
    String unknown = new String(changed("multi:softprob", "survival:cox"), StandardCharsets.UTF_8);
    String broken = unknown.replaceFirst("left_children\":\\[1,", "left_children\":[0,");
    assertThatThrownBy(() -> XgboostModelFile.read(broken.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(BrokenModelException.class)
        .hasMessageContaining("two parents");
  }

  @Test
  void readsBaseScoresOfEachOutput() {
    FlatTrees trees =
        XgboostModelFile.read(changed("base_score\":\"5E-1", "base_score\":\"[1,2E0, 3]"));
    assertThat(trees.baseMargin(0)).isEqualTo(1);
    assertThat(trees.baseMargin(1)).isEqualTo(2);
    assertThat(trees.baseMargin(2)).isEqualTo(3);
  }

  @Test
  void countsRoundsWhereTheFileDoesNot() {
    FlatTrees trees = XgboostModelFile.read(changed("\"iteration_indptr\"", "\"unused\""));
    assertThat(trees.rounds()).isEqualTo(5);
    assertThat(trees.trees()).isEqualTo(15);
  }

  @Test
  void namesTheObjectivesThatItKnows() {
    assertThatThrownBy(() -> Objective.named("rank:ndgc"))
        .isInstanceOf(UnknownModelException.class)
        .hasMessageStartingWith(
            "objective rank:ndgc is not known here: use one of reg:squarederror,");
  }

  @Test
  void refusesAFileThatEndsEarly() {
    byte[] json = ModelVector.named("multiclass").model();
    byte[] ubj = TrainedModel.file("binary:logistic", 2, Map.of());
    for (int share = 1; share < 20; share++) {
      for (byte[] file : List.of(json, ubj)) {
        byte[] cut = Arrays.copyOf(file, file.length * share / 20);
        assertThatThrownBy(() -> XgboostModelFile.read(cut))
            .isInstanceOf(BrokenModelException.class);
      }
    }
  }

  /** The model of three classes with the first occurrence replaced that is there. */
  private static byte[] changed(String pattern, String to) {
    String model = new String(ModelVector.named("multiclass").model(), StandardCharsets.UTF_8);
    Matcher found = Pattern.compile(pattern).matcher(model);
    assertThat(found.find()).as("what is to be changed").isTrue();
    return (model.substring(0, found.start()) + to + model.substring(found.end()))
        .getBytes(StandardCharsets.UTF_8);
  }
}
