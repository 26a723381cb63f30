package io.crewcast.benchmarks.redis;

import io.crewcast.local.stack.LocalStack;
import io.crewcast.local.stack.Part;
import io.crewcast.schemas.FeatureVector;
import java.util.List;
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
 * The sink and {@code redis-benchmark} write rows of the same size to one server in turn, each
 * through one connection and with as many commands in a pipeline.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 5)
@Measurement(iterations = 15)
public class SinkBenchmark {

  /** Rows of a turn. */
  @Param("50000")
  public int rows;

  @Param("500")
  public int depth;

  private LocalStack stack;
  private FeatureSinkHarness sink;
  private RedisBenchmarkProgram program;
  private WorkerRows workers;

  @Setup
  public void start() throws Exception {
    RedisBenchmarkProgram.require();
    stack = LocalStack.start(Part.REDIS);
    sink = new FeatureSinkHarness(stack.redisUri(), depth);
    program = new RedisBenchmarkProgram(stack.redisUri(), depth);
    workers = new WorkerRows(rows);
  }

  @Benchmark
  public void write(Rates rates) throws Exception {
    List<FeatureVector> changes = workers.next();
    long start = System.nanoTime();
    sink.write(changes);
    rates.sink += changes.size() * 1e9 / (System.nanoTime() - start);
    rates.hset += program.hset(workers);
    rates.set += program.set(workers);
    rates.turns++;
  }

  @TearDown
  public void stop() throws Exception {
    sink.close();
    stack.close();
  }

  /** Summed over turns: rows a second. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Rates {
    public double sink;
    public double hset;
    public double set;
    public double turns;

    @Setup(Level.Iteration)
    public void clear() {
      sink = 0;
      hset = 0;
      set = 0;
      turns = 0;
    }
  }
}
