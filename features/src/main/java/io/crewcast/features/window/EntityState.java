package io.crewcast.features.window;

import io.crewcast.features.definition.Hop;
import io.crewcast.schemas.FactKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an entity needs at every change; its pages lie apart. */
public final class EntityState {

  /** How far one window has come. */
  static final class WindowEdge {

    /** Where no tile of a kind is in it. */
    static final long NONE = Long.MAX_VALUE;

    final long minutes;
    final Hop hop;

    /** By kind of fact: start of the oldest tile in it, microseconds. */
    private final long[] oldest = new long[PageIndex.KINDS];

    WindowEdge(long minutes, Hop hop) {
      this.minutes = minutes;
      this.hop = hop;
      Arrays.fill(oldest, NONE);
    }

    boolean isSameAs(WindowEdge other) {
      return minutes == other.minutes && hop == other.hop;
    }

    long oldest(FactKind kind) {
      return oldest[kind.ordinal()];
    }

    /** A tile of this kind is in it. */
    void reach(FactKind kind, long start) {
      oldest[kind.ordinal()] = Math.min(oldest[kind.ordinal()], start);
    }

    /** The tiles of this kind before that are no longer in it. */
    void leave(FactKind kind, long next) {
      oldest[kind.ordinal()] = next;
    }

    /** When the next tile leaves it; {@link #NONE} when none will. */
    long nextExpiry() {
      long first = NONE;
      for (long start : oldest) {
        first = Math.min(first, start);
      }
      return first == NONE ? NONE : Retention.leavesAt(first, minutes, hop);
    }
  }

  /** Newest recorded_at seen, or a later expiry, microseconds. */
  long entityTime = Long.MIN_VALUE;

  /** Changes applied so far. */
  long sequence;

  /** The armed event-time timer, milliseconds; 0 when none is. */
  long timer;

  /** By place in the layout; null where nothing is kept. */
  final List<@Nullable Slot> slots = new ArrayList<>();

  final List<WindowEdge> windows = new ArrayList<>();
  final PageIndex pages;

  EntityState(PageIndex pages) {
    this.pages = pages;
  }

  /** Newest recorded_at seen, or a later expiry, microseconds. */
  public long entityTime() {
    return entityTime;
  }

  /** Changes applied so far. */
  public long sequence() {
    return sequence;
  }

  /** The armed event-time timer, milliseconds; 0 when none is. */
  public long timer() {
    return timer;
  }

  /** How far the window of a column has come. */
  WindowEdge edge(Column column) {
    for (WindowEdge window : windows) {
      if (column.is(window)) {
        return window;
      }
    }
    throw new IllegalStateException("no window of " + column.minutes() + " minutes");
  }

  public void setTimer(long millis) {
    timer = millis;
  }
}
