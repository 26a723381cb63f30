package io.crewcast.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class BenchTest {

  private final StringWriter err = new StringWriter();

  @Test
  void saysWhichSuitesThereAreWhenNoneIsNamed() {
    assertThat(run()).isEqualTo(2);
    assertThat(err)
        .hasToString(line("name a suite: --suite features or scoring or models or redis"));
  }

  @Test
  void saysWhichSuitesThereAreWhenItKnowsNoSuch() {
    assertThat(run("--suite", "sinks")).isEqualTo(2);
    assertThat(err)
        .hasToString(
            line(
                "Invalid value for option '--suite': 'sinks' is no suite, name features or scoring"
                    + " or models or redis"));
  }

  @Test
  void asksForTheFolderOfTheFileBeforeItMeasures() {
    assertThat(run("--suite", "scoring", "--json", "target/none/figures.json")).isEqualTo(2);
    assertThat(err).hasToString(line("no folder for target/none/figures.json, make it first"));
  }

  private int run(String... arguments) {
    return Bench.commandLine().setErr(new PrintWriter(err, true)).execute(arguments);
  }

  private static String line(String misuse) {
    return "crewcast: %s; see crewcast bench --help%n".formatted(misuse);
  }
}
