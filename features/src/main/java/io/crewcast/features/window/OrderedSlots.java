package io.crewcast.features.window;

import io.crewcast.features.aggregate.Ranked;
import io.crewcast.features.aggregate.Ranked.Observation;
import io.crewcast.schemas.FactKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The slots of columns where an order counts: each holds the first few observations in its window.
 * When one that decides goes, the next are looked up among the facts that are kept.
 */
final class OrderedSlots {

  /** A column whose slot is a {@link Best}. */
  private record Ordered(Measure measure, Column column, Ranked ranked) {

    boolean isIn(long entityTime, long occurredAt) {
      return column.hop() == null
          || occurredAt >= Retention.lower(entityTime, column.minutes(), column.hop());
    }

    /** What it observes of a fact, or null. */
    @Nullable Observation observation(KeptFact fact) {
      if (fact.source() != sourceOf(measure) || fact.recordedAt() < measure.bornAt()) {
        return null;
      }
      Object value = fact.values().get(measure.feature().input());
      return value == null ? null : new Observation(fact.occurredAt(), fact.id(), value);
    }
  }

  private final List<Ordered> all = new ArrayList<>();
  private final Retention retention;

  OrderedSlots(List<Measure> measures, Retention retention) {
    this.retention = retention;
    for (Measure measure : measures) {
      if (measure.feature().aggregation() instanceof Ranked ranked) {
        measure.columns().forEach(column -> all.add(new Ordered(measure, column, ranked)));
      }
    }
  }

  static int sourceOf(Measure measure) {
    return measure.feature().source().name().hashCode();
  }

  /**
   * Enters what a measure observed, or takes it back; the fact is kept, or no longer kept, then.
   */
  void observe(EntityState state, Pages pages, Measure measure, Observation seen, int sign) {
    for (Ordered ordered : all) {
      if (ordered.measure().id() == measure.id()
          && ordered.isIn(state.entityTime, seen.occurredAt())) {
        Best best = best(state, ordered);
        if (sign < 0) {
          best.sealed.remove(seen);
          if (best.first.remove(seen) && best.isShort(ordered.ranked())) {
            lookUp(state, pages, ordered, best);
          }
        } else {
          best.add(seen, ordered.ranked());
          if (ordered.column().isLifetime()
              && !retention.keepsFact(state.entityTime, seen.occurredAt())) {
            best.seal(seen, ordered.ranked());
          }
        }
      }
    }
  }

  /** Lets go what has left its window by the entity's time. */
  void advance(EntityState state, Pages pages) {
    for (Ordered ordered : all) {
      Best best = known(state, ordered);
      if (best != null) {
        boolean gone =
            best.first.removeIf(seen -> !ordered.isIn(state.entityTime, seen.occurredAt()));
        if (gone && ordered.ranked().isNewestFirst()) {
          best.more = false; // the others were older
        } else if (best.isShort(ordered.ranked())) {
          lookUp(state, pages, ordered, best);
        }
      }
    }
  }

  /** When the next observation that decides a value leaves its window; microseconds. */
  long nextExpiry(EntityState state) {
    long next = Long.MAX_VALUE;
    for (Ordered ordered : all) {
      Column column = ordered.column();
      Best best = known(state, ordered);
      if (best != null && column.hop() != null) {
        int deciding = Math.min(ordered.ranked().size(), best.first.size());
        for (Observation seen : best.first.subList(0, deciding)) {
          next =
              Math.min(next, Retention.leavesAt(seen.occurredAt(), column.minutes(), column.hop()));
        }
      }
    }
    return next;
  }

  /** Whether {@link #seal} has something to remember. */
  boolean seals() {
    return all.stream().anyMatch(ordered -> ordered.column().isLifetime());
  }

  /** Remembers of a fact that will be kept no longer what lifetime values may need. */
  void seal(EntityState state, KeptFact fact) {
    for (Ordered ordered : all) {
      Observation seen = ordered.column().isLifetime() ? ordered.observation(fact) : null;
      if (seen != null) {
        best(state, ordered).seal(seen, ordered.ranked());
      }
    }
  }

  /** The value of a column. */
  @Nullable Object value(EntityState state, Measure measure, Column column) {
    if (!(state.slots.get(column.slot()) instanceof Best best)) {
      return null;
    }
    Ranked ranked = (Ranked) measure.feature().aggregation();
    return ranked.result(best.first.subList(0, Math.min(ranked.size(), best.first.size())));
  }

  private void lookUp(EntityState state, Pages pages, Ordered ordered, Best best) {
    FactKind kind = ordered.measure().feature().source().kind();
    best.first.clear();
    best.more = false;
    // what is recorded may be to occur some minutes later
    long day = pages.previousDay(kind, Pages.day(state.entityTime) + 1);
    while (day != Long.MIN_VALUE) {
      for (KeptFact fact : Objects.requireNonNull(pages.page(kind, day)).kept()) {
        Observation seen = ordered.observation(fact);
        if (seen != null && ordered.isIn(state.entityTime, seen.occurredAt())) {
          best.add(seen, ordered.ranked());
        }
      }
      boolean decided = ordered.ranked().isNewestFirst() && best.isFull(ordered.ranked());
      boolean inWindow = ordered.isIn(state.entityTime, day * Pages.DAY_MICROS);
      day = decided || !inWindow ? Long.MIN_VALUE : pages.previousDay(kind, day - 1);
      best.more |= decided;
    }
    // last: while the newest are looked for, they would pass for enough before all pages are read
    best.sealed.forEach(seen -> best.add(seen, ordered.ranked()));
  }

  private static @Nullable Best known(EntityState state, Ordered ordered) {
    return (Best) state.slots.get(ordered.column().slot());
  }

  private static Best best(EntityState state, Ordered ordered) {
    Best best = known(state, ordered);
    if (best == null) {
      best = new Best();
      state.slots.set(ordered.column().slot(), best);
    }
    return best;
  }
}
