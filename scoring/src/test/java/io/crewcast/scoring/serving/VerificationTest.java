package io.crewcast.scoring.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.scoring.TrainedModel;
import io.crewcast.scoring.tree.FlatTrees;
import io.crewcast.scoring.tree.XgboostModelFile;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class VerificationTest {

  private static final byte[] FILE = TrainedModel.file("binary:logistic", 10, Map.of());

  @ParameterizedTest
  @ValueSource(strings = {"binary:logistic", "multi:softmax", "reg:squarederror"})
  void findsNoDifferenceOfAModelAndItself(String objective) {
    byte[] file = TrainedModel.file(objective, 10, Map.of());
    float[] rows = TrainedModel.rows(5, 2);
    List<float[]> sample = List.of(TrainedModel.row(rows, 0), TrainedModel.row(rows, 1));
    try (NativeModel reference = NativeModel.load(file)) {
      assertThat(Verification.difference(XgboostModelFile.read(file), reference, sample)).isEmpty();
    }
  }

  @Test
  void findsOneRoundTooFew() {
    FlatTrees shorter = XgboostModelFile.read(FILE).firstIterations(9);
    try (NativeModel reference = NativeModel.load(FILE)) {
      assertThat(Verification.difference(shorter, reference, List.of()))
          .hasValueSatisfying(
              difference -> assertThat(difference).startsWith("margin of probe row 0 is "));
    }
  }

  @Test
  void findsARowOfTheSample() {
    FlatTrees shorter = XgboostModelFile.read(FILE).firstIterations(9);
    List<float[]> sample = List.of(TrainedModel.rows(5, 1));
    try (NativeModel reference = NativeModel.load(FILE)) {
      assertThat(Verification.difference(shorter, reference, sample))
          .hasValueSatisfying(
              difference -> assertThat(difference).startsWith("margin of row 0 of the sample is "));
    }
  }

  @Test
  void findsAThresholdThatIsOffByOneBit() {
    byte[] other = FILE.clone();
    other[placeOfAThreshold(other) + Float.BYTES - 1] ^= 1;
    try (NativeModel reference = NativeModel.load(FILE)) {
      assertThat(Verification.difference(XgboostModelFile.read(other), reference, List.of()))
          .isPresent();
    }
  }

  /** Of the last root that compares numbers. */
  private static int placeOfAThreshold(byte[] file) {
    FlatTrees trees = XgboostModelFile.read(file);
    int tree = trees.trees() - 1;
    while (!trees.numeric(trees.root(tree))) {
      tree--;
    }
    byte[] threshold =
        ByteBuffer.allocate(Float.BYTES).putFloat(trees.value(trees.root(tree))).array();
    for (int at = file.length - Float.BYTES; at > 0; at--) {
      if (Arrays.equals(file, at, at + Float.BYTES, threshold, 0, Float.BYTES)) {
        return at;
      }
    }
    throw new AssertionError("no threshold in the file");
  }

  @Test
  void findsAnotherNumberOfOutputs() {
    byte[] classes = TrainedModel.file("multi:softprob", 2, Map.of());
    try (NativeModel reference = NativeModel.load(classes)) {
      assertThat(Verification.difference(XgboostModelFile.read(FILE), reference, List.of()))
          .hasValue("a margin has 1 numbers, of XGBoost4J 3");
    }
  }
}
