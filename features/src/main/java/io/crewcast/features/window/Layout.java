package io.crewcast.features.window;

import io.crewcast.features.definition.Derived;
import io.crewcast.features.definition.EntityDefinition;
import io.crewcast.features.definition.Feature;
import io.crewcast.features.definition.InvalidDefinitionException;
import io.crewcast.features.definition.Window;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

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
   * @param bornAt the column counts versions of facts that were recorded then or later, and takes
   *     no others back; microseconds
   */
  public record Place(String column, String saying, long bornAt) implements Serializable {}

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
    List<Place> continued = new ArrayList<>(places);
    for (Place place : places) {
      String saying = sayings.remove(place.column());
      if (saying == null && !definition.retired().contains(place.column())) {
        throw new InvalidDefinitionException(
            "%s: the savepoint has '%s', the definition no longer does; put it back, or list it under retired:"
                .formatted(definition.name(), place.column()));
      } else if (saying != null && !saying.equals(place.saying())) {
        throw new InvalidDefinitionException(
            "%s: in the savepoint '%s' is '%s', now it is '%s'; give what is new a name of its own, and list the old one under retired: if it goes"
                .formatted(definition.name(), place.column(), place.saying(), saying));
      }
    }
    sayings.forEach((column, saying) -> continued.add(new Place(column, saying, bornAt)));
    return new Layout(continued);
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
      Map<Long, List<Column>> born = new LinkedHashMap<>();
      for (Window window : feature.windows()) {
        int place = Objects.requireNonNull(placeOf.get(window.column(feature.name())));
        born.computeIfAbsent(places.get(place).bornAt(), at -> new ArrayList<>())
            .add(Column.of(window, place));
      }
      born.forEach((at, columns) -> measures.add(Measure.of(feature, at, columns)));
    }
    return measures;
  }
}
