package io.crewcast.features.window;

import io.crewcast.features.definition.Hop;
import java.util.List;

/**
 * What the facts of one hop add up to.
 *
 * @param hop its length
 * @param start microseconds
 * @param entries by measure and key
 */
record Tile(Hop hop, long start, Entries entries) {

  /** The tile of a list, made if need be; the list is in the order of hop and start. */
  static Tile in(List<Tile> tiles, Hop hop, long start) {
    int place = tiles.size();
    // from the end: most facts belong to the newest tile
    while (place > 0 && !tiles.get(place - 1).isBefore(hop, start)) {
      place--;
    }
    if (place == tiles.size() || !tiles.get(place).is(hop, start)) {
      tiles.add(place, new Tile(hop, start, new Entries()));
    }
    return tiles.get(place);
  }

  /** Bytes of the heap, about. */
  static int memory(List<Tile> tiles) {
    int sum = 0;
    for (int i = 0; i < tiles.size(); i++) {
      sum += 32 + tiles.get(i).entries().memory();
    }
    return sum;
  }

  private boolean isBefore(Hop otherHop, long otherStart) {
    return hop == otherHop ? start < otherStart : hop.compareTo(otherHop) < 0;
  }

  private boolean is(Hop otherHop, long otherStart) {
    return hop == otherHop && start == otherStart;
  }
}
