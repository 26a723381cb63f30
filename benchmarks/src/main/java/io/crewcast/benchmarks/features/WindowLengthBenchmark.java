package io.crewcast.benchmarks.features;

import io.crewcast.schemas.stream.Change;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The same changes, once with all windows 30 days and once with all windows one hour. In both the
 * history is longer than the windows, so that every fact that is added is also taken away again.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 1, time = 5)
@Measurement(iterations = 3, time = 10)
public class WindowLengthBenchmark {

  @Param({"30d", "1h"})
  public String window;

  @Param("2000")
  public int keys;

  @Param("31")
  public int historyDays;

  private ChangeStream stream;
  private Change change;

  @Setup
  public void fill() throws Exception {
    stream = new ChangeStream(WorkerFeatures.ofOneWindow(window), keys);
    stream.fill(Duration.ofDays(historyDays));
  }

  @Setup(Level.Invocation)
  public void prepare() throws Exception {
    change = stream.prepare();
  }

  @Benchmark
  public void update() throws Exception {
    stream.update(change);
  }

  @TearDown
  public void close() throws Exception {
    stream.close();
  }
}
