package io.crewcast.scoring.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.scoring.model.ModelSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SplitTest {

  private static final ExampleReader.Examples EXAMPLES =
      new ExampleReader.Examples(
          Examples.of(2_000, i -> i % 2, i -> List.of(1.0, "build")), Map.of());

  @TempDir private Path directory;

  @Test
  void keepsWhatWasNotKnownBeforeTheNextPartOutOfTraining() throws IOException {
    Split split = Split.of(Examples.model(directory), EXAMPLES);
    // a label takes ten days, 240 hours
    assertThat(split.validateFrom()).isEqualTo(Examples.START.plus(Duration.ofHours(1_400)));
    assertThat(split.train()).hasSize(1_400 - 240);
    assertThat(split.validate()).hasSize(300 - 240);
    assertThat(split.test()).hasSize(300);
  }

  @Test
  void keepsAGapBeforeTheNextPartWhereTheFileSaysSo() throws IOException {
    Split split =
        Split.of(Examples.model(directory, "split: {", "embargo: 2d, split: {"), EXAMPLES);
    assertThat(split.train()).hasSize(1_400 - 240 - 48);
    assertThat(split.validate()).hasSize(300 - 240 - 48);
    assertThat(split.test()).hasSize(300);
  }

  @Test
  void saysSoWhenTheEmbargoLeavesNothing() throws IOException {
    ModelSpec spec = Examples.model(directory, "split: {", "embargo: 3d, split: {");
    assertThatThrownBy(() -> Split.of(spec, EXAMPLES))
        .hasMessageContaining("backfill more events, or shorten the embargo");
  }

  @Test
  void leavesOutTriggersWhoseLabelHadLessThanItsWholeTime() throws IOException {
    // after 10 of 20 days a label may be known; the newest is known 2,239 hours after the start
    Split split = Split.of(Examples.model(directory, "within: 10d", "within: 20d"), EXAMPLES);
    int all = 2_000 + 240 - 480;
    assertThat(split.train()).hasSize((int) (all * 0.7) - 480);
    assertThat(split.test()).hasSize(all - (int) (all * 0.85));
    assertThat(split.findings())
        .singleElement()
        .asString()
        .startsWith("24 of 24 examples were triggered less than 20d before");
  }

  @Test
  void keepsAShortHistoryAndSaysWhatIsWrongWithIt() throws IOException {
    Split split = Split.of(Examples.model(directory, "within: 10d", "within: 90d"), EXAMPLES);
    assertThat(split.train()).hasSize(1_400 - 240);
    assertThat(split.findings())
        .hasSize(3)
        .first()
        .asString()
        .startsWith("1920 of 2000 examples were triggered less than 90d before the newest label:");
  }

  @Test
  void makesNoExceptionWhereTimeAloneDecidesALabel() throws IOException {
    ModelSpec spec =
        Examples.model(
            directory,
            "negative: task.status == \"COMPLETED\", within: 10d",
            "negative: otherwise, within: 90d");
    assertThatThrownBy(() -> Split.of(spec, EXAMPLES))
        .hasMessageContaining("overrun has 80 examples to train on")
        .hasMessageContaining("backfill more events, or shorten within in the model's file");
  }

  @Test
  void keepsAllTriggersOfAnInstantInOnePart() throws IOException {
    List<Example> daily =
        EXAMPLES.labelled().stream()
            .map(
                e ->
                    new Example(
                        e.id(),
                        e.company(),
                        e.cluster(),
                        e.asOf().truncatedTo(ChronoUnit.DAYS),
                        e.labelledAt(),
                        e.label(),
                        e.values()))
            .toList();
    Split split = Split.of(Examples.model(directory), new ExampleReader.Examples(daily, Map.of()));
    Instant testFrom = Examples.START.plus(Duration.ofDays(70));
    assertThat(split.testFrom()).isEqualTo(testFrom);
    assertThat(split.test()).hasSize(2_000 - 70 * 24);
  }
}
