package io.crewcast.local.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  @TempDir private Path lake;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void writesAPageAndSaysWhereAndHowLarge() throws Exception {
    Path page = lake.resolve("report.html");
    assertThat(report(lake, page, "--from", "2026-01-01T00:00:00Z")).isZero();
    assertThat(out.toString()).matches("\\Q" + page + "\\E, \\d+ kB\n");
    assertThat(page).content().startsWith("<!doctype html>").contains("\"from\":1767225600000");
  }

  @Test
  void saysWhatToDoWhereThereIsNoLake() throws Exception {
    Path page = lake.resolve("report.html");
    assertThat(report(lake.resolve("none"), page)).isEqualTo(1);
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .contains("none is no folder: name the one that a job was given as --lake");
    assertThat(Files.exists(page)).isFalse();
  }

  @Test
  void isCalledWronglyWithARangeOfNothing() {
    assertThat(
            report(
                lake,
                lake.resolve("report.html"),
                "--from",
                "2026-01-02T00:00:00Z",
                "--to",
                "2026-01-01T00:00:00Z"))
        .isEqualTo(2);
    assertThat(err.toString()).contains("--from must be before --to");
  }

  private int report(Path folder, Path page, String... more) {
    String[] arguments = new String[5 + more.length];
    System.arraycopy(
        new String[] {"report", "--lake", folder.toString(), "--out", page.toString()},
        0,
        arguments,
        0,
        5);
    System.arraycopy(more, 0, arguments, 5, more.length);
    return Crewcast.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
