package io.crewcast.features.aggregate;

import org.jspecify.annotations.Nullable;

/**
 * Keeps {@link #width()} whole numbers, the sums of what each observation contributes: taking one
 * back subtracts, and no order matters.
 */
public non-sealed interface Additive extends Aggregation {

  /** How many whole numbers are kept. */
  int width();

  /**
   * What one observation contributes.
   *
   * @param value a whole number of the parts of {@link Scale}; 1 for a yes and for a counted fact
   * @return {@link #width()} whole numbers
   */
  long[] contribution(long value);

  /** The feature from the sums; null when nothing was observed. */
  @Nullable Object result(long[] sums, Scale scale);
}
