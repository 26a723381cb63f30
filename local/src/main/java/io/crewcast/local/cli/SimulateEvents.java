package io.crewcast.local.cli;

import io.crewcast.local.ingest.BrokenFile;
import io.crewcast.local.ingest.EventFile;
import io.crewcast.local.simulation.PotentialOutcomeFile;
import io.crewcast.local.simulation.Simulation;
import io.crewcast.local.simulation.SimulationOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code simulate}: an event file of work that never was, and the broken records to publish with
 * it.
 */
@Command(
    name = "simulate",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description = "Makes work events from a seed: the same options make the same bytes.")
public final class SimulateEvents implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--out", required = true, description = "The event file to write (Avro).")
  private Path out = Path.of("");

  @Option(names = "--seed", defaultValue = "1", description = "Another seed, another world.")
  private long seed;

  @Option(names = "--events", defaultValue = "60000", description = "How many events to make.")
  private int events;

  @Option(names = "--companies", defaultValue = "2")
  private int companies;

  @Option(names = "--projects", defaultValue = "16", description = "Over all companies.")
  private int projects;

  @Option(names = "--workers", defaultValue = "60", description = "Over all companies.")
  private int workers;

  @Option(names = "--start", defaultValue = "2024-01-01T00:00:00Z")
  private Instant start = Instant.EPOCH;

  @Option(names = "--days", defaultValue = "365", description = "Time to spread them over.")
  private int days;

  @Option(names = "--late", defaultValue = "0.08", description = "Share of entries recorded late.")
  private double late;

  @Option(
      names = "--corrections",
      defaultValue = "0.03",
      description = "Share of entries corrected.")
  private double corrections;

  @Option(names = "--voids", defaultValue = "0.01", description = "Share of entries voided.")
  private double voids;

  @Option(
      names = "--reassignments",
      defaultValue = "0.04",
      description = "Share of tasks that change hands.")
  private double reassignments;

  @Option(names = "--repeats", defaultValue = "0.02", description = "Share of events sent twice.")
  private double repeats;

  @Option(names = "--broken", defaultValue = "0.001", description = "Broken records, per event.")
  private double broken;

  @Option(
      names = "--requests",
      defaultValue = "0",
      description = "Requests to rank workers or crews for a task, about so many.")
  private int requests;

  @Option(
      names = "--potential-outcomes",
      paramLabel = "FILE",
      description =
          "Writes there what grade each candidate of a request would have earned (JSON lines).")
  private @Nullable Path potentialOutcomes;

  @Override
  public Integer call() throws IOException {
    if (spec == null) {
      throw new IllegalStateException("run by picocli only");
    }
    SimulationOptions options;
    try {
      options =
          new SimulationOptions(
              seed,
              events,
              companies,
              projects,
              workers,
              start,
              Duration.ofDays(days),
              late,
              corrections,
              voids,
              reassignments,
              repeats,
              broken,
              requests);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    Simulation.Outcome outcome = Simulation.run(options);
    EventFile.write(out, outcome.events());
    BrokenFile.write(BrokenFile.beside(out), outcome.broken());
    if (potentialOutcomes != null) {
      PotentialOutcomeFile.write(potentialOutcomes, outcome.potentialOutcomes());
    }
    Instant last = EventFile.recordedAt(outcome.events().get(outcome.events().size() - 1));
    spec.commandLine()
        .getOut()
        .printf(
            "%,d events from %s to %s: %s%n%,d broken records: %s%n",
            outcome.events().size(),
            EventFile.recordedAt(outcome.events().get(0)),
            last,
            out,
            outcome.broken().size(),
            BrokenFile.beside(out));
    if (last.isAfter(Instant.now())) {
      spec.commandLine()
          .getErr()
          .println(
              "What is recorded after now becomes a dead letter (FUTURE) when it is published: raise --workers and --projects, or let it --start earlier.");
    }
    return 0;
  }
}
