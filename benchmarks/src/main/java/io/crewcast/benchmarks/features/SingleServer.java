package io.crewcast.benchmarks.features;

/**
 * What arrives is served one after the other: a thread that takes records and watermarks. How long
 * each is there follows from arrivals and service times (Lindley's recursion).
 */
final class SingleServer {

  private long freeAtNanos = Long.MIN_VALUE;

  /**
   * Something arrives and takes so long; all in nanoseconds.
   *
   * @return from its arrival to its end, waiting included
   */
  long serve(long arrivesAtNanos, long takesNanos) {
    freeAtNanos = Math.max(arrivesAtNanos, freeAtNanos) + takesNanos;
    return freeAtNanos - arrivesAtNanos;
  }
}
