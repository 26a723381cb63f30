package io.crewcast.features.window;

import io.crewcast.features.definition.Hop;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one kind of fact did to an entity within one day: read and written together.
 *
 * @param tiles what each hop of the day adds up to, in the order of hop and start
 * @param kept facts that must be known one by one
 */
public record DayPage(List<Tile> tiles, List<KeptFact> kept) {

  /**
   * What the facts of one hop add up to.
   *
   * @param hop its length
   * @param start microseconds
   * @param entries by measure and key
   */
  record Tile(Hop hop, long start, Entries entries) {}

  DayPage() {
    this(new ArrayList<>(), new ArrayList<>());
  }

  /** The tile that starts then, or null. */
  @Nullable Tile tile(Hop hop, long start) {
    int place = place(hop, start);
    return place < tiles.size() && is(tiles.get(place), hop, start) ? tiles.get(place) : null;
  }

  /** The tile that starts then, made if need be. */
  Tile tileOf(Hop hop, long start) {
    int place = place(hop, start);
    if (place == tiles.size() || !is(tiles.get(place), hop, start)) {
      tiles.add(place, new Tile(hop, start, new Entries()));
    }
    return tiles.get(place);
  }

  private int place(Hop hop, long start) {
    int place = tiles.size();
    // from the end: most facts belong to the newest tile
    while (place > 0 && !isBefore(tiles.get(place - 1), hop, start)) {
      place--;
    }
    return place;
  }

  private static boolean isBefore(Tile tile, Hop hop, long start) {
    return tile.hop() == hop ? tile.start() < start : tile.hop().compareTo(hop) < 0;
  }

  private static boolean is(Tile tile, Hop hop, long start) {
    return tile.hop() == hop && tile.start() == start;
  }

  boolean isEmpty() {
    return tiles.isEmpty() && kept.isEmpty();
  }
}
