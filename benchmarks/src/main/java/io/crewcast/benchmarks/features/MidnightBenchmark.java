package io.crewcast.benchmarks.features;

import io.crewcast.features.operator.GoLive;
import io.crewcast.features.operator.Keys;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.stream.Change;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
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
 * A steady stream of changes while event time passes the midnight at which idle workers, who all
 * logged in the same hour 30 days ago, leave a window of 30 days.
 *
 * <p>Changes arrive at a fixed distance and watermarks every 200 ms, on a clock that event time
 * keeps in step with. What each takes is measured; what each waits behind others, the timers that a
 * watermark fires above all, is computed as at a single server. Thus the pace is exact, whatever
 * the machine.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 0)
@Measurement(iterations = 1)
public class MidnightBenchmark {

  private static final Instant MIDNIGHT = Instant.parse("2026-03-02T00:00:00Z");
  private static final Duration WINDOW = Duration.ofDays(30);
  private static final Duration EVENING = Duration.ofSeconds(10);
  private static final long CHANGES_A_SECOND = 1_000;
  private static final Duration STEP = Duration.ofSeconds(1).dividedBy(CHANGES_A_SECOND);

  /** As pipeline.auto-watermark-interval. */
  private static final long WATERMARK_MILLIS = 200;

  @Param("100000")
  public int idle;

  @Param("10000")
  public int keys;

  /** Length of the minute before midnight and of the one after it. */
  @Param("60")
  public int seconds;

  private final Stopwatch stopwatch = new Stopwatch();
  private final SingleServer byClock = new SingleServer();
  private final SingleServer byProcessor = new SingleServer();
  private final Latencies onTheClock = new Latencies();
  private final Latencies ofTheProcessor = new Latencies();
  private OnRocksDb<Change, Change> operator;
  private WorkerChanges live;
  private long next;

  @Setup
  public void fill() throws Exception {
    operator =
        new OnRocksDb<>(
            new GoLive<>(WorkerFeatures.ofOneWindow("30d"), false), Keys.entity(EntityType.WORKER));
    Instant evening = MIDNIGHT.minus(WINDOW).minus(EVENING);
    WorkerChanges logged = new WorkerChanges("idle", idle, evening, EVENING.dividedBy(idle));
    for (long number = 0; number < idle; number++) {
      operator.process(logged.change(number), logged.millis(number));
    }
    operator.checkpoint();
    live = new WorkerChanges("live", keys, MIDNIGHT.minusSeconds(3L * seconds), STEP);
  }

  @Benchmark
  public void pass(Minutes minutes) throws Exception {
    pass();
    pass();
    minutes.normalP50 = onTheClock.quantileMicros(0.5);
    minutes.normalP99 = onTheClock.quantileMicros(0.99);
    minutes.normalProcessorP99 = ofTheProcessor.quantileMicros(0.99);
    // not the minute just before, so that nothing of it waits at midnight
    pass();
    long records = operator.records();
    pass();
    minutes.midnightP50 = onTheClock.quantileMicros(0.5);
    minutes.midnightP99 = onTheClock.quantileMicros(0.99);
    minutes.midnightProcessorP99 = ofTheProcessor.quantileMicros(0.99);
    minutes.expiryRows = operator.records() - records - 2 * CHANGES_A_SECOND * seconds;
  }

  /** One minute goes by. */
  private void pass() throws Exception {
    onTheClock.clear();
    ofTheProcessor.clear();
    for (long until = next + CHANGES_A_SECOND * seconds; next < until; next++) {
      long now = live.millis(next);
      long arrivesAt = next * STEP.toNanos();
      if (now % WATERMARK_MILLIS == 0) {
        stopwatch.start();
        operator.watermark(now - 1);
        stopwatch.stop();
        byClock.serve(arrivesAt, stopwatch.nanos());
        byProcessor.serve(arrivesAt, stopwatch.processorNanos());
      }
      stopwatch.start();
      operator.process(live.change(next), now);
      stopwatch.stop();
      onTheClock.add(byClock.serve(arrivesAt, stopwatch.nanos()));
      ofTheProcessor.add(byProcessor.serve(arrivesAt, stopwatch.processorNanos()));
    }
  }

  @TearDown
  public void close() throws Exception {
    operator.close();
  }

  /** What came of it. Latencies are in microseconds; those of the processor leave waiting out. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Minutes {
    public double normalP50;
    public double normalP99;
    public double normalProcessorP99;
    public double midnightP50;
    public double midnightP99;
    public double midnightProcessorP99;
    public double expiryRows;
  }
}
