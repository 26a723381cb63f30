package io.crewcast.scoring.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.ModelSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataChecksTest {

  @TempDir private Path directory;
  private ModelSpec spec;

  @BeforeEach
  void definesAModel() throws IOException {
    spec = Examples.model(directory);
  }

  /** Every third, whatever the inputs are. */
  private static double label(int i) {
    return i % 3 == 0 ? 1 : 0;
  }

  private static List<Object> values(int i) {
    return List.of((double) (i % 7), "phase-" + i % 4);
  }

  @Test
  void findsNothingInSoundData() {
    assertThat(check(DataChecksTest::label, DataChecksTest::values)).isEmpty();
  }

  @Test
  void namesWhatIsMissingOrConstantAndGoesOn() {
    assertThat(check(DataChecksTest::label, i -> Arrays.asList(i % 10 < 7 ? null : i % 7, null)))
        .containsExactly(
            "task.planned_minutes is missing in 70 % of the examples",
            "task.phase is always missing");
    assertThat(check(DataChecksTest::label, i -> List.of(3.0, "build")))
        .containsExactly(
            "task.planned_minutes is the same in all examples",
            "task.phase is the same in all examples");
  }

  @Test
  void refusesNumbersThatAFloatCannotHold() {
    assertThatThrownBy(
            () ->
                check(
                    DataChecksTest::label,
                    i -> List.of(i < 2 ? Double.POSITIVE_INFINITY : i == 2 ? 1e39 : 1, "build")))
        .isInstanceOf(InvalidModelException.class)
        .hasMessage(
            "overrun is not trained on this data: task.planned_minutes is infinite or beyond a float in 3 examples: change its feature or expression");
  }

  @Test
  void refusesTooFewOfAClass() {
    assertThatThrownBy(() -> check(i -> i % 80 == 0 ? 1 : 0, DataChecksTest::values))
        .hasMessageContaining("of 1160 labels that train 15 are positive, and 20 of each kind");
    assertThatThrownBy(() -> check(i -> i < 1_700 ? label(i) : 0, DataChecksTest::values))
        .hasMessageContaining("the labels of the part from 2024-03-11T20:00:00Z on are all the");
  }

  @Test
  void saysWhenAClassIsRare() {
    assertThat(check(4_000, i -> i % 113 == 0 ? 1 : 0, DataChecksTest::values))
        .containsExactly("of 2560 labels that train only 23 are positive");
  }

  @Test
  void namesTheInputThatTellsTheLabelAndRefuses() {
    IntFunction<List<Object>> leaked = i -> List.of(label(i) + i % 7 / 100.0, "phase-" + i % 4);
    assertThatThrownBy(() -> check(DataChecksTest::label, leaked))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("task.planned_minutes alone tells the label (AUC 1.000): take it")
        .hasMessageNotContaining("task.phase")
        .hasMessageNotContaining("\n");
  }

  @Test
  void trustsAnInputThatTheFileTrustsOrAllThatAnOptionAllows() throws IOException {
    IntFunction<List<Object>> leaked = i -> List.of(label(i), "phase-" + i % 4);
    List<Example> examples = Examples.of(2_000, DataChecksTest::label, leaked);
    Split split = Split.of(spec, new ExampleReader.Examples(examples, Map.of()));
    List<String> finding = List.of("task.planned_minutes alone tells the label (AUC 1.000)");
    assertThat(new DataChecks(spec, true).check(split)).isEqualTo(finding);
    ModelSpec trusting =
        Examples.model(directory, "split: {", "trusted: [task.planned_minutes], split: {");
    assertThat(new DataChecks(trusting, false).check(split)).isEqualTo(finding);
  }

  private List<String> check(IntToDoubleFunction label, IntFunction<List<Object>> values) {
    return check(2_000, label, values);
  }

  private List<String> check(
      int count, IntToDoubleFunction label, IntFunction<List<Object>> values) {
    List<Example> examples = Examples.of(count, label, values);
    return new DataChecks(spec, false)
        .check(Split.of(spec, new ExampleReader.Examples(examples, Map.of())));
  }
}
