package io.crewcast.benchmarks.features;

import com.sun.management.OperatingSystemMXBean;
import io.crewcast.schemas.stream.Change;
import java.lang.management.ManagementFactory;
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
 * All changes of one day, at workers with a year of history and at workers with a day of it.
 *
 * <p>The year goes on from measurement to measurement. A day of history would soon be many: it is
 * made anew each time, by the code that two months have warmed up.
 *
 * <p>A change at an old worker and the expiry that comes with age are told apart: where timers
 * fire, facts leave windows that a worker of a day has not filled yet.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 10)
@Measurement(iterations = 40)
public class HistoryBenchmark {

  private static final Duration DAY = Duration.ofDays(1);

  /** How much history there is before the day that is measured. */
  public enum History {
    DAY(60),
    YEAR(365);

    private final Duration first;

    History(int firstDays) {
      first = Duration.ofDays(firstDays);
    }
  }

  @Param({"YEAR", "DAY"})
  public History history;

  @Param("250")
  public int keys;

  private final OperatingSystemMXBean system =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private final Stopwatch stopwatch = new Stopwatch();
  private ChangeStream stream;

  @Setup
  public void fill() throws Exception {
    stream = new ChangeStream(WorkerFeatures.ofManyWindows(), keys);
    stream.fill(history.first);
  }

  @Setup(Level.Iteration)
  public void forget() throws Exception {
    if (history == History.DAY) {
      stream.close();
      stream = new ChangeStream(WorkerFeatures.ofManyWindows(), keys);
      stream.fill(DAY);
    }
  }

  @Benchmark
  public void nextDay(Cost cost) throws Exception {
    long before = system.getProcessCpuTime();
    for (int change = 0; change < WorkerChanges.A_DAY * keys; change++) {
      Change next = stream.prepare();
      stopwatch.start();
      stream.update(next);
      stopwatch.stop();
      cost.changeMicros += stopwatch.processorNanos() / 1e3;
      cost.changes++;
    }
    cost.processMicros += (system.getProcessCpuTime() - before) / 1e3;
  }

  @TearDown
  public void close() throws Exception {
    stream.close();
  }

  /** Processor time, without that of making a history anew. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Cost {
    /** Of the changes alone. */
    public double changeMicros;

    /** Of the whole process, timers that fire and RocksDB's own threads included. */
    public double processMicros;

    public double changes;

    @Setup(Level.Iteration)
    public void clear() {
      changeMicros = 0;
      processMicros = 0;
      changes = 0;
    }
  }
}
