package io.crewcast.features.aggregate;

import io.crewcast.schemas.ValueType;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How observations become a feature.
 *
 * <p>Each turns an observation into a {@link Contribution}: whole numbers under a key. Partials are
 * the sums of contributions, so that adding and taking back are exact and no order matters. A new
 * aggregation is a constant here: what it contributes, what it yields, which inputs it takes.
 */
public enum Aggregation {
  /** Number of facts. */
  COUNT(1),
  /** Sum of numbers, null-safe: a missing number adds nothing. */
  SUM(1),
  /** Mean of numbers or share of yes, over the observations that are there. */
  MEAN(2),
  /** Number of distinct texts. */
  DISTINCT(1),
  /** The value of the newest observation, by (occurred_at, event_id). */
  LAST(1);

  /**
   * Real numbers are kept in millionths, as whole numbers: sums do not depend on order and come
   * back exactly when taken away; an observation is off by at most half a millionth.
   */
  private static final long PARTS_OF_ONE = 1_000_000;

  private final int width;

  Aggregation(int width) {
    this.width = width;
  }

  /** How many whole numbers a partial has. */
  public int width() {
    return width;
  }

  public String yamlName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** True when the key of a contribution tells values apart, rather than being empty. */
  public boolean isKeyed() {
    return this == DISTINCT || this == LAST;
  }

  /** True when values of this type can be aggregated so. */
  public boolean accepts(ValueType input) {
    return switch (this) {
      case COUNT, LAST -> true;
      case SUM -> input.isNumber();
      case MEAN -> input.isNumber() || input == ValueType.BOOLEAN;
      case DISTINCT -> input == ValueType.STRING;
    };
  }

  /** The type of the feature; {@code divided} when a unit converts it. */
  public ValueType resultType(ValueType input, boolean divided) {
    return switch (this) {
      case COUNT, DISTINCT -> ValueType.LONG;
      case SUM -> divided ? ValueType.DOUBLE : input;
      case MEAN -> ValueType.DOUBLE;
      case LAST -> input;
    };
  }

  /**
   * What one observation contributes, or null when it contributes nothing because it is missing.
   *
   * @param value Long, Double, Boolean or String; instants as microseconds
   * @param occurredAt microseconds
   * @param eventId breaks ties between observations of the same instant
   */
  public @Nullable Contribution contribution(
      @Nullable Object value, long occurredAt, String eventId) {
    if (this == COUNT) {
      return new Contribution("", List.of(1L));
    }
    if (value == null) {
      return null;
    }
    return switch (this) {
      case SUM -> new Contribution("", List.of(whole(value)));
      case MEAN -> new Contribution("", List.of(whole(value), 1L));
      case DISTINCT -> new Contribution((String) value, List.of(1L));
      case LAST -> new Contribution(Candidate.encode(occurredAt, eventId, value), List.of(1L));
      case COUNT -> throw new IllegalStateException();
    };
  }

  /**
   * The feature's value from a dense partial.
   *
   * @param sums {@link #width()} whole numbers; for DISTINCT the number of keys
   * @param input the type that was aggregated
   * @param divisor of the unit, 1 without
   */
  public @Nullable Object result(List<Long> sums, ValueType input, long divisor) {
    long parts = input == ValueType.DOUBLE ? PARTS_OF_ONE : 1;
    return switch (this) {
      case COUNT, DISTINCT -> sums.get(0);
      case SUM ->
          parts == 1 && divisor == 1
              ? (Object) sums.get(0)
              : (Object) ((double) sums.get(0) / (double) (parts * divisor));
      case MEAN ->
          sums.get(1) == 0
              ? null
              : (double) sums.get(0) / ((double) sums.get(1) * (double) (parts * divisor));
      case LAST -> throw new IllegalStateException("last is read from its candidate");
    };
  }

  private static long whole(Object value) {
    if (value instanceof Long number) {
      return number;
    } else if (value instanceof Boolean yes) {
      return yes ? 1 : 0;
    }
    return Math.round((Double) value * PARTS_OF_ONE);
  }
}
