package io.crewcast.features.window;

import io.crewcast.schemas.FactKind;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** Which pages an entity has: a bit a day for each kind of fact. */
final class PageIndex {

  /** Days from {@link #first} on. */
  static final class Days {
    final long first;
    final BitSet there;

    Days(long first, BitSet there) {
      this.first = first;
      this.there = there;
    }
  }

  static final int KINDS = FactKind.values().length;

  /** By {@link FactKind#ordinal()}: state knows a kind by its place in the enumeration. */
  final @Nullable Days[] kinds = new Days[KINDS];

  boolean contains(FactKind kind, long day) {
    Days days = kinds[kind.ordinal()];
    return days != null && day >= days.first && days.there.get((int) (day - days.first));
  }

  void add(FactKind kind, long day) {
    Days days = kinds[kind.ordinal()];
    if (days == null || days.there.isEmpty()) {
      days = new Days(day, new BitSet());
    } else if (day < days.first) {
      BitSet earlier = new BitSet();
      int shift = (int) (days.first - day);
      days.there.stream().forEach(bit -> earlier.set(bit + shift));
      days = new Days(day, earlier);
    }
    days.there.set((int) (day - days.first));
    kinds[kind.ordinal()] = days;
  }

  void remove(FactKind kind, long day) {
    Days days = kinds[kind.ordinal()];
    if (days != null && day >= days.first) {
      days.there.clear((int) (day - days.first));
    }
  }

  /** The first day with a page at {@code day} or later; {@link Long#MAX_VALUE} if there is none. */
  long next(FactKind kind, long day) {
    Days days = kinds[kind.ordinal()];
    if (days == null) {
      return Long.MAX_VALUE;
    }
    int bit = days.there.nextSetBit((int) Math.max(0, day - days.first));
    return bit < 0 ? Long.MAX_VALUE : days.first + bit;
  }

  /** The first day with a page; {@link Long#MAX_VALUE} if there is none. */
  long first(FactKind kind) {
    Days days = kinds[kind.ordinal()];
    return days == null ? Long.MAX_VALUE : next(kind, days.first);
  }

  /**
   * The last day with a page at {@code day} or earlier; {@link Long#MIN_VALUE} if there is none.
   */
  long previous(FactKind kind, long day) {
    Days days = kinds[kind.ordinal()];
    if (days == null || day < days.first) {
      return Long.MIN_VALUE;
    }
    int bit = days.there.previousSetBit((int) Math.min(Integer.MAX_VALUE, day - days.first));
    return bit < 0 ? Long.MIN_VALUE : days.first + bit;
  }
}
