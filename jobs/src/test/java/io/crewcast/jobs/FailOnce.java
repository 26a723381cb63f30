package io.crewcast.jobs;

import io.crewcast.schemas.stream.Received;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.functions.MapFunction;

/** Hands on what it is given, but for one failure in the life of a job, with all its attempts. */
final class FailOnce implements MapFunction<Received, Received> {

  private static final AtomicInteger SEEN = new AtomicInteger();

  private final int after;

  /**
   * Begins to count.
   *
   * @param after how many records it fails
   */
  FailOnce(int after) {
    SEEN.set(0);
    this.after = after;
  }

  /** How many records the attempts were given, taken together. */
  static int seen() {
    return SEEN.get();
  }

  @Override
  public Received map(Received received) {
    if (SEEN.incrementAndGet() == after) {
      throw new IllegalStateException("a failure, as a test wants it");
    }
    return received;
  }
}
