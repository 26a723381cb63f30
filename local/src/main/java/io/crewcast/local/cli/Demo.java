package io.crewcast.local.cli;

import io.crewcast.local.demo.DemoOptions;
import io.crewcast.local.demo.DemoRun;
import io.crewcast.local.demo.Scenario;
import io.crewcast.local.demo.Stages;
import io.crewcast.local.stack.Home;
import io.crewcast.local.stack.LocalStack;
import io.crewcast.local.stack.Part;
import io.crewcast.local.stack.StackOptions;
import io.crewcast.local.stack.StackOptions.Ports;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code demo}: all of it once, from events to an account of the predictions. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Shows all of it once, from events to an account of every record.",
      "It starts the stack, makes events, backfills and learns from the first part of them, and"
          + " scores the rest live as it is replayed through Kafka.",
      "Exit status 1 if a record is unaccounted for or a feature differs from its recomputation."
    })
final class Demo implements Callable<Integer> {
  private static final String CESAW = "cesaw";

  /** The figures of CESAW's literature split there. */
  private static final Instant CESAW_SPLIT = Instant.parse("2014-12-03T16:19:00Z");

  private static final int INTERRUPTED = 130;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--data", paramLabel = "DIR", description = "CSV files to import.")
  private @Nullable Path data;

  @Option(
      names = "--mapping",
      paramLabel = "NAME-OR-FILE",
      description = "How to read them: a mapping that ships (cesaw), or a file.")
  private @Nullable String mapping;

  @Option(
      names = "--events",
      paramLabel = "N",
      description =
          "How many to simulate where nothing is imported; 100000, and 170000 in the scenario srm, if"
              + " not said.")
  private @Nullable Integer events;

  @Option(
      names = "--scenario",
      paramLabel = "NAME",
      description =
          "Let something go wrong while the model serves: ${COMPLETION-CANDIDATES}. Exit status 0 only if"
              + " the one alert of it came and, of the last two, the version on trial was rolled"
              + " back.")
  private @Nullable Scenario scenario;

  @Option(
      names = "--split",
      paramLabel = "INSTANT",
      description =
          "The model learns from what was known before; after 70 %% of the events if not said,"
              + " 2014-12-03T16:19:00Z for cesaw.")
  private @Nullable Instant split;

  @Option(
      names = "--free-ports",
      description = "Take free ports even where the usual ones are free.")
  private boolean freePorts;

  @Option(names = "--exit", description = "Stop at the end, on a terminal too.")
  private boolean exit;

  @Option(
      names = "--summary",
      paramLabel = "FILE",
      converter = FileToWrite.class,
      description = "Write the figures as JSON.")
  private @Nullable Path summary;

  @Option(
      names = "--keep",
      paramLabel = "DIR",
      description =
          "Empty folder for events, lake, models and logs; if not said, .crewcast/demo in the"
              + " checkout, which the next demo empties.")
  private @Nullable Path keep;

  @Override
  public Integer call() throws Exception {
    if ((data == null) != (mapping == null)) {
      throw new ParameterException(
          spec.commandLine(), "--data and --mapping go together, such as --mapping cesaw");
    }
    if (scenario != null && data != null) {
      throw new ParameterException(
          spec.commandLine(), "--scenario changes simulated events: leave out --data");
    }
    PrintWriter out = spec.commandLine().getOut();
    Home home = Home.find();
    DemoOptions options =
        new DemoOptions(
            data,
            mapping,
            events != null ? events : scenario == null ? Scenario.EVENTS : scenario.events(),
            split == null && CESAW.equals(mapping) ? CESAW_SPLIT : split,
            CESAW.equals(mapping) ? List.of("defect_risk") : List.of(),
            scenario,
            home.flinkConf(),
            home.jobsJar(),
            emptied(home));
    long start = System.nanoTime();
    out.println("Starting Kafka, the schema registry, Redis and Flink, and meanwhile:");
    out.flush();
    CompletableFuture<LocalStack> starting =
        LocalStack.startAside(
            StackOptions.of(Part.values())
                .in(options.stack())
                .on(freePorts ? Ports.FREE : Ports.usualWhereFree())
                .withTaskManagers(1, DemoRun.SLOTS)
                .forUse(StackOptions.Use.BULK));
    AtomicBoolean stopping = new AtomicBoolean();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  stopping.set(true);
                  close(starting);
                },
                "stop the stack"));
    try {
      DemoRun.Result result = DemoRun.run(options, starting, new Stages(out, Progress::passing));
      if (summary != null) {
        result.summary().write(summary);
      }
      out.printf(
          Locale.ROOT,
          "%.0f s in all. Lake: %s%nReport: %s%n",
          (System.nanoTime() - start) / 1e9,
          options.lake(),
          result.summary().report());
      if (!exit && onTerminal()) {
        stayUp(starting.join(), result, out);
      }
      return result.sound() ? 0 : 1;
    } catch (Exception | Error e) {
      if (stopping.get()) {
        return INTERRUPTED; // what fails now does so because the servers are being stopped
      }
      throw e;
    } finally {
      close(starting);
    }
  }

  /** Stops what has started, or will have; that it does not start is told to who waits for it. */
  private static void close(CompletableFuture<LocalStack> starting) {
    starting
        .handle((stack, failed) -> Optional.ofNullable(stack))
        .join()
        .ifPresent(LocalStack::close);
  }

  private Path emptied(Home home) throws IOException {
    if (keep == null) {
      Path directory = home.data().resolve("demo");
      FileUtils.deleteDirectory(directory.toFile());
      return Files.createDirectories(directory);
    }
    Path directory = Files.createDirectories(keep.toAbsolutePath().normalize());
    try (Stream<Path> there = Files.list(directory)) {
      if (there.findAny().isPresent()) {
        throw new IllegalStateException(
            directory + " is not empty: name another folder with --keep, or empty it");
      }
    }
    return directory;
  }

  @SuppressWarnings("SystemConsoleNull") // null without a terminal up to JDK 21
  private static boolean onTerminal() {
    return System.console() != null;
  }

  private static void stayUp(LocalStack stack, DemoRun.Result result, PrintWriter out)
      throws InterruptedException {
    out.printf(
        """
        The job still runs. Try in another terminal:
          ./crewcast features get worker %s --redis %s
          ./crewcast tail predictions --from-beginning -n 3 --bootstrap-servers %s --registry %s
          %s
        Ctrl-C stops all.
        """,
        String.join(" ", result.worker()),
        stack.redisUri(),
        stack.bootstrapServers(),
        stack.registryUrl(),
        result.job());
    out.flush();
    new CountDownLatch(1).await();
  }
}
