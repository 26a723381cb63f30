package io.crewcast.benchmarks.measure;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs benchmarks in JVMs of their own, set up as a TaskManager's. */
public final class Jmh {

  private final PrintWriter progress;
  private final List<String> jvmArguments;

  /**
   * @param progress is told what is measured
   * @param directory for state, on the disk that is to be measured
   */
  public Jmh(PrintWriter progress, Path directory) {
    this.progress = progress;
    this.jvmArguments = new ArrayList<>(TaskManager.ofTheCheckout().jvmArguments());
    jvmArguments.add("-Djava.io.tmpdir=" + directory);
    for (String property : List.of("crewcast.home", "crewcast.log")) {
      String value = System.getProperty(property);
      if (value != null) {
        jvmArguments.add("-D" + property + "=" + value);
      }
    }
  }

  /**
   * Runs the methods of one class.
   *
   * @param what is measured, for who waits
   * @param options to add to the class's own
   */
  public Results run(String what, Class<?> benchmark, UnaryOperator<ChainedOptionsBuilder> options)
      throws RunnerException {
    progress.println("Measuring " + what + " ...");
    progress.flush();
    ChainedOptionsBuilder builder =
        new OptionsBuilder()
            .include(benchmark.getName().replace(".", "\\.") + "\\.")
            .addProfiler(ProcessCost.class)
            .jvmArgs(jvmArguments.toArray(String[]::new))
            .verbosity(VerboseMode.SILENT)
            .shouldFailOnError(true);
    return new Results(List.copyOf(new Runner(options.apply(builder).build()).run()));
  }

  /**
   * What came of the methods of one class.
   *
   * @param all one a method and combination of parameters
   */
  public record Results(List<RunResult> all) {

    /** The only one. */
    public Result only() {
      return new Result(all.get(0));
    }

    /** That of one method. */
    public Result of(String method) {
      return new Result(
          all.stream()
              .filter(result -> result.getPrimaryResult().getLabel().equals(method))
              .findFirst()
              .orElseThrow());
    }
  }

  /**
   * What came of one method.
   *
   * @param run all that JMH says of it
   */
  public record Result(RunResult run) {

    /** JMH's own figure, in the unit of the benchmark. */
    public double score() {
      return run.getPrimaryResult().getScore();
    }

    /** The value that a share of the samples do not exceed, in the unit of the benchmark. */
    public double quantile(double share) {
      return run.getPrimaryResult().getStatistics().getPercentile(100 * share);
    }

    /** A figure that the benchmark or {@link ProcessCost} counted. */
    public double counted(String name) {
      return run.getSecondaryResults().get(name).getScore();
    }
  }
}
