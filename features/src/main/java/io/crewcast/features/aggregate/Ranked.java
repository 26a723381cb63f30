package io.crewcast.features.aggregate;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Keeps the first {@link #size()} observations in an order. */
public non-sealed interface Ranked extends Aggregation {

  /**
   * One value that was observed.
   *
   * @param occurredAt microseconds
   * @param id of the event, and of the fact where events can share an id
   * @param value Long, Double, Boolean, text or a list of texts
   */
  record Observation(long occurredAt, String id, Object value) {}

  /** How many decide the result. */
  int size();

  /** True when what is newer decides before what is older. */
  default boolean isNewestFirst() {
    return false;
  }

  /** First what decides first; equal only for observations that are interchangeable. */
  Comparator<Observation> order();

  /** The feature from the first observations; null when there is none. */
  @Nullable Object result(List<Observation> first);
}
