package io.crewcast.features.window;

import io.crewcast.schemas.FactKind;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The pages of one entity during one change: each is read once and written once. */
final class Pages {

  static final long DAY_MICROS = 86_400_000_000L;

  private static final FactKind[] KINDS = FactKind.values();

  /** Room for kinds to come: ids of pages are in savepoints. */
  private static final int KINDS_AT_MOST = 16;

  private final PageIndex index;
  private final EntityStore store;
  private final Map<Long, DayPage> loaded = new LinkedHashMap<>();
  private final Set<Long> changed = new HashSet<>();

  Pages(PageIndex index, EntityStore store) {
    this.index = index;
    this.store = store;
  }

  static long day(long micros) {
    return Math.floorDiv(micros, DAY_MICROS);
  }

  /** The page, or null when there is none. */
  @Nullable DayPage page(FactKind kind, long day) {
    return index.contains(kind, day) ? load(id(kind, day)) : null;
  }

  /** The page, made if need be; to be written back. */
  DayPage change(FactKind kind, long day) {
    long id = id(kind, day);
    if (!index.contains(kind, day)) {
      index.add(kind, day);
      loaded.put(id, new DayPage());
    }
    changed.add(id);
    return load(id);
  }

  /** The first day from {@code day} on that has a page of this kind; the greatest long if none. */
  long nextDay(FactKind kind, long day) {
    return index.next(kind, day);
  }

  /** The last day up to {@code day} that has a page of this kind; the least long if none. */
  long previousDay(FactKind kind, long day) {
    return index.previous(kind, day);
  }

  /**
   * Removes every page of an earlier day.
   *
   * @param last is shown each before it goes; null spares reading them
   */
  void removeBefore(long until, @Nullable Consumer<DayPage> last) {
    for (FactKind kind : KINDS) {
      for (long day = index.first(kind); day < until; day = nextDay(kind, day + 1)) {
        long id = id(kind, day);
        if (last != null) {
          last.accept(load(id));
        }
        index.remove(kind, day);
        loaded.remove(id);
        changed.remove(id);
        store.removePage(id);
      }
    }
  }

  /** Writes what was changed; empty tiles and pages go. */
  void flush() {
    for (long id : changed) {
      DayPage page = load(id);
      page.tiles().removeIf(tile -> tile.entries().isEmpty());
      if (page.isEmpty()) {
        index.remove(KINDS[Math.floorMod(id, KINDS_AT_MOST)], Math.floorDiv(id, KINDS_AT_MOST));
        store.removePage(id);
      } else {
        store.putPage(id, page);
      }
    }
    changed.clear();
  }

  private DayPage load(long id) {
    DayPage page = loaded.get(id);
    if (page == null) {
      page = store.page(id);
      if (page == null) {
        throw new IllegalStateException("page " + id + " is known but not in state");
      }
      loaded.put(id, page);
    }
    return page;
  }

  private static long id(FactKind kind, long day) {
    return day * KINDS_AT_MOST + kind.ordinal();
  }
}
