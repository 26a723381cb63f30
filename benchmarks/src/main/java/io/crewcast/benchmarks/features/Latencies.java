package io.crewcast.benchmarks.features;

import java.util.Arrays;

/** All latencies of one measurement, in nanoseconds. */
final class Latencies {

  private long[] nanos = new long[1 << 16];
  private int size;

  void add(long latencyNanos) {
    if (size == nanos.length) {
      nanos = Arrays.copyOf(nanos, 2 * size);
    }
    nanos[size++] = latencyNanos;
  }

  /** What a share of them do not exceed, in microseconds; NaN when there are none. */
  double quantileMicros(double share) {
    if (size == 0) {
      return Double.NaN;
    }
    long[] sorted = Arrays.copyOf(nanos, size);
    Arrays.sort(sorted);
    return sorted[Math.max(0, (int) Math.ceil(share * size) - 1)] / 1e3;
  }

  void clear() {
    size = 0;
  }
}
