package io.crewcast.features.window;

import io.crewcast.features.aggregate.Additive;
import io.crewcast.features.aggregate.Ranked;
import io.crewcast.features.aggregate.Scale;
import io.crewcast.features.aggregate.Tallied;
import io.crewcast.features.definition.Feature;
import io.crewcast.features.definition.Hop;
import io.crewcast.schemas.expression.FactFields;
import io.crewcast.schemas.stream.Fact;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the columns of a feature that were born together observe: one entry in each tile.
 *
 * @param feature whose columns these are
 * @param id identifies it in tiles
 * @param bornAt from when on it counts, microseconds
 * @param columns the windows
 * @param hops those of the windows, where tiles are kept
 * @param scale of its numbers
 */
record Measure(
    Feature feature, int id, long bornAt, List<Column> columns, Set<Hop> hops, Scale scale) {

  static Measure of(Feature feature, int id, long bornAt, List<Column> columns) {
    Set<Hop> hops = EnumSet.noneOf(Hop.class);
    if (!(feature.aggregation() instanceof Ranked)) {
      columns.stream().map(Column::hop).filter(hop -> hop != null).forEach(hops::add);
    }
    return new Measure(feature, id, bornAt, List.copyOf(columns), hops, feature.scale());
  }

  /** What an observation adds. */
  static final class Contribution {

    /** Empty, or what splits the measure. */
    final String key;

    /** To add or take away. */
    final long[] numbers;

    Contribution(String key, long... numbers) {
      this.key = key;
      this.numbers = numbers;
    }
  }

  /** What a fact adds; nothing when something is missing. */
  List<Contribution> contributions(Fact fact, @Nullable Object input) {
    String field = feature.key();
    String key = field == null ? "" : (String) FactFields.value(fact, field);
    if (key == null || (input == null && !feature.input().isEmpty())) {
      return List.of();
    }
    if (feature.aggregation() instanceof Additive additive) {
      long[] numbers = additive.contribution(input == null ? 1 : Scale.whole(input));
      return List.of(new Contribution(key, numbers));
    } else if (feature.aggregation() instanceof Tallied tallied && input != null) {
      if (tallied.isWeighted()) {
        return List.of(new Contribution(key, Scale.whole(input)));
      } else if (input instanceof List<?> items) {
        return items.stream()
            .distinct()
            .map(item -> new Contribution(tallied.key(item), 1))
            .toList();
      }
      return List.of(new Contribution(tallied.key(input), 1));
    }
    throw new IllegalStateException(feature.name() + " keeps observations, not sums");
  }

  /** Those of the columns that have this window. */
  List<Column> columns(long minutes, Hop hop) {
    for (int i = 0; i < columns.size(); i++) {
      Column column = columns.get(i);
      if (column.minutes() == minutes && column.hop() == hop) {
        return columns.size() == 1 ? columns : columns.subList(i, i + 1);
      }
    }
    return List.of();
  }

  /** The key of its entry in a tile. */
  byte[] entryKey(String key) {
    byte[] text = key.getBytes(StandardCharsets.UTF_8);
    byte[] entryKey = new byte[2 + text.length];
    entryKey[0] = (byte) id;
    entryKey[1] = (byte) (id >>> 8);
    System.arraycopy(text, 0, entryKey, 2, text.length);
    return entryKey;
  }

  static int idOf(byte[] entryKey) {
    return (entryKey[0] & 0xFF) | ((entryKey[1] & 0xFF) << 8);
  }

  static String keyOf(byte[] entryKey) {
    return new String(entryKey, 2, entryKey.length - 2, StandardCharsets.UTF_8);
  }

  /** Whether numbers are kept under keys. */
  boolean isKeyed() {
    return feature.aggregation() instanceof Tallied || feature.key() != null;
  }
}
