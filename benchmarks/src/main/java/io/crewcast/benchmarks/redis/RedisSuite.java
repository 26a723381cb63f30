package io.crewcast.benchmarks.redis;

import io.crewcast.benchmarks.measure.Figure;
import io.crewcast.benchmarks.measure.Jmh;
import io.crewcast.benchmarks.measure.Suite;
import io.crewcast.benchmarks.measure.Target;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.TimeValue;

/** What it costs to keep features in Redis and to read them from there. */
public final class RedisSuite implements Suite {

  private static final Target TO_REDIS_BENCHMARK = Target.atLeast(0.8);
  private static final Target OF_ONE = Target.below(1_000);
  private static final Target OF_MANY = Target.below(3_000);

  @Override
  public List<Figure> measure(Jmh jmh, boolean quick) throws RunnerException {
    RedisBenchmarkProgram.require();
    List<Figure> figures = new ArrayList<>();
    writes(jmh, quick, figures);
    reads(jmh, quick, figures);
    return figures;
  }

  private static void writes(Jmh jmh, boolean quick, List<Figure> figures) throws RunnerException {
    Jmh.Result result =
        jmh.run(
                "writes",
                SinkBenchmark.class,
                options ->
                    quick
                        ? options
                            .param("rows", "10000")
                            .warmupIterations(3)
                            .measurementIterations(3)
                        : options)
            .only();
    double sink = mean(result, "sink");
    double hset = mean(result, "hset");
    figures.add(
        Figure.of("Rows of 30 features that the sink writes, to HSET", sink, "/s")
            .withRatio(sink / hset)
            .withTarget(TO_REDIS_BENCHMARK));
    figures.add(Figure.of("  redis-benchmark, HSET of the same fields", hset, "/s"));
    figures.add(Figure.of("  redis-benchmark, SET of as many bytes", mean(result, "set"), "/s"));
  }

  private static void reads(Jmh jmh, boolean quick, List<Figure> figures) throws RunnerException {
    Jmh.Results results =
        jmh.run(
            "reads",
            ReadBenchmark.class,
            options ->
                quick
                    ? options
                        .param("rows", "10000")
                        .warmupTime(TimeValue.seconds(1))
                        .measurementTime(TimeValue.seconds(1))
                    : options);
    latencies("Reading 30 features of one entity", results.of("one"), OF_ONE, figures);
    latencies("Reading 30 features of 100 entities", results.of("many"), OF_MANY, figures);
  }

  private static void latencies(
      String name, Jmh.Result result, Target target, List<Figure> figures) {
    figures.add(Figure.of(name + ", p50", result.quantile(0.5), "us"));
    figures.add(Figure.of("  p99", result.quantile(0.99), "us").withTarget(target));
  }

  private static double mean(Jmh.Result result, String counter) {
    return result.counted(counter) / result.counted("turns");
  }

  @Override
  public List<String> notes(boolean quick) {
    return List.of(
        "Redis on the loopback, without persistence. Sink and redis-benchmark take turns; each has"
            + " one",
        "connection and 500 commands in a pipeline. The sink compares on the server and extends the"
            + " time",
        "to live, redis-benchmark does not.");
  }
}
