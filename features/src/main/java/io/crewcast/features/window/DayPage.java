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

  /** Bytes of the heap: its texts and values too. */
  private static final int OF_A_FACT = 500;

  DayPage() {
    this(new ArrayList<>(), new ArrayList<>());
  }

  /** Bytes of the heap, about. */
  public int memory() {
    return 150 + Tile.memory(tiles) + OF_A_FACT * kept.size();
  }

  boolean isEmpty() {
    return tiles.isEmpty() && kept.isEmpty();
  }
}
