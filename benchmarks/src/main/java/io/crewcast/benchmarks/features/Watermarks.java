package io.crewcast.benchmarks.features;

/** A watermark for every minute of event time that has begun. */
final class Watermarks {

  private static final long EVERY_MILLIS = 60_000;

  private long last;

  boolean isDue(long eventTimeMillis) {
    if (eventTimeMillis - last < EVERY_MILLIS) {
      return false;
    }
    last = eventTimeMillis;
    return true;
  }
}
