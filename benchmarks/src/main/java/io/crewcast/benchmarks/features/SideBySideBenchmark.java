package io.crewcast.benchmarks.features;

import com.sun.management.OperatingSystemMXBean;
import io.crewcast.features.operator.UpdateFeatures;
import io.crewcast.schemas.stream.Change;
import java.io.IOException;
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
 * Changes, in turn at workers where much is kept and at workers where little is: in one process,
 * half a second each, because the speed of a machine that others share changes by a third within a
 * minute.
 *
 * <p>The change alone and all that goes with it are told apart: making it, timers that fire, and
 * RocksDB's own threads, of whose work some may be counted half a second late, with the others.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5)
@Measurement(iterations = 25)
public class SideBySideBenchmark {

  private static final Duration DAY = Duration.ofDays(1);

  /** What is compared. */
  public enum Comparison {
    /**
     * All windows 30 days, or one hour. The history is longer than both, so that every fact that is
     * added is also taken away again.
     */
    WINDOWS(31) {
      @Override
      UpdateFeatures features(boolean much) throws IOException {
        return WorkerFeatures.ofOneWindow(much ? "30d" : "1h");
      }
    },

    /**
     * A year of history, or a day. A day would soon be many: it is made anew each time, at so many
     * workers that all changes of the next one are sent. Facts leave the windows of a worker of a
     * year, and none yet those of a worker of a day.
     */
    HISTORY(365) {
      @Override
      UpdateFeatures features(boolean much) throws IOException {
        return WorkerFeatures.ofManyWindows();
      }
    };

    private final Duration history;

    Comparison(int days) {
      history = Duration.ofDays(days);
    }

    abstract UpdateFeatures features(boolean much) throws IOException;
  }

  @Param({"WINDOWS", "HISTORY"})
  public Comparison comparison;

  /** Of the workers where much is kept. */
  @Param("2000")
  public int keys;

  /** Of those where little is kept: as many changes as these make in a day take turns. */
  @Param("2000")
  public int littleKeys;

  private final OperatingSystemMXBean system =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private final Stopwatch stopwatch = new Stopwatch();
  private ChangeStream much;
  private ChangeStream little;
  private boolean littleFirst;

  @Setup
  public void fill() throws Exception {
    much = new ChangeStream(comparison.features(true), keys);
    much.fill(comparison.history);
    if (comparison == Comparison.HISTORY) {
      little = aDayAtLittle();
    } else {
      little = new ChangeStream(comparison.features(false), littleKeys);
      little.fill(comparison.history);
    }
  }

  @Setup(Level.Iteration)
  public void forget() throws Exception {
    if (comparison == Comparison.HISTORY) {
      little.close();
      little = aDayAtLittle();
    }
    littleFirst = !littleFirst;
  }

  private ChangeStream aDayAtLittle() throws Exception {
    ChangeStream stream = new ChangeStream(comparison.features(false), littleKeys);
    stream.send(DAY);
    return stream;
  }

  @Benchmark
  public void alternately(Cost cost) throws Exception {
    if (littleFirst) {
      ofLittle(cost);
    }
    Spent spent = send(much);
    cost.muchChange += spent.changeMicros;
    cost.muchInAll += spent.inAllMicros;
    if (!littleFirst) {
      ofLittle(cost);
    }
    cost.changes += changes();
  }

  private int changes() {
    return WorkerChanges.A_DAY * littleKeys;
  }

  private void ofLittle(Cost cost) throws Exception {
    Spent spent = send(little);
    cost.littleChange += spent.changeMicros;
    cost.littleInAll += spent.inAllMicros;
  }

  /** Processor time. */
  private record Spent(double changeMicros, double inAllMicros) {}

  private Spent send(ChangeStream stream) throws Exception {
    long before = system.getProcessCpuTime();
    long inChanges = 0;
    for (int change = 0; change < changes(); change++) {
      Change next = stream.prepare();
      stopwatch.start();
      stream.update(next);
      stopwatch.stop();
      inChanges += stopwatch.processorNanos();
    }
    return new Spent(inChanges / 1e3, (system.getProcessCpuTime() - before) / 1e3);
  }

  @TearDown
  public void close() throws Exception {
    much.close();
    little.close();
  }

  /** Processor time in microseconds: of the changes alone, and of the whole process. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Cost {
    public double muchChange;
    public double muchInAll;
    public double littleChange;
    public double littleInAll;

    /** Of each. */
    public double changes;

    @Setup(Level.Iteration)
    public void clear() {
      muchChange = 0;
      muchInAll = 0;
      littleChange = 0;
      littleInAll = 0;
      changes = 0;
    }
  }
}
