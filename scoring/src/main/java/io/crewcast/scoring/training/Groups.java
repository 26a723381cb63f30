package io.crewcast.scoring.training;

import io.crewcast.scoring.model.ModelSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Which examples are ranked with each other.
 *
 * @param rows of each group, in the order of the examples
 */
record Groups(List<List<Integer>> rows) {

  static Groups of(ModelSpec spec, List<Example> examples) {
    if (spec.train().grouping() == null) {
      return new Groups(List.of());
    }
    Map<String, List<Integer>> rows = new LinkedHashMap<>();
    for (int row = 0; row < examples.size(); row++) {
      Example example = examples.get(row);
      String group = spec.group(example.company(), example.asOf(), example.values());
      rows.computeIfAbsent(Objects.requireNonNull(group), name -> new ArrayList<>()).add(row);
    }
    return new Groups(List.copyOf(rows.values()));
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  /** The examples, group after group, as XGBoost wants them. */
  List<Example> sorted(List<Example> examples) {
    return isEmpty()
        ? examples
        : rows.stream().flatMap(Collection::stream).map(examples::get).toList();
  }

  int[] sizes() {
    return rows.stream().mapToInt(List::size).toArray();
  }

  /** The groups of some rows, which are numbered anew. */
  Groups of(List<Integer> some) {
    Map<Integer, Integer> numbers = new LinkedHashMap<>();
    some.forEach(row -> numbers.put(row, numbers.size()));
    return new Groups(
        rows.stream()
            .map(
                group ->
                    group.stream().flatMap(row -> Stream.ofNullable(numbers.get(row))).toList())
            .filter(group -> !group.isEmpty())
            .toList());
  }
}
