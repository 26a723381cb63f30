package io.crewcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.scoring.monitor.StreamBounds;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MonitoringJobOptionsTest {

  private static String[] with(String... more) {
    return Stream.concat(
            Stream.of(
                "--bootstrap-servers", "k:9092", "--registry", "http://r", "--models", "/models"),
            Stream.of(more))
        .toArray(String[]::new);
  }

  @Test
  void knowsWhatIsBorneInTheStreamAndOfWhomToTell() {
    var options = MonitoringJobOptions.parse(with("--late-share", "0.2", "--companies", "a;b"));
    assertThat(MonitoringJobOptions.bounds(options)).isEqualTo(new StreamBounds(0.01, 0.2));
    assertThat(options.get(MonitoringJobOptions.COMPANIES)).isEqualTo(List.of("a", "b"));
    assertThat(MonitoringJobOptions.help()).contains("--dead-letter-share", "Default: 0.01.");
  }

  @Test
  void refusesWhatIsNoShareAndTooManyCompanies() {
    assertThatThrownBy(() -> MonitoringJobOptions.parse(with("--dead-letter-share", "2")))
        .hasMessage(
            "--dead-letter-share 2.0 is not valid: write a share from 0 to 1, such as 0.01");
    assertThatThrownBy(() -> MonitoringJobOptions.parse(with("--late-share", "much")))
        .hasMessageStartingWith("--late-share much is not valid: ");
    String many = "c" + ";c".repeat(1_000);
    assertThatThrownBy(() -> MonitoringJobOptions.parse(with("--companies", many)))
        .hasMessage("--companies names 1,001: name at most 1,000");
  }
}
