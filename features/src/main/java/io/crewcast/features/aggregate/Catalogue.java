package io.crewcast.features.aggregate;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * All aggregations by the name that definitions give them. A new one is a class in this package and
 * a line here; the rest, from the reading of definitions to state, follows.
 */
public final class Catalogue {

  /** What a definition may say about an aggregation beside what it aggregates. */
  public enum Option {
    /** A share between 0 and 1. */
    AT,
    /** How many, from 1 to 100. */
    N
  }

  /** Makes an aggregation from its options. */
  @FunctionalInterface
  private interface Maker {
    Aggregation make(double at, int n);
  }

  private record Entry(Set<Option> options, Maker maker) {}

  private static final Map<String, Entry> ENTRIES = new LinkedHashMap<>();

  static {
    add("count", Set.of(), (at, n) -> new Count());
    add("sum", Set.of(), (at, n) -> new Sum());
    add("mean", Set.of(), (at, n) -> new Mean());
    add("stddev", Set.of(), (at, n) -> new StandardDeviation());
    add("min", Set.of(), (at, n) -> new Extreme(false));
    add("max", Set.of(), (at, n) -> new Extreme(true));
    add("quantile", Set.of(Option.AT), (at, n) -> new Quantile(at));
    add("distinct", Set.of(), (at, n) -> new Distinct());
    add("last", Set.of(Option.N), (at, n) -> new Last(n));
    add("top", Set.of(Option.N), (at, n) -> new Top(n));
    add("gini", Set.of(), (at, n) -> new Gini());
  }

  private Catalogue() {}

  private static void add(String name, Set<Option> options, Maker maker) {
    ENTRIES.put(name, new Entry(options, maker));
  }

  /** The names of all. */
  public static Set<String> names() {
    return ENTRIES.keySet();
  }

  /** What a definition may say about the aggregation of this name. */
  public static Set<Option> options(String name) {
    return entry(name).options();
  }

  /**
   * The aggregation of this name.
   *
   * @param at between 0 and 1, for those that take it
   * @param n how many, for those that take it
   */
  public static Aggregation of(String name, double at, int n) {
    return entry(name).maker().make(at, n);
  }

  private static Entry entry(String name) {
    Entry entry = ENTRIES.get(name);
    if (entry == null) {
      throw new IllegalArgumentException(
          "no aggregation '" + name + "'; there are " + String.join(", ", names()));
    }
    return entry;
  }
}
