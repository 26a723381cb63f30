package io.crewcast.benchmarks.features;

import io.crewcast.schemas.TimeEntry;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.Fact;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.functions.windowing.PassThroughWindowFunction;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.windowing.assigners.SlidingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.streaming.runtime.operators.windowing.WindowOperatorBuilder;
import org.jspecify.annotations.Nullable;
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
 * The changes of {@link UpdateBenchmark} through the window that Flink has for this: one sum over
 * 30 days by the hour, where {@link UpdateBenchmark} has 25 features.
 *
 * <p>It starts without history, which favours it: a month of it would take hours to build.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 10)
@Measurement(iterations = 3, time = 10)
public class SlidingWindowBenchmark {

  @Param("10000")
  public int keys;

  private final Watermarks watermarks = new Watermarks();
  private WorkerChanges changes;
  private OnRocksDb<Tuple2<String, Long>, Tuple2<String, Long>> window;
  private Tuple2<String, Long> event;
  private long next;

  @Setup
  public void open() throws Exception {
    changes = WorkerChanges.aDay(keys, ChangeStream.START);
    KeySelector<Tuple2<String, Long>, String> key = event -> event.f0;
    window = new OnRocksDb<>(sumOfThirtyDays(key), key);
  }

  private static OneInputStreamOperator<Tuple2<String, Long>, Tuple2<String, Long>> sumOfThirtyDays(
      KeySelector<Tuple2<String, Long>, String> key) {
    SlidingEventTimeWindows windows =
        SlidingEventTimeWindows.of(Duration.ofDays(30), Duration.ofHours(1));
    TypeInformation<Tuple2<String, Long>> type = Types.TUPLE(Types.STRING, Types.LONG);
    return new WindowOperatorBuilder<>(
            windows,
            windows.getDefaultTrigger(),
            new ExecutionConfig().enableObjectReuse(),
            type,
            key,
            Types.STRING)
        .reduce(
            (one, other) -> Tuple2.of(one.f0, one.f1 + other.f1),
            new PassThroughWindowFunction<String, TimeWindow, Tuple2<String, Long>>());
  }

  @Setup(Level.Invocation)
  public void prepare() throws Exception {
    long now = changes.millis(next);
    if (watermarks.isDue(now)) {
      window.watermark(now - 1);
    }
    Change change = changes.change(next);
    event =
        Tuple2.of(changes.key(next), minutes(change.getApplied()) - minutes(change.getRetracted()));
    next++;
  }

  private static long minutes(@Nullable Fact fact) {
    return fact != null && fact.getEvent().getPayload() instanceof TimeEntry entry
        ? entry.getMinutes()
        : 0;
  }

  @Benchmark
  public void reduce() throws Exception {
    window.process(event, changes.millis(next - 1));
  }

  @TearDown
  public void close() throws Exception {
    window.close();
  }
}
