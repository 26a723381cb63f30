package io.crewcast.sinks.redis;

import java.io.Serializable;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How the elements of a stream stand in Redis, one row an identity: that of the greatest ({@code
 * asOf}, {@code order}).
 */
interface OnlineView<T> extends Serializable {

  /** Whose row an element is; null when it is not kept. */
  @Nullable String identity(T element);

  Instant asOf(T element);

  /** Of those as of one moment the greatest stands; not negative, below 10^16. */
  long order(T element);

  /** The row of an element that has an identity. */
  OnlineRow row(T element);

  /** The one whose row stands; of equal ones the right one. */
  default T newer(T left, T right) {
    int order = asOf(left).compareTo(asOf(right));
    if (order == 0) {
      order = Long.compare(order(left), order(right));
    }
    return order > 0 ? left : right;
  }
}
