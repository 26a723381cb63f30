package io.crewcast.features.aggregate;

import io.crewcast.schemas.ValueType;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The least or the greatest of numbers or instants.
 *
 * @param greatest false for the least
 */
record Extreme(boolean greatest) implements Ranked {

  @SuppressWarnings("unchecked") // all values of a feature are of one type, which is comparable
  private static final Comparator<Observation> LEAST =
      Comparator.comparing(observation -> (Comparable<Object>) observation.value());

  private static final Comparator<Observation> GREATEST = LEAST.reversed();

  @Override
  public boolean accepts(ValueType input) {
    return input.isNumber() || input == ValueType.INSTANT;
  }

  @Override
  public ValueType type(ValueType input) {
    return input;
  }

  @Override
  public boolean isAmount() {
    return true;
  }

  @Override
  public int size() {
    return 1;
  }

  @Override
  public Comparator<Observation> order() {
    return greatest ? GREATEST : LEAST;
  }

  @Override
  public @Nullable Object result(List<Observation> first) {
    return first.isEmpty() ? null : first.get(0).value();
  }
}
