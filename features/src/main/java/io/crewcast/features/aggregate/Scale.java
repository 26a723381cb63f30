package io.crewcast.features.aggregate;

import io.crewcast.schemas.ValueType;
import java.io.Serializable;

/**
 * How whole numbers in state stand for the values of a feature: {@code parts} of them make one.
 *
 * <p>Real numbers are kept in millionths, so that sums do not depend on order and come back exactly
 * when taken away; an observation is off by at most half a millionth.
 *
 * @param parts in one; of the type and of the unit
 * @param isWhole true when the value is the whole number itself
 */
public record Scale(long parts, boolean isWhole) implements Serializable {

  private static final long MILLIONTHS = 1_000_000;

  /**
   * For a type and a unit.
   *
   * @param input the type that is aggregated
   * @param divisor of the unit, 1 without
   */
  public static Scale of(ValueType input, long divisor) {
    boolean real = input == ValueType.DOUBLE;
    return new Scale((real ? MILLIONTHS : 1) * divisor, !real && divisor == 1);
  }

  /** The whole number that stands for an observation: Long, Double or Boolean. */
  public static long whole(Object value) {
    if (value instanceof Long number) {
      return number;
    } else if (value instanceof Boolean yes) {
      return yes ? 1 : 0;
    }
    return Math.round((Double) value * MILLIONTHS);
  }

  /** The value of a sum: Long if whole, else Double. */
  public Object value(long sum) {
    return isWhole ? (Object) sum : (Object) ((double) sum / (double) parts);
  }
}
