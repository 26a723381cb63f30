package io.crewcast.benchmarks.measure;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {

  private static final Report REPORT =
      new Report(
          "features",
          false,
          new Machine(2, "a processor", "a JDK", 0.5),
          List.of(
              Figure.of("Updates", 31_234.5, "/s").withTarget(Target.atLeast(25_000)),
              Figure.of("A long window, to a short one", 12.34, "us")
                  .withRatio(1.2)
                  .withTarget(Target.atMost(1.15)),
              Figure.of("Memory", 5.678, "MB")),
          List.of("One thread."));

  @Test
  void printsALineAFigure() {
    StringWriter text = new StringWriter();
    REPORT.print(new PrintWriter(text));

    assertThat(text.toString().lines().map(line -> line.strip().replaceAll(" +", " ")))
        .containsExactly(
            "2 cores, a processor, a JDK, load 0.50 before",
            "One thread.",
            "",
            "figure ratio target",
            "Updates 31,235 /s >= 25,000 met",
            "A long window, to a short one 12.3 us 1.20 <= 1.15 not met",
            "Memory 5.68 MB");
  }

  @Test
  void writesTheSameForPrograms(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("figures.json");
    REPORT.write(file);

    JsonNode written = new JsonMapper().readTree(file.toFile());
    assertThat(written.at("/machine/processor").asText()).isEqualTo("a processor");
    assertThat(written.at("/figures/0/value").asDouble()).isEqualTo(31_234.5);
    assertThat(written.at("/figures/0/met").asBoolean()).isTrue();
    assertThat(written.at("/figures/1/ratio").asDouble()).isEqualTo(1.2);
    assertThat(written.at("/figures/1/target").asText()).isEqualTo("<= 1.15");
    assertThat(written.at("/figures/1/met").asBoolean()).isFalse();
    assertThat(written.at("/figures/2").has("met")).isFalse();
  }
}
