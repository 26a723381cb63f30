package io.crewcast.features.window;

import io.crewcast.features.definition.Feature;
import io.crewcast.features.definition.Hop;
import io.crewcast.features.definition.Window;
import org.jspecify.annotations.Nullable;

/**
 * A feature over one window: what has a running partial.
 *
 * @param feature what is counted
 * @param id identifies the column in state, whatever its place in the file
 * @param minutes length of the window; 0 for a lifetime
 * @param hop the step of the window; null for a lifetime
 * @param keyPrefix begins the keys of its sums
 */
record Column(Feature feature, int id, long minutes, @Nullable Hop hop, String keyPrefix) {

  private static final char SEPARATOR = '\u0001';

  static Column of(Feature feature, Window window) {
    int id = window.column(feature.name()).hashCode();
    String keyPrefix = Integer.toHexString(id) + SEPARATOR;
    return window.length() == null
        ? new Column(feature, id, 0, null, keyPrefix)
        : new Column(feature, id, window.length().toMinutes(), Hop.of(window.length()), keyPrefix);
  }

  boolean isLifetime() {
    return hop == null;
  }
}
