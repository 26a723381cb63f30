package io.crewcast.local.cli;

import io.crewcast.local.report.LakeReport;
import io.crewcast.local.report.TimeRange;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code report}: a lake as one page. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description = {
      "Writes one HTML page about a lake: what served when, how well models predict, what drifted,"
          + " what moves the scores, what experiments say, data quality, alerts.",
      "It is made of the lake's tables by DuckDB and needs nothing else to be opened."
    })
final class Report implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--lake",
      paramLabel = "DIR",
      required = true,
      description = "Folder of the lake, as a job was given it.")
  private Path lake = Path.of("");

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      converter = FileToWrite.class,
      description = "The page to write; one that is there is replaced.")
  private Path out = Path.of("");

  @Option(
      names = "--from",
      paramLabel = "INSTANT",
      description = "Show only what is not older, such as 2026-01-01T00:00:00Z.")
  private @Nullable Instant from;

  @Option(
      names = "--to",
      paramLabel = "INSTANT",
      description = "Show only what is older than this.")
  private @Nullable Instant to;

  @Override
  public Integer call() throws Exception {
    if (from != null && to != null && !from.isBefore(to)) {
      throw new ParameterException(spec.commandLine(), "--from must be before --to");
    }
    LakeReport.read(lake, new TimeRange(from, to), Clock.systemUTC()).write(out);
    spec.commandLine()
        .getOut()
        .printf(Locale.ROOT, "%s, %,d kB%n", out, (Files.size(out) + 1023) / 1024);
    return 0;
  }
}
