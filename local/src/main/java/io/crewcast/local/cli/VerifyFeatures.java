package io.crewcast.local.cli;

import io.crewcast.local.verify.FeatureResult;
import io.crewcast.local.verify.FeatureVerification;
import io.crewcast.local.verify.Selection;
import io.crewcast.local.verify.VerificationMetrics;
import io.crewcast.local.verify.VerificationReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code features verify}: a lake's feature rows against their recomputation. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Computes every feature of every row of a lake again, in SQL over its events, and says of"
          + " each how many rows differ.",
      "The SQL is made from the feature files and shares nothing with the jobs.",
      "Beside a live job: --every, with --sample and --metrics-port.",
      "Exit status 1 if a row differs."
    })
final class VerifyFeatures implements Callable<Integer> {

  private static final Duration USUALLY_PUBLISHED_WITHIN = Duration.ofMinutes(30);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--lake",
      paramLabel = "DIR",
      required = true,
      description = "Folder of the lake, with work_events and feature tables.")
  private Path lake = Path.of("");

  @Mixin private DefinitionsFolder definitions = new DefinitionsFolder();

  @Option(
      names = "--last",
      description = "Compare the last row of each entity only, which is quicker.")
  private boolean last;

  @Option(
      names = "--sample",
      paramLabel = "SHARE",
      description = "Compare this share of the entities only, such as 0.05, which is quicker.")
  private double sample = 1;

  @Option(
      names = "--seed",
      paramLabel = "TEXT",
      description = "Another seed samples other entities; the same, the same in each run.")
  private @Nullable String seed;

  @Option(
      names = "--every",
      paramLabel = "DURATION",
      converter = Durations.class,
      description = "Do it again and again, a line a run, until Ctrl-C: 10min.")
  private @Nullable Duration every;

  @Option(
      names = "--runs",
      paramLabel = "N",
      description = "With --every: end after so many, with status 1 if one differed or failed.")
  private @Nullable Integer runs;

  @Option(
      names = "--published-within",
      paramLabel = "DURATION",
      converter = Durations.class,
      description = {
        "The lake is being written: compare only what must be whole by now. Longer than the job's"
            + " --publish-after and two checkpoints.",
        "30min with --every; else the lake is taken as whole."
      })
  private @Nullable Duration publishedWithin;

  @Option(
      names = "--metrics-port",
      paramLabel = "PORT",
      description = "With --every: serve what the last run found at /metrics, for Prometheus.")
  private @Nullable Integer metricsPort;

  @Option(
      names = "--metrics-address",
      paramLabel = "ADDRESS",
      converter = Addresses.Internet.class,
      description = "Where --metrics-port listens (127.0.0.1 if not said).")
  private @Nullable InetAddress metricsAddress;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      converter = FileToWrite.class,
      description = "Write the result as JSON.")
  private @Nullable Path json;

  /** A run and how long it took. */
  private record Run(VerificationReport report, Duration took) {

    String inWords() {
      return String.format(Locale.ROOT, "%s; %.1f s", report.inWords(), took.toMillis() / 1e3);
    }
  }

  @Override
  public Integer call() throws Exception {
    require(sample > 0 && sample <= 1, "--sample is a share above 0 and at most 1, not " + sample);
    require(every == null || !every.isZero(), "--every is longer than nothing; write 10min");
    require(runs == null || runs > 0, "--runs is at least 1, not " + runs);
    require(runs == null || every != null, "--runs goes with --every");
    require(seed == null || sample < 1, "--seed goes with --sample");
    require(metricsPort == null || every != null, "--metrics-port goes with --every");
    require(
        metricsPort == null || (metricsPort >= 0 && metricsPort < 1 << 16),
        "--metrics-port is at most 65535, not " + metricsPort);
    require(
        metricsAddress == null || metricsPort != null,
        "--metrics-address goes with --metrics-port");
    if (every != null) {
      return again(every) ? 0 : 1;
    }
    PrintWriter out = spec.commandLine().getOut();
    Run run = run(publishedWithin, result -> print(out, result));
    out.println(run.inWords());
    return run.report().different() == 0 ? 0 : 1;
  }

  private void require(boolean holds, String what) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), what);
    }
  }

  private Run run(@Nullable Duration within, Consumer<FeatureResult> each) throws IOException {
    Instant start = Instant.now();
    Selection rows = new Selection(!last, sample, seed == null ? "" : seed, within);
    VerificationReport report = FeatureVerification.run(lake, definitions.path(), rows, each);
    if (json != null) {
      report.write(json);
    }
    return new Run(report, Duration.between(start, Instant.now()));
  }

  /** True when no row differed in any run. */
  private boolean again(Duration every) throws Exception {
    Duration within = publishedWithin == null ? USUALLY_PUBLISHED_WITHIN : publishedWithin;
    PrintWriter out = spec.commandLine().getOut();
    boolean equal = true;
    try (VerificationMetrics metrics = metrics()) {
      int all = runs == null ? Integer.MAX_VALUE : runs;
      for (int n = 1; n <= all; n++) {
        Instant start = Instant.now();
        try {
          Run run = run(within, result -> {});
          metrics.report(run.report(), run.took());
          out.printf("%s %s%n", start.truncatedTo(ChronoUnit.SECONDS), run.inWords());
          run.report().features().stream()
              .filter(result -> result.different() > 0)
              .forEach(result -> print(out, result));
          equal &= run.report().different() == 0;
        } catch (IOException | IllegalStateException e) {
          // a lake that cannot be read now may be read the next time
          metrics.failed();
          spec.commandLine()
              .getErr()
              .printf("%s %s%n", start.truncatedTo(ChronoUnit.SECONDS), Failure.inOneLine(e));
          equal = false;
        }
        out.flush();
        if (n < all) {
          Thread.sleep(Math.max(0, Duration.between(Instant.now(), start.plus(every)).toMillis()));
        }
      }
    }
    return equal;
  }

  private VerificationMetrics metrics() throws IOException {
    var metrics = new VerificationMetrics(Clock.systemUTC());
    if (metricsPort != null) {
      metrics.serve(
          metricsAddress == null ? InetAddress.getLoopbackAddress() : metricsAddress, metricsPort);
    }
    return metrics;
  }

  private static void print(PrintWriter out, FeatureResult result) {
    out.println(result.inWords());
    result.examples().forEach(example -> out.println("    " + example));
    out.flush();
  }
}
