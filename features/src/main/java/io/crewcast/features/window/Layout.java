package io.crewcast.features.window;

import io.crewcast.features.definition.Derived;
import io.crewcast.features.definition.EntityDefinition;
import io.crewcast.features.definition.Feature;
import io.crewcast.features.definition.InvalidDefinitionException;
import io.crewcast.features.definition.Window;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where the columns of an entity lie in its state, and since when each counts. It only ever grows:
 * a column keeps its place when others come, and leaves it empty when it is retired.
 */
public final class Layout implements Serializable {

  /** When a column counts from the first event on. */
  public static final long FROM_THE_START = Long.MIN_VALUE;

  /**
   * A column's place.
   *
   * @param column its name
   * @param saying how its definition says it
   * @param measure what identifies in tiles what it counts: the place of the first column that
   *     counted the same, whatever became of that one
   * @param bornAt the column counts versions of facts that were recorded then or later, and takes
   *     no others back; microseconds
   * @param retired true when nothing counts in it any more, ever
   */
  public record Place(String column, String saying, int measure, long bornAt, boolean retired)
      implements Serializable {}

  private final List<Place> places;

  private Layout(List<Place> places) {
    this.places = List.copyOf(places);
  }

  /** For state that is empty. */
  public static Layout of(EntityDefinition definition) {
    return new Layout(List.of()).continuedBy(definition, FROM_THE_START);
  }

  /** What was kept with state. */
  public static Layout of(List<Place> places) {
    return new Layout(places);
  }

  public List<Place> places() {
    return places;
  }

  /**
   * For state of this layout, under a definition that may be newer.
   *
   * @param bornAt from when new columns count
   * @throws InvalidDefinitionException if a column is gone or means something else
   */
  public Layout continuedBy(EntityDefinition definition, long bornAt) {
    Map<String, String> sayings = sayings(definition);
    List<Place> continued = new ArrayList<>();
    for (Place place : places) {
      continued.add(continued(place, sayings.remove(place.column()), definition));
    }
    Map<String, String> featureOf = featureOf(definition);
    sayings.forEach(
        (column, saying) -> {
          String feature = featureOf.get(column);
          int measure =
              continued.stream()
                  .filter(place -> feature != null && feature.equals(featureOf.get(place.column())))
                  .filter(place -> place.bornAt() == bornAt)
                  .map(Place::measure)
                  .findFirst()
                  .orElse(continued.size());
          continued.add(new Place(column, saying, measure, bornAt, false));
        });
    return new Layout(continued);
  }

  private static Place continued(
      Place place, @Nullable String saying, EntityDefinition definition) {
    String entity = definition.name();
    String column = place.column();
    if (saying == null) {
      if (!place.retired() && !definition.retired().contains(column)) {
        throw new InvalidDefinitionException(
            "%s: the savepoint has '%s', the definition no longer does; put it back, or list it under retired:"
                .formatted(entity, column));
      }
      return new Place(column, place.saying(), place.measure(), place.bornAt(), true);
    } else if (place.retired()) {
      throw new InvalidDefinitionException(
          "%s: '%s' was retired before the savepoint, and what it counted is gone; give the column a name of its own, and leave '%s' under retired:"
              .formatted(entity, column, column));
    } else if (!saying.equals(place.saying())) {
      throw new InvalidDefinitionException(
          "%s: in the savepoint '%s' is '%s', now it is '%s'; give what is new a name of its own, and list the old one under retired: if it goes"
              .formatted(entity, column, place.saying(), saying));
    }
    return place;
  }

  private static Map<String, String> featureOf(EntityDefinition definition) {
    Map<String, String> featureOf = new HashMap<>();
    for (Feature feature : definition.features()) {
      feature.windows().forEach(w -> featureOf.put(w.column(feature.name()), feature.name()));
    }
    return featureOf;
  }

  private static Map<String, String> sayings(EntityDefinition definition) {
    Map<String, String> sayings = new LinkedHashMap<>();
    for (Feature feature : definition.features()) {
      for (Window window : feature.windows()) {
        sayings.put(
            window.column(feature.name()),
            window.hop() == null ? feature.saying() : feature.saying() + " by " + window.hop());
      }
    }
    for (Derived derived : definition.derived()) {
      sayings.put(derived.name(), derived.is().source());
    }
    return sayings;
  }

  /** What the features of a definition keep, each at its place. */
  List<Measure> measures(EntityDefinition definition) {
    Map<String, Integer> placeOf = new LinkedHashMap<>();
    for (int i = 0; i < places.size(); i++) {
      placeOf.put(places.get(i).column(), i);
    }
    List<Measure> measures = new ArrayList<>();
    for (Feature feature : definition.features()) {
      Map<Integer, List<Column>> columnsOf = new LinkedHashMap<>();
      for (Window window : feature.windows()) {
        int place = Objects.requireNonNull(placeOf.get(window.column(feature.name())));
        columnsOf
            .computeIfAbsent(places.get(place).measure(), measure -> new ArrayList<>())
            .add(Column.of(window, place));
      }
      columnsOf.forEach(
          (measure, columns) -> {
            long bornAt = places.get(columns.get(0).slot()).bornAt();
            measures.add(Measure.of(feature, measure, bornAt, columns));
          });
    }
    return measures;
  }
}
