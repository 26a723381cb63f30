package io.crewcast.benchmarks.scoring;

import io.crewcast.benchmarks.measure.Figure;
import io.crewcast.benchmarks.measure.Jmh;
import io.crewcast.benchmarks.measure.Suite;
import java.util.List;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.TimeValue;

/** What a score costs. */
public final class ScoringSuite implements Suite {

  @Override
  public List<Figure> measure(Jmh jmh, boolean quick) throws RunnerException {
    Jmh.Results results =
        jmh.run(
            "scores",
            ScoreBenchmark.class,
            options ->
                options
                    .forks(1)
                    .warmupIterations(3)
                    .measurementIterations(5)
                    .warmupTime(TimeValue.seconds(quick ? 1 : 10))
                    .measurementTime(TimeValue.seconds(quick ? 1 : 10)));
    double flat = results.of("flatTrees").score();
    double nativeCall = results.of("nativeCall").score();
    return List.of(
        Figure.of("A row of 32 features through 100 flat trees of depth 6", flat, "us"),
        Figure.of("A call of XGBoost for it, to that", nativeCall, "us")
            .withRatio(nativeCall / flat));
  }

  @Override
  public List<String> notes(boolean quick) {
    return List.of();
  }
}
