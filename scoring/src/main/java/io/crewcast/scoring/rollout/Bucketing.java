package io.crewcast.scoring.rollout;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Gives each unit a place in 0..1, and by it one of several variations, as the SDKs of GrowthBook
 * do (specification 0.8.0): 32-bit FNV-1a over UTF-16 code units, so that any SDK finds the same.
 *
 * <p>Coverage narrows each variation's range from its upper end and leaves the lower one: while it
 * grows, a unit that is in stays in and in its variation.
 */
public final class Bucketing {

  private static final int FNV_OFFSET = 0x811c9dc5;
  private static final int FNV_PRIME = 0x01000193;

  private Bucketing() {}

  /**
   * A range of places.
   *
   * @param from the least place in it
   * @param to the least place above it
   */
  public record Range(double from, double to) {
    boolean contains(double place) {
      return from <= place && place < to;
    }
  }

  /** The place of a unit by hash version 2: a multiple of 0.0001 from 0 to 0.9999. */
  public static double place(String seed, String unit) {
    return unsigned(fnv1a(Long.toString(unsigned(fnv1a(seed + unit))))) % 10_000 / 10_000.0;
  }

  /** The place by that version of the hash, or nothing where there is no such version. */
  public static OptionalDouble place(String seed, String unit, int version) {
    return switch (version) {
      case 1 -> OptionalDouble.of(unsigned(fnv1a(unit + seed)) % 1_000 / 1_000.0);
      case 2 -> OptionalDouble.of(place(seed, unit));
      default -> OptionalDouble.empty();
    };
  }

  /**
   * The range of each variation.
   *
   * @param coverage share of the units that is in any, clamped to 0..1
   * @param weights one a variation; equal ones in place of those that do not add up to about 1
   */
  public static List<Range> ranges(int variations, double coverage, List<Double> weights) {
    double share = Math.min(1, Math.max(0, coverage));
    double sum = weights.stream().mapToDouble(Double::doubleValue).sum();
    List<Double> used =
        weights.size() != variations || sum < 0.99 || sum > 1.01
            ? Collections.nCopies(variations, 1.0 / variations)
            : weights;
    List<Range> ranges = new ArrayList<>();
    double from = 0;
    for (double weight : used) {
      ranges.add(new Range(from, from + share * weight));
      from += weight;
    }
    return ranges;
  }

  /** The variation whose range has that place, or -1 where none has. */
  public static int variation(double place, List<Range> ranges) {
    for (int i = 0; i < ranges.size(); i++) {
      if (ranges.get(i).contains(place)) {
        return i;
      }
    }
    return -1;
  }

  private static int fnv1a(String text) {
    int hash = FNV_OFFSET;
    for (int i = 0; i < text.length(); i++) {
      hash ^= text.charAt(i);
      hash *= FNV_PRIME;
    }
    return hash;
  }

  private static long unsigned(int hash) {
    return Integer.toUnsignedLong(hash);
  }
}
