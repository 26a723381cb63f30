package io.crewcast.benchmarks.features;

import io.crewcast.schemas.stream.Change;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
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
 * One change at one of many workers, the vector out. The latencies are of the update alone, on the
 * clock (JMH's samples) and on the processor (which leaves out what else runs on the machine);
 * {@link io.crewcast.benchmarks.measure.ProcessCost} counts what lies between updates too: making
 * the change, and timers of idle workers.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 1, time = 10)
@Measurement(iterations = 1, time = 40)
public class UpdateBenchmark {

  /** Asking for the processor's time takes a microsecond: not at every update. */
  private static final int PROCESSOR_EVERY = 16;

  @Param("10000")
  public int keys;

  /** More than seven, so that facts also leave windows. */
  @Param("10")
  public int historyDays;

  /** Whether entities stay in memory between changes; else each is read and written every time. */
  @Param("true")
  public boolean inMemory;

  private final Stopwatch stopwatch = new Stopwatch();
  private ChangeStream stream;
  private Change change;
  private long updates;

  @Setup
  public void fill() throws Exception {
    stream = new ChangeStream(WorkerFeatures.ofManyWindows(), keys, inMemory);
    stream.fill(Duration.ofDays(historyDays));
  }

  @Setup(Level.Invocation)
  public void prepare() throws Exception {
    change = stream.prepare();
  }

  @Benchmark
  public void update(OnTheProcessor latency) throws Exception {
    latency.count(stream.vectors());
    if (++updates % PROCESSOR_EVERY == 0) {
      stopwatch.start();
      stream.update(change);
      stopwatch.stop();
      latency.all.add(stopwatch.processorNanos());
    } else {
      stream.update(change);
    }
  }

  @TearDown
  public void close() throws Exception {
    stream.close();
  }

  /** Processor time of an update, microseconds. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class OnTheProcessor {
    final Latencies all = new Latencies();
    private long updates;
    private long vectorsAtFirst;
    private long vectors;

    @Setup(Level.Iteration)
    public void clear() {
      all.clear();
      updates = 0;
    }

    void count(long vectorsSoFar) {
      if (updates++ == 0) {
        vectorsAtFirst = vectorsSoFar;
      }
      vectors = vectorsSoFar;
    }

    /** Vectors put out for each change: its own, and those of expiries meanwhile. */
    public double vectorsAChange() {
      return (double) (vectors - vectorsAtFirst) / (double) (updates - 1);
    }

    public double processorP50() {
      return all.quantileMicros(0.5);
    }

    public double processorP99() {
      return all.quantileMicros(0.99);
    }

    public double processorP999() {
      return all.quantileMicros(0.999);
    }
  }
}
