package io.crewcast.features.aggregate;

import org.jspecify.annotations.Nullable;

/**
 * Keeps one whole number under each key: how often it was observed or, when {@link #isWeighted()},
 * the sum of what was observed under it. A key whose number is zero is gone.
 */
public non-sealed interface Tallied extends Aggregation {

  /** What is kept, to be read. */
  interface Counts {

    /** How many keys there are; those that share OTHER are one. */
    int size();

    /** Hands out every key with its number, in no order. */
    void forEach(Reader reader);

    /** Takes a key and its number; null is OTHER, what several keys share. */
    interface Reader {
      void read(@Nullable String key, long number);
    }
  }

  /** The key of an observation: itself, or a class of values that count as one. */
  default String key(Object value) {
    return (String) value;
  }

  /** True when {@code of} names the key and the observation is what adds up under it. */
  default boolean isWeighted() {
    return false;
  }

  /** How many keys are told apart unless the definition says otherwise. */
  default int atMost() {
    return 256;
  }

  /** The feature from what is kept; null when nothing was observed. */
  @Nullable Object result(Counts counts);
}
