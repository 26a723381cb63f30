package io.crewcast.benchmarks;

import io.crewcast.benchmarks.features.FeatureSuite;
import io.crewcast.benchmarks.measure.Directories;
import io.crewcast.benchmarks.measure.Jmh;
import io.crewcast.benchmarks.measure.Machine;
import io.crewcast.benchmarks.measure.Report;
import io.crewcast.benchmarks.measure.Suite;
import io.crewcast.benchmarks.models.ModelSuite;
import io.crewcast.benchmarks.redis.RedisSuite;
import io.crewcast.benchmarks.scoring.ScoringSuite;
import io.crewcast.local.cli.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/**
 * {@code ./crewcast bench}: measures on this machine. A target that is not met is stated, and no
 * failure. Exit status 0, 1 when it could not measure, 2 when it was called wrongly.
 */
@Command(
    name = "crewcast bench",
    mixinStandardHelpOptions = true,
    description =
        "Measures on this machine, against targets, what features, scores and Redis cost and how"
            + " good models are.")
public final class Bench implements Callable<Integer> {

  private enum Choice {
    FEATURES(new FeatureSuite()),
    SCORING(new ScoringSuite()),
    MODELS(new ModelSuite()),
    REDIS(new RedisSuite());

    private final Suite suite;

    Choice(Suite suite) {
      this.suite = suite;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }

    static String all() {
      return Arrays.stream(values()).map(Choice::toString).collect(Collectors.joining(" or "));
    }
  }

  private static final class ByName implements ITypeConverter<Choice> {
    @Override
    public Choice convert(String name) {
      return Arrays.stream(Choice.values())
          .filter(choice -> choice.toString().equals(name))
          .findFirst()
          .orElseThrow(
              () ->
                  new TypeConversionException("'" + name + "' is no suite, name " + Choice.all()));
    }
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--suite",
      paramLabel = "SUITE",
      converter = ByName.class,
      description =
          "features: updates, window lengths, history, expiry (7 minutes). "
              + "scoring: scores and explanations against XGBoost4J (4 minutes). "
              + "models: how good the models are that ship, on simulated work (10 minutes). "
              + "redis: writes against redis-benchmark, and reads (2 minutes).")
  private @Nullable Choice choice;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes the figures there too.")
  private @Nullable Path json;

  @Option(
      names = "--quick",
      description = "Fewer keys and shorter runs: a first impression, in about a minute.")
  private boolean quick;

  @Option(names = "--debug", description = "Print the stack trace of a failure.")
  private boolean debug;

  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    Bench bench = new Bench();
    return new CommandLine(bench)
        .setUsageHelpAutoWidth(true)
        .setParameterExceptionHandler(Bench::misused)
        .setExecutionExceptionHandler(
            (failure, command, parsed) -> Failure.tell(failure, bench.debug, command.getErr()));
  }

  @Override
  public Integer call() throws Exception {
    if (choice == null) {
      throw misuse("name a suite: --suite " + Choice.all());
    }
    if (json != null && !Files.isDirectory(json.toAbsolutePath().getParent())) {
      throw misuse("no folder for " + json + ", make it first");
    }
    CommandLine command = spec.commandLine();
    Machine machine = Machine.here();
    Path directory = stateDirectory();
    try {
      Jmh jmh = new Jmh(command.getErr(), directory);
      Report report =
          new Report(
              choice.toString(),
              quick,
              machine,
              choice.suite.measure(jmh, quick),
              choice.suite.notes(quick));
      report.print(command.getOut());
      if (json != null) {
        report.write(json);
      }
    } finally {
      Directories.delete(directory);
    }
    return CommandLine.ExitCode.OK;
  }

  /** On the disk of the checkout: a system's own folder for temporary files may be in memory. */
  private static Path stateDirectory() throws IOException {
    String home = System.getProperty("crewcast.home");
    if (home == null) {
      return Files.createTempDirectory("crewcast-bench");
    }
    return Files.createTempDirectory(
        Files.createDirectories(Path.of(home).resolve(".crewcast")), "bench");
  }

  private ParameterException misuse(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private static int misused(ParameterException misuse, String[] arguments) {
    misuse
        .getCommandLine()
        .getErr()
        .printf("crewcast: %s; see crewcast bench --help%n", misuse.getMessage());
    return CommandLine.ExitCode.USAGE;
  }
}
