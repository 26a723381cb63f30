package io.crewcast.features.definition;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureSchema.Column;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One feature file: everything that is kept and served about one kind of entity.
 *
 * @param entity whose features these are
 * @param about what the entity is
 * @param freshWithin how old the newest fact of a source may be that says nothing itself; null for
 *     no promise
 * @param sources the facts that count, by name
 * @param features in the order of the file
 * @param derived in the order of the file
 * @param retired names of columns that were once, and may not be used again
 */
public record EntityDefinition(
    EntityType entity,
    String about,
    @Nullable Duration freshWithin,
    Map<String, FactSource> sources,
    List<Feature> features,
    List<Derived> derived,
    Set<String> retired)
    implements Serializable {

  /** Longest look-back of what can still be corrected, also for lifetime values. */
  public static final Duration CORRECTABLE_FOR = Duration.ofDays(366);

  /** {@code worker}. */
  public String name() {
    return FeatureSchema.nameOf(entity);
  }

  /** The columns, in the order of the vector: features by window, then derived ones. */
  public FeatureSchema schema() {
    List<Column> columns = new ArrayList<>();
    for (Feature feature : features) {
      for (Window window : feature.windows()) {
        columns.add(
            new Column(
                window.column(feature.name()),
                feature.type(),
                doc(feature, window),
                window.length()));
      }
    }
    for (Derived column : derived) {
      Duration longest =
          columns.stream()
              .filter(other -> column.is().names().contains(other.name()))
              .map(Column::window)
              .filter(Objects::nonNull)
              .max(Duration::compareTo)
              .orElse(null);
      columns.add(new Column(column.name(), column.is().type(), column.about(), longest));
    }
    return new FeatureSchema(entity, about, columns);
  }

  /** The unit of a column's values; empty where they have none. */
  public String unit(String column) {
    for (Feature feature : features) {
      if (feature.windows().stream().anyMatch(w -> w.column(feature.name()).equals(column))) {
        return feature.unit();
      }
    }
    return derived.stream()
        .filter(derivation -> derivation.name().equals(column))
        .map(Derived::unit)
        .findFirst()
        .orElse("");
  }

  /** How old the newest fact behind the features of a source may be; null for no promise. */
  public @Nullable Duration freshWithin(FactSource source) {
    return source.freshWithin() == null ? freshWithin : source.freshWithin();
  }

  /** The longest window over all features, or null when there is none. */
  public @Nullable Duration longestWindow() {
    return features.stream()
        .flatMap(feature -> feature.windows().stream())
        .map(Window::length)
        .filter(length -> length != null)
        .max(Duration::compareTo)
        .orElse(null);
  }

  private static String doc(Feature feature, Window window) {
    if (window.isLifetime()) {
      return feature.about() + (window.name().isEmpty() ? "" : ", in total");
    }
    return feature.about() + ", last " + window.name();
  }
}
