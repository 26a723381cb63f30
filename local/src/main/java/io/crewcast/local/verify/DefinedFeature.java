package io.crewcast.local.verify;

import static java.util.Comparator.comparingLong;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A line under {@code features}.
 *
 * @param fact what is observed
 * @param input a field or {@code let} value of the fact; empty for the fact itself
 * @param by the field that splits it; a row shows the share of its own event
 * @param divisor of the unit, 1 without
 * @param at which quantile
 * @param n how many, for a list; null for one value
 * @param of the field over whose values Gini's coefficient is taken
 * @param atMost different values that are held apart
 */
record DefinedFeature(
    String name,
    Aggregate aggregate,
    String fact,
    String input,
    @Nullable String by,
    long divisor,
    List<FeatureWindow> windows,
    double at,
    @Nullable Integer n,
    @Nullable String of,
    int atMost) {

  /** The longest window: what is in a shorter one is in it too. */
  FeatureWindow longest() {
    return windows.stream()
        .max(comparingLong(window -> window.isLifetime() ? Long.MAX_VALUE : window.micros()))
        .orElseThrow();
  }
}
