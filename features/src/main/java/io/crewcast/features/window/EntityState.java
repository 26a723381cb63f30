package io.crewcast.features.window;

import io.crewcast.features.definition.Hop;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an entity needs at every change; its pages lie apart. */
public final class EntityState {

  /** How far one window has come. */
  static final class WindowEdge {
    final long minutes;
    final Hop hop;

    /** Start of the oldest tile in it, microseconds; the greatest long when it is empty. */
    long oldest;

    WindowEdge(long minutes, Hop hop, long oldest) {
      this.minutes = minutes;
      this.hop = hop;
      this.oldest = oldest;
    }

    boolean isSameAs(WindowEdge other) {
      return minutes == other.minutes && hop == other.hop;
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
