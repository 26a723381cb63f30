package io.crewcast.local.verify;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A line under {@code facts}.
 *
 * @param kind of fact, as {@code from} names it
 * @param condition CEL; null for all
 * @param let CEL by name
 */
record ObservedFact(
    String name, String kind, @Nullable String condition, Map<String, String> let) {}
