package io.crewcast.features.window;

import io.crewcast.features.definition.Hop;
import io.crewcast.features.definition.Window;
import org.jspecify.annotations.Nullable;

/**
 * A measure over one window.
 *
 * @param slot its place in the layout
 * @param minutes length of the window; 0 for a lifetime
 * @param hop the step of the window; null for a lifetime
 */
record Column(int slot, long minutes, @Nullable Hop hop) {

  static Column of(Window window, int slot) {
    return new Column(
        slot, window.length() == null ? 0 : window.length().toMinutes(), window.hop());
  }

  boolean isLifetime() {
    return hop == null;
  }

  boolean is(WindowEdge edge) {
    return minutes == edge.minutes && hop == edge.hop;
  }
}
