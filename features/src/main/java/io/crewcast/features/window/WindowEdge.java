package io.crewcast.features.window;

import io.crewcast.features.definition.Hop;
import io.crewcast.schemas.FactKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * The old end of one window: the tiles of one kind of fact that leave it next. They lie with what
 * is read at every change, so that a page is read once for all tiles that it lends to the edge, not
 * again for each that leaves.
 *
 * <p>There is an edge as long as there is a tile that counts in the window.
 */
final class WindowEdge {

  /** What is taken over from a page at once, beyond the first tile: a worker's day. */
  private static final int BYTES_AT_ONCE = 1_024;

  final long minutes;
  final Hop hop;
  final FactKind kind;

  /** Tiles that start then or later are not here yet, microseconds. */
  long until;

  /** All that start before, in order, with the entries that count in the window. */
  final List<Tile> tiles = new ArrayList<>();

  WindowEdge(long minutes, Hop hop, FactKind kind, long until) {
    this.minutes = minutes;
    this.hop = hop;
    this.kind = kind;
    this.until = until;
  }

  /** The edge of a window in which nothing counted. */
  static WindowEdge at(Column column, FactKind kind, long start) {
    Hop hop = Objects.requireNonNull(column.hop());
    return new WindowEdge(column.minutes(), hop, kind, start + hop.micros());
  }

  boolean isEmpty() {
    return tiles.isEmpty();
  }

  /**
   * Takes over the next tiles of a page.
   *
   * @param page those of a day, in order
   * @param counts whether the entry under a key counts in the window
   * @param complete where the page's day has ended, its end: if all is taken, the edge is past it
   */
  void take(List<Tile> page, Predicate<byte[]> counts, long complete) {
    int bytes = 0;
    for (Tile tile : page) {
      if (tile.hop() == hop && tile.start() >= until) {
        if (bytes >= BYTES_AT_ONCE) {
          return;
        }
        Tile taken = new Tile(hop, tile.start(), tile.entries().only(counts));
        if (!taken.entries().isEmpty()) {
          tiles.add(taken);
        }
        bytes += taken.entries().length();
        until = tile.start() + hop.micros();
      }
    }
    until = Math.max(until, complete);
  }

  /** When the next tile leaves; microseconds. */
  long nextExpiry() {
    return Retention.leavesAt(tiles.get(0).start(), minutes, hop);
  }

  /** Adds to a tile, or takes away, if the edge has come to it. */
  void add(long start, byte[] key, long[] numbers, int sign) {
    if (start < until) {
      Tile tile = Tile.in(tiles, hop, start);
      tile.entries().add(key, numbers, sign);
      if (tile.entries().isEmpty()) {
        tiles.remove(tile);
      }
    }
  }
}
