package io.crewcast.features.aggregate;

import io.crewcast.schemas.CodePoints;
import io.crewcast.schemas.ValueType;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The newest observations, the newest first, by (occurred_at, event_id).
 *
 * @param n how many; one is the value itself, more are a list of numbers or texts
 */
record Last(int n) implements Ranked {

  private static final Comparator<Observation> NEWEST =
      Comparator.comparingLong(Observation::occurredAt)
          .thenComparing(Observation::id, CodePoints.ORDER)
          .thenComparing(observation -> observation.value().toString(), CodePoints.ORDER)
          .reversed();

  @Override
  public boolean accepts(ValueType input) {
    return n == 1 || input.isNumber() || input == ValueType.STRING;
  }

  @Override
  public ValueType type(ValueType input) {
    if (n == 1) {
      return input;
    }
    return input.isNumber() ? ValueType.DOUBLES : ValueType.STRINGS;
  }

  @Override
  public boolean isAmount() {
    return n == 1;
  }

  @Override
  public int size() {
    return n;
  }

  @Override
  public boolean isNewestFirst() {
    return true;
  }

  @Override
  public Comparator<Observation> order() {
    return NEWEST;
  }

  @Override
  public @Nullable Object result(List<Observation> first) {
    if (first.isEmpty()) {
      return null;
    }
    if (n == 1) {
      return first.get(0).value();
    }
    return first.stream()
        .map(Observation::value)
        .map(value -> value instanceof Long number ? (Object) number.doubleValue() : value)
        .toList();
  }
}
