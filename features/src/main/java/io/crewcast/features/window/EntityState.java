package io.crewcast.features.window;

import io.crewcast.schemas.FactKind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an entity needs at every change; its pages lie apart. */
public final class EntityState {

  /** Newest recorded_at seen, or a later expiry, microseconds. */
  long entityTime = Long.MIN_VALUE;

  /** Changes applied so far. */
  long sequence;

  /** The armed event-time timer, milliseconds; 0 when none is. */
  long timer;

  /** By place in the layout; null where nothing is kept. */
  final List<@Nullable Slot> slots = new ArrayList<>();

  /** Of the windows in which something may count. */
  final List<WindowEdge> edges = new ArrayList<>();

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

  /** Bytes of the heap, about. */
  public int memory() {
    int sum = 300;
    for (int i = 0; i < slots.size(); i++) {
      Slot slot = slots.get(i);
      sum += slot == null ? 0 : slot.memory();
    }
    for (int i = 0; i < edges.size(); i++) {
      sum += 100 + Tile.memory(edges.get(i).tiles);
    }
    return sum;
  }

  /** The edge of a column's window, or null where nothing counts in it. */
  @Nullable WindowEdge edge(Column column, FactKind kind) {
    for (WindowEdge edge : edges) {
      if (edge.kind == kind && column.is(edge)) {
        return edge;
      }
    }
    return null;
  }

  public void setTimer(long millis) {
    timer = millis;
  }
}
