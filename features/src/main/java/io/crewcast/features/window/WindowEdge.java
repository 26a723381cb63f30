package io.crewcast.features.window;

import io.crewcast.features.definition.Hop;
import io.crewcast.schemas.FactKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * The old end of one window: the tiles of one kind of fact that leave it next. They lie with what
 * every change needs, so that a page is read once for all tiles that it lends to the edge, not
 * again for each that leaves.
 *
 * <p>There is an edge as long as a tile may count in the window.
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

  /**
   * The edge of a window in which nothing counted. Of one of hours, all that comes that day is
   * entered here too: it is soon to leave, and the page need not be read again.
   */
  static WindowEdge at(Column column, FactKind kind, long start) {
    Hop hop = Objects.requireNonNull(column.hop());
    long until =
        hop == Hop.FIVE_MINUTES ? (Pages.day(start) + 1) * Pages.DAY_MICROS : start + hop.micros();
    return new WindowEdge(column.minutes(), hop, kind, until);
  }

  boolean isEmpty() {
    return tiles.isEmpty();
  }

  /**
   * Takes over the next tiles of a page.
   *
   * @param page those of a day, in order
   * @param counts whether the entry under a key counts in the window
   * @param end of the page's day: where the edge comes to if all is taken
   */
  void take(List<Tile> page, Predicate<byte[]> counts, long end) {
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
    until = Math.max(until, end);
  }

  /** Goes on to where the window begins at an entity's time: what is older never counted in it. */
  void skip(long entityTime) {
    until = Math.max(until, Retention.lower(entityTime, minutes, hop));
  }

  /** When the tile that starts then leaves, microseconds. */
  long leavesAt(long start) {
    return start + hop.micros() + minutes * Retention.MICROS_A_MINUTE;
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
