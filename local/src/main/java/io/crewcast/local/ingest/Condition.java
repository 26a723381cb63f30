package io.crewcast.local.ingest;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * {@code where: {column: [values]}} and {@code where_not}: all of the first hold and none of the
 * second; null is a value.
 */
final class Condition {
  private Condition() {}

  static Predicate<Row> parse(
      @Nullable Setting where, @Nullable Setting whereNot, Set<String> columns) {
    return all(where, columns).and(none(whereNot, columns));
  }

  private static Predicate<Row> all(@Nullable Setting where, Set<String> columns) {
    Predicate<Row> all = row -> true;
    if (where != null) {
      for (Map.Entry<String, Setting> entry : where.entries().entrySet()) {
        all = all.and(in(entry.getKey(), entry.getValue(), columns));
      }
    }
    return all;
  }

  private static Predicate<Row> none(@Nullable Setting whereNot, Set<String> columns) {
    Predicate<Row> none = row -> true;
    if (whereNot != null) {
      for (Map.Entry<String, Setting> entry : whereNot.entries().entrySet()) {
        none = none.and(in(entry.getKey(), entry.getValue(), columns).negate());
      }
    }
    return none;
  }

  private static Predicate<Row> in(String column, Setting values, Set<String> columns) {
    if (!columns.contains(column)) {
      throw values.fault(
          "no column `" + column + "` in the file; it has " + String.join(", ", columns));
    }
    Set<@Nullable String> set = new HashSet<>();
    for (Setting value : values.items()) {
      set.add(value.textOrNull());
    }
    return row -> set.contains(row.get(column));
  }
}
