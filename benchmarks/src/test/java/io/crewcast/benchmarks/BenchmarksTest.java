package io.crewcast.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.benchmarks.redis.RedisBenchmarkProgram;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

class BenchmarksTest {

  @Test
  void eachRunsOnce() throws Exception {
    List<String> expected =
        new ArrayList<>(
            List.of(
                "score",
                "explain",
                "inTurn",
                "update",
                "reduce",
                "alternately",
                "alternately",
                "pass",
                "one",
                "many"));
    var builder = new OptionsBuilder();
    if (RedisBenchmarkProgram.isThere()) {
      expected.add("write");
    } else { // there is nothing to compare the sink with
      builder.exclude("\\.SinkBenchmark\\.");
    }
    var options =
        builder
            .include("io\\.crewcast\\.benchmarks\\..*")
            .param("keys", "3")
            .param("littleKeys", "3")
            .param("historyDays", "2")
            .param("idle", "50")
            .param("seconds", "1")
            .param("size", "SMALL")
            .param("features", "32")
            .param("trainingRows", "2000")
            .param("sliceMillis", "1")
            .param("rows", "600")
            .forks(0)
            .warmupIterations(0)
            .measurementIterations(1)
            .measurementTime(TimeValue.milliseconds(20))
            .verbosity(VerboseMode.SILENT)
            .shouldFailOnError(true)
            .build();

    assertThat(new Runner(options).run())
        .extracting(result -> result.getPrimaryResult().getLabel())
        .containsExactlyInAnyOrderElementsOf(expected);
  }
}
