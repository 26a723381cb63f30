package io.crewcast.local.cli;

import io.crewcast.local.ingest.EventFile;
import io.crewcast.local.ingest.EventJson;
import io.crewcast.local.ingest.Replay;
import io.crewcast.local.ingest.Speed;
import io.crewcast.schemas.WorkEvent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code replay}: publishes an event file, or JSON lines from standard input, to Kafka. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    description = "Publishes events to work-events in the order in which they became known.")
public final class ReplayEvents implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      paramLabel = "FILE",
      description = "An event file (Avro), or - for JSON lines from standard input.")
  private String file = "";

  @Mixin private Addresses.Kafka kafka = new Addresses.Kafka();

  @Mixin private Addresses.Registry registry = new Addresses.Registry();

  @Option(
      names = "--speed",
      defaultValue = "max",
      description = "max, 1000x (times as recorded) or 500/s (${DEFAULT-VALUE}).")
  private String speed = "";

  @Option(
      names = "--from",
      description = "First moment by recorded_at, such as 2014-12-03T16:19:00Z.")
  private @Nullable Instant from;

  @Option(names = "--until", description = "First moment that is left out.")
  private @Nullable Instant until;

  @Override
  public Integer call() throws IOException {
    CommandSpec command = Objects.requireNonNull(spec);
    Speed chosen;
    try {
      chosen = Speed.parse(speed);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage(), e);
    }
    if (!file.equals("-") && !Files.isReadable(Path.of(file))) {
      throw new ParameterException(
          command.commandLine(), "no event file " + file + "; make one with import or simulate");
    }
    Replay.Range range = new Replay.Range(from, until);
    AtomicLong refused = new AtomicLong();
    Replay.Progress done;
    try (Replay replay = new Replay(kafka.bootstrapServers, registry.url);
        ProgressBar bar = Progress.of("events", -1)) {
      done =
          file.equals("-")
              ? replay.run(
                  lines(range, refused).iterator(),
                  chosen,
                  progress -> bar.stepTo(progress.events()))
              : replay.run(Path.of(file), range, chosen, progress -> bar.stepTo(progress.events()));
    }
    command
        .commandLine()
        .getOut()
        .printf(
            "published %,d events and %,d broken records%s%n",
            done.events(),
            done.broken(),
            done.events() == 0 ? "" : ", known until " + done.recordedAt());
    return refused.get() == 0 ? 0 : 1;
  }

  /** Events from standard input; a line that is none is said with its number and left out. */
  private Stream<WorkEvent> lines(Replay.Range range, AtomicLong refused) {
    AtomicLong number = new AtomicLong();
    return new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
        .lines()
        .flatMap(line -> read(line, number.incrementAndGet(), refused))
        .filter(event -> range.holds(EventFile.recordedAt(event)));
  }

  private Stream<WorkEvent> read(String line, long number, AtomicLong refused) {
    if (line.isBlank()) {
      return Stream.empty();
    }
    try {
      return Stream.of(EventJson.read(line));
    } catch (IllegalArgumentException e) {
      refused.incrementAndGet();
      Objects.requireNonNull(spec)
          .commandLine()
          .getErr()
          .println("crewcast: line " + number + ": " + e.getMessage());
      return Stream.empty();
    }
  }
}
