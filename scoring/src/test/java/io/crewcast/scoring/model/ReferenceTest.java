package io.crewcast.scoring.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ReferenceTest {

  @Test
  void readsWhatItWrote() {
    Reference written =
        new Reference(
            Map.of("task.phase", Profile.ofTexts(Arrays.asList("build", "build", null), 2)),
            Map.of("score", Profile.ofNumbers(new double[] {0.1, 0.2, Double.NaN}, 3)),
            Profile.ofNumbers(new double[] {0, 1}, 2),
            Map.of("PT1H", Map.of("task.phase", Profile.ofTexts(List.of("build"), 1))),
            Reference.sampleOf(new float[] {1.5f, Float.NaN, 0.1f, 3}, 2));
    Reference read = Reference.read("reference.json", written.bytes());

    assertThat(read).usingRecursiveComparison().isEqualTo(written);
    assertThat(new String(written.bytes(), StandardCharsets.UTF_8)).contains("[ 1.5, null ]");
    assertThat(read.rows()).containsExactly(new float[] {1.5f, Float.NaN}, new float[] {0.1f, 3});
  }

  @Test
  void spreadsTheSampleOverAllRows() {
    float[] rows = new float[1_000];
    for (int row = 0; row < rows.length; row++) {
      rows[row] = row;
    }
    assertThat(Reference.sampleOf(rows, 1))
        .hasSize(200)
        .startsWith(List.of(0f), List.of(5f), List.of(10f))
        .endsWith(List.of(995f));
    assertThat(Reference.sampleOf(rows, 500)).hasSize(2);
  }

  @Test
  void readsTheFileOfAVersionThatHasNoSampleAndOneProfileOfItsScore() {
    String file =
        "{\"inputs\": {}, \"score\": {\"edges\": [], \"counts\": [3], \"other\": 0, \"missing\": 0}}";
    Reference read = Reference.read("reference.json", file.getBytes(StandardCharsets.UTF_8));
    assertThat(read.rows()).isEmpty();
    assertThat(read.outputs().get("score").counts()).containsExactly(3);
  }

  @Test
  void saysWhichFileCannotBeRead() {
    assertThatThrownBy(() -> Reference.read("m/1/reference.json", new byte[] {'{'}))
        .isInstanceOf(InvalidModelException.class)
        .hasMessage("m/1/reference.json cannot be read: train again");
  }
}
