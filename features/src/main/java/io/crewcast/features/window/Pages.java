package io.crewcast.features.window;

import io.crewcast.features.definition.Hop;
import io.crewcast.schemas.state.EntityHeader;
import io.crewcast.schemas.state.Tile;
import io.crewcast.schemas.state.TilePage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tile pages of one entity during one change: each is read once and written once.
 *
 * <p>The tiles of a hop are spread over a few groups by what they count, so that a change reads and
 * writes only what it touches: a time entry leaves the pages of finished tasks alone.
 */
final class Pages {

  /** How many groups there are; sources that fall into one share its pages. */
  static final int GROUPS = 8;

  private static final Hop[] ALL_HOPS = Hop.values();
  private static final int HOPS = ALL_HOPS.length;

  private final EntityHeader header;
  private final EntityStore store;
  private final Map<Long, TilePage> loaded = new HashMap<>();
  private final Set<Long> changed = new HashSet<>();

  Pages(EntityHeader header, EntityStore store) {
    this.header = header;
    this.store = store;
  }

  /** The tiles of a hop that start in [from, until); microseconds. */
  List<Tile> tilesBetween(Hop hop, long from, long until) {
    List<Tile> tiles = new ArrayList<>();
    for (long id : between(hop, from, until)) {
      for (Tile tile : tiles(id)) {
        if (tile.getStart() >= from && tile.getStart() < until) {
          tiles.add(tile);
        }
      }
    }
    return tiles;
  }

  /** Ids of the pages of a hop that reach into [from, until), ascending. */
  private List<Long> between(Hop hop, long from, long until) {
    List<Long> ids = new ArrayList<>();
    for (int i = next(hop, from, 0); i < header.getPages().size(); i = next(hop, from, i + 1)) {
      long id = header.getPages().get(i);
      if (start(hop, id) >= until) {
        break;
      }
      ids.add(id);
    }
    return ids;
  }

  /**
   * Where in the header the first page of a hop stands, at {@code position} or later, that reaches
   * to {@code from} or later; after its end if there is none. Ids ascend by page number.
   */
  private int next(Hop hop, long from, int position) {
    List<Long> ids = header.getPages();
    int at = position;
    if (at == 0) {
      int found = Collections.binarySearch(ids, id(hop, 0, from));
      at = found < 0 ? -found - 1 : found;
    }
    while (at < ids.size() && hopOf(ids.get(at)) != hop) {
      at++;
    }
    return at;
  }

  List<Tile> tiles(long id) {
    return load(id).getTiles();
  }

  /** Ids of the pages of one group and hop that reach to {@code from} or later, newest first. */
  List<Long> newest(Hop hop, int group, long from) {
    List<Long> ids = between(hop, from, Long.MAX_VALUE);
    ids.removeIf(id -> Math.floorMod(id, (long) GROUPS) != group);
    Collections.reverse(ids);
    return ids;
  }

  /** Start of the oldest tile of a hop that starts at {@code from} or later, or the greatest. */
  long oldest(Hop hop, long from) {
    long oldest = Long.MAX_VALUE;
    for (int i = next(hop, from, 0); i < header.getPages().size(); i = next(hop, from, i + 1)) {
      long id = header.getPages().get(i);
      if (start(hop, id) > oldest) {
        break;
      }
      for (Tile tile : tiles(id)) {
        if (tile.getStart() >= from) {
          oldest = Math.min(oldest, tile.getStart());
          break;
        }
      }
    }
    return oldest;
  }

  /** The tile that starts at {@code start}, or null. */
  @Nullable Tile tile(Hop hop, int group, long start) {
    long id = id(hop, group, start);
    if (Collections.binarySearch(header.getPages(), id) < 0) {
      return null;
    }
    for (Tile tile : tiles(id)) {
      if (tile.getStart() == start) {
        return tile;
      }
    }
    return null;
  }

  /** The tile that starts at {@code start}, made if need be; to be written back. */
  Tile change(Hop hop, int group, long start) {
    long id = id(hop, group, start);
    int position = Collections.binarySearch(header.getPages(), id);
    if (position < 0) {
      header.getPages().add(-position - 1, id);
      loaded.put(id, new TilePage(new ArrayList<>()));
    }
    changed.add(id);
    List<Tile> tiles = tiles(id);
    int at = 0;
    while (at < tiles.size() && tiles.get(at).getStart() < start) {
      at++;
    }
    if (at == tiles.size() || tiles.get(at).getStart() != start) {
      tiles.add(at, new Tile(start, new ArrayList<>(), new ArrayList<>()));
    }
    return tiles.get(at);
  }

  /** Drops the pages of a hop that end at or before {@code bound}. */
  void dropBefore(Hop hop, long bound) {
    List<Long> ids = header.getPages();
    // by index throughout: the iterators of Avro's lists cannot remove
    for (int i = ids.size() - 1; i >= 0; i--) {
      long id = ids.get(i);
      if (hopOf(id) == hop && start(hop, id) + hop.pageMicros() <= bound) {
        drop(i, id);
      }
    }
  }

  /** Writes what was changed; empty tiles and pages go. */
  void flush() {
    for (long id : List.copyOf(changed)) {
      List<Tile> tiles = tiles(id);
      for (int i = tiles.size() - 1; i >= 0; i--) {
        if (tiles.get(i).getPartials().isEmpty() && tiles.get(i).getKept().isEmpty()) {
          tiles.remove(i);
        }
      }
      if (tiles.isEmpty()) {
        drop(Collections.binarySearch(header.getPages(), id), id);
      } else {
        store.putPage(id, load(id));
      }
    }
  }

  private void drop(int position, long id) {
    header.getPages().remove(position);
    loaded.remove(id);
    changed.remove(id);
    store.removePage(id);
  }

  private TilePage load(long id) {
    TilePage page = loaded.get(id);
    if (page == null) {
      page = store.page(id);
      if (page == null) {
        throw new IllegalStateException("page " + id + " is in the header but not in state");
      }
      loaded.put(id, page);
    }
    return page;
  }

  private static long id(Hop hop, int group, long micros) {
    return (hop.page(micros) * HOPS + hop.ordinal()) * GROUPS + group;
  }

  private static Hop hopOf(long id) {
    return ALL_HOPS[(int) Math.floorMod(Math.floorDiv(id, (long) GROUPS), (long) HOPS)];
  }

  private static long start(Hop hop, long id) {
    return Math.floorDiv(id, (long) HOPS * GROUPS) * hop.pageMicros();
  }
}
