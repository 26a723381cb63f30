package io.crewcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ExperimentJobOptionsTest {

  @Test
  void readsACommandLine() {
    var options =
        ExperimentJobOptions.parse(
            new String[] {
              "--bootstrap-servers", "kafka:9092", "--registry", "http://r", "--idleness", "3 min"
            });

    assertThat(options.get(JobOptions.IDLENESS)).isEqualTo(Duration.ofMinutes(3));
    assertThat(options.get(ExperimentJobOptions.GROUP)).isEqualTo("crewcast-experiments");
  }

  @Test
  void refusesWhatOnlyTheScoringJobCanBeToldAndWhatIsMissing() {
    assertThatThrownBy(() -> ExperimentJobOptions.parse(new String[] {"--redis", "redis://r:1"}))
        .hasMessageStartingWith("--redis is not known; known are --bootstrap-servers");
    assertThatThrownBy(
            () -> ExperimentJobOptions.parse(new String[] {"--bootstrap-servers", "kafka:9092"}))
        .hasMessageStartingWith("--registry is missing:");
    assertThatThrownBy(
            () ->
                ExperimentJobOptions.parse(
                    new String[] {"--bootstrap-servers", "kafka", "--registry", "http://r"}))
        .hasMessage("--bootstrap-servers kafka is not valid: write host:port");
  }

  @Test
  void tellsEachOptionWithItsDefault() {
    assertThat(ExperimentJobOptions.help())
        .contains("--lake", "Default: crewcast-experiments.", "experiments/");
  }
}
