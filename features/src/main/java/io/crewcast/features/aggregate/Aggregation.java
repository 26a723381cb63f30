package io.crewcast.features.aggregate;

import io.crewcast.schemas.ValueType;
import java.io.Serializable;

/**
 * How observations become a feature. There are three families, by what has to be kept so that every
 * observation can be taken back exactly:
 *
 * <ul>
 *   <li>{@link Additive}: a few whole numbers that add, whatever the number of observations
 *   <li>{@link Tallied}: whole numbers under keys, bounded in keys
 *   <li>{@link Ranked}: the first few observations in an order; the others are looked up again when
 *       one of these goes
 * </ul>
 *
 * <p>A new aggregation is a class of one of the families and a line in {@link Catalogue}.
 */
public sealed interface Aggregation extends Serializable permits Additive, Tallied, Ranked {

  /** True when values of this type can be aggregated so; numbers, unless it says otherwise. */
  default boolean accepts(ValueType input) {
    return input.isNumber();
  }

  /** The type of the feature when no unit converts it; a real number, unless it says otherwise. */
  default ValueType type(ValueType input) {
    return ValueType.DOUBLE;
  }

  /** True when the result is an amount of the input, so that a unit can convert it. */
  default boolean isAmount() {
    return false;
  }
}
