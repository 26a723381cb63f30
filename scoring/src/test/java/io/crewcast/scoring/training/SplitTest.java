package io.crewcast.scoring.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

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

  /** One in four labels takes twenty days, the others an hour. */
  private static ExampleReader.Examples slowAndQuick() {
    return new ExampleReader.Examples(
        EXAMPLES.labelled().stream()
            .map(e -> at(e, e.asOf(), e.asOf().plus(Duration.ofHours(isSlow(e) ? 480 : 1))))
            .toList(),
        Map.of());
  }

  private static boolean isSlow(Example example) {
    return example.asOf().getEpochSecond() / 3_600 % 4 == 0;
  }

  private static Example at(Example example, Instant asOf, Instant labelledAt) {
    return new Example(
        example.id(),
        example.company(),
        example.cluster(),
        asOf,
        labelledAt,
        example.label(),
        example.values(),
        example.owners());
  }

  @Test
  void keepsQuickLabelsFromOutnumberingSlowOnesBeforeABoundary() throws IOException {
    ModelSpec spec =
        Examples.model(
            directory, "within: 10d", "within: 30d", "70%, validate: 15%", "40%, validate: 45%");
    Split split = Split.of(spec, slowAndQuick());
    for (List<Example> part : split.parts()) {
      double slow = part.stream().filter(SplitTest::isSlow).count();
      assertThat(slow / part.size()).isEqualTo(0.25, within(0.01));
    }
    // the newest label is the slow one of hour 1996, so that all up to it had their 480 hours
    assertThat(split.test()).hasSize(1_997 - (int) (1_997 * 0.85));
    assertThat(split.train()).hasSize((int) (1_997 * 0.4) - 480);
    assertThat(split.findings()).isEmpty();
  }

  @Test
  void saysWhenAHistoryIsTooShortToTellHowLongLabelsTake() throws IOException {
    Split split = Split.of(Examples.model(directory, "within: 10d", "within: 90d"), EXAMPLES);
    assertThat(split.train()).hasSize(1_400 - 240);
    assertThat(split.findings())
        .containsExactly(
            "the history is short: 80 triggers are older than the 90 days that a label may take, so how long it takes (99 of 100 in 240 hours) is told by those that are known");
  }

  @Test
  void keepsAllTriggersOfAnInstantInOnePart() throws IOException {
    List<Example> daily =
        EXAMPLES.labelled().stream()
            .map(e -> at(e, e.asOf().truncatedTo(ChronoUnit.DAYS), e.labelledAt()))
            .toList();
    Split split = Split.of(Examples.model(directory), new ExampleReader.Examples(daily, Map.of()));
    Instant testFrom = Examples.START.plus(Duration.ofDays(70));
    assertThat(split.testFrom()).isEqualTo(testFrom);
    assertThat(split.test()).hasSize(2_000 - 70 * 24);
  }
}
