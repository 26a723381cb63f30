package io.crewcast.features.aggregate;

import io.crewcast.schemas.CodePoints;
import io.crewcast.schemas.ValueType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The most frequent texts, the most frequent first; of those that are equally frequent the one that
 * sorts first by code point. OTHER is none of them.
 *
 * @param n how many; one is a text, more are a list
 */
record Top(int n) implements Tallied {

  private record Frequency(String text, long number) {}

  private static final Comparator<Frequency> MOST_FREQUENT =
      Comparator.comparingLong(Frequency::number)
          .reversed()
          .thenComparing(Frequency::text, CodePoints.ORDER);

  @Override
  public boolean accepts(ValueType input) {
    return input == ValueType.STRING || input == ValueType.STRINGS;
  }

  @Override
  public ValueType type(ValueType input) {
    return n == 1 ? ValueType.STRING : ValueType.STRINGS;
  }

  @Override
  public @Nullable Object result(Counts counts) {
    List<Frequency> all = new ArrayList<>();
    counts.forEach(
        (text, number) -> {
          if (text != null) {
            all.add(new Frequency(text, number));
          }
        });
    List<String> first = all.stream().sorted(MOST_FREQUENT).limit(n).map(Frequency::text).toList();
    if (first.isEmpty()) {
      return null;
    }
    return n == 1 ? first.get(0) : first;
  }
}
