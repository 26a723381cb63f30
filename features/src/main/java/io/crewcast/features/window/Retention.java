package io.crewcast.features.window;

import io.crewcast.features.aggregate.Ranked;
import io.crewcast.features.definition.EntityDefinition;
import io.crewcast.features.definition.Hop;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * How long tiles and single facts are kept.
 *
 * @param tileMinutes by hop: the longest window that moves by it
 * @param factMinutes as long as the order of facts can matter, or what they were applied with; 0 if
 *     no fact is kept
 */
record Retention(Map<Hop, Long> tileMinutes, long factMinutes) {

  static final long MICROS_A_MINUTE = 60_000_000;

  static Retention of(List<Measure> measures) {
    EnumMap<Hop, Long> tileMinutes = new EnumMap<>(Hop.class);
    long factMinutes = 0;
    for (Measure measure : measures) {
      if (measure.feature().source().readsOthers()) {
        factMinutes = EntityDefinition.CORRECTABLE_FOR.toMinutes();
      }
      for (Column column : measure.columns()) {
        if (measure.feature().aggregation() instanceof Ranked) {
          factMinutes =
              Math.max(
                  factMinutes,
                  column.isLifetime()
                      ? EntityDefinition.CORRECTABLE_FOR.toMinutes()
                      : column.minutes());
        } else if (column.hop() != null) {
          tileMinutes.merge(column.hop(), column.minutes(), Math::max);
        }
      }
    }
    return new Retention(tileMinutes, factMinutes);
  }

  /** Whether an entity at this time keeps a tile for what occurred then; microseconds. */
  boolean keepsTile(Hop hop, long entityTime, long occurredAt) {
    Long minutes = tileMinutes.get(hop);
    return minutes != null && occurredAt >= lower(entityTime, minutes, hop);
  }

  /** Whether an entity at this time keeps a fact that occurred then; microseconds. */
  boolean keepsFact(long entityTime, long occurredAt) {
    return factMinutes > 0 && occurredAt >= lower(entityTime, factMinutes, Hop.DAY);
  }

  /** The first day of which an entity at this time keeps a page. */
  long firstDay(long entityTime) {
    long first = lower(entityTime, factMinutes, Hop.DAY);
    for (Map.Entry<Hop, Long> tiles : tileMinutes.entrySet()) {
      first = Math.min(first, lower(entityTime, tiles.getValue(), tiles.getKey()));
    }
    return Pages.day(first);
  }

  /** Where a window begins, microseconds. */
  static long lower(long entityTime, long minutes, Hop hop) {
    return hop.floor(entityTime - minutes * MICROS_A_MINUTE);
  }

  /** When what occurred then leaves a window, microseconds. */
  static long leavesAt(long occurredAt, long minutes, Hop hop) {
    return hop.floor(occurredAt) + hop.micros() + minutes * MICROS_A_MINUTE;
  }
}
