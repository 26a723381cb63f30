package io.crewcast.schemas.serde;

import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * A small topic that a task follows beside its input, from the first record on. Other than a stream
 * of the job it can be waited for: who must not act before it knows all up to an instant asks for
 * that instant.
 *
 * @param <T> its records
 */
public interface Feed<T> extends Serializable {

  /**
   * A record as the topic holds it.
   *
   * @param appendedAt when the broker took it in
   */
  record Published<T>(T value, Instant appendedAt) {}

  /**
   * Begins to follow.
   *
   * @param receiver is handed each record in the order of its partition, in a thread of the feed
   */
  Following follow(Consumer<Published<T>> receiver);

  /** What follows on until it is closed. */
  interface Following extends AutoCloseable {

    /**
     * Waits until all is handed over that the broker took in before an instant.
     *
     * @param before by the clock of this machine
     * @return false when {@code limit} was over first
     */
    boolean awaitKnown(Instant before, Duration limit) throws InterruptedException;

    @Override
    void close();
  }
}
