package io.crewcast.features.window;

import java.util.ArrayList;
import java.util.List;

/**
 * What one kind of fact did to an entity within one day: read and written together.
 *
 * @param tiles what each hop of the day adds up to, in the order of hop and start
 * @param kept facts that must be known one by one
 */
public record DayPage(List<Tile> tiles, List<KeptFact> kept) {

  DayPage() {
    this(new ArrayList<>(), new ArrayList<>());
  }

  boolean isEmpty() {
    return tiles.isEmpty() && kept.isEmpty();
  }
}
