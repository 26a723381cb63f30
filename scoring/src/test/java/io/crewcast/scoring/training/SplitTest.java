package io.crewcast.scoring.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.scoring.model.ModelSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
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
}
