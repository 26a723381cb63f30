package io.crewcast.benchmarks.features;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/** What the calling thread takes: on the clock, and of the processor. */
final class Stopwatch {

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private long nanos;
  private long processorNanos;

  void start() {
    processorNanos = threads.getCurrentThreadCpuTime();
    nanos = System.nanoTime();
  }

  void stop() {
    nanos = System.nanoTime() - nanos;
    processorNanos = threads.getCurrentThreadCpuTime() - processorNanos;
  }

  /** From start to stop. */
  long nanos() {
    return nanos;
  }

  /** Of these, how long the thread ran. */
  long processorNanos() {
    return processorNanos;
  }
}
