package io.crewcast.benchmarks.redis;

import io.crewcast.local.stack.LocalStack;
import io.crewcast.local.stack.Part;
import io.crewcast.schemas.EntityType;
import io.crewcast.sinks.redis.OnlineFeatures;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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

/** Reads thirty features of workers at random, from a server on the loopback. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 3, time = 5)
public class ReadBenchmark {

  /** Workers that Redis has. */
  @Param("50000")
  public int rows;

  private static final int MANY = 100;

  private final SplittableRandom random = new SplittableRandom(2);
  private LocalStack stack;
  private OnlineFeatures online;

  @Setup
  public void start() throws Exception {
    stack = LocalStack.start(Part.REDIS);
    try (var sink = new FeatureSinkHarness(stack.redisUri(), 500)) {
      sink.write(new WorkerRows(rows).next());
    }
    online = new OnlineFeatures(stack.redisUri(), List.of(WorkerRows.schema()));
  }

  @Benchmark
  public Object one() {
    return online.read(EntityType.WORKER, WorkerRows.COMPANY, WorkerRows.id(random.nextInt(rows)));
  }

  @Benchmark
  public Object many() {
    List<String> ids =
        IntStream.range(0, MANY).mapToObj(i -> WorkerRows.id(random.nextInt(rows))).toList();
    return online.read(EntityType.WORKER, WorkerRows.COMPANY, ids);
  }

  @TearDown
  public void stop() {
    online.close();
    stack.close();
  }
}
