package io.crewcast.benchmarks.measure;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.ScalarResult;

/**
 * What an operation costs with all that goes on around it: how many there are in a second, and the
 * processor time of the whole process for each, RocksDB's background threads and the collector
 * included.
 */
public final class ProcessCost implements InternalProfiler {

  /** Operations a second. */
  public static final String RATE = "rate";

  /** Microseconds of processor time an operation. */
  public static final String CPU = "cpu";

  private final OperatingSystemMXBean system =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private long startedAt;
  private long cpuAtStart;

  @Override
  public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
    startedAt = System.nanoTime();
    cpuAtStart = system.getProcessCpuTime();
  }

  @Override
  public Collection<ScalarResult> afterIteration(
      BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
    double operations = result.getMetadata().getAllOps();
    double nanos = System.nanoTime() - startedAt;
    double cpuNanos = system.getProcessCpuTime() - cpuAtStart;
    return List.of(
        new ScalarResult(RATE, 1e9 * operations / nanos, "ops/s", AggregationPolicy.AVG),
        new ScalarResult(CPU, cpuNanos / operations / 1e3, "us/op", AggregationPolicy.AVG));
  }

  @Override
  public String getDescription() {
    return "Operations a second, and processor time of the whole process an operation";
  }
}
