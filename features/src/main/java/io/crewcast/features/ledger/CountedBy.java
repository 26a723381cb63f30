package io.crewcast.features.ledger;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.stream.Fact;
import java.util.Collection;
import java.util.EnumSet;

/**
 * Which kinds of entity count a version, one bit each: those that the job kept when the version
 * came to stand. A kind that came later finds versions in the ledger that it never counted, and
 * takes none of them back.
 */
public final class CountedBy {

  /** Every kind there is. */
  static final int ALL = of(EnumSet.allOf(EntityType.class));

  private CountedBy() {}

  /** What {@link Fact#getCountedBy()} is where these are kept. */
  public static int of(Collection<EntityType> kept) {
    return kept.stream().mapToInt(CountedBy::bit).sum();
  }

  /** True when entities of a kind count the version. */
  public static boolean has(Fact version, EntityType kind) {
    return (version.getCountedBy() & bit(kind)) != 0;
  }

  private static int bit(EntityType kind) {
    return 1 << kind.ordinal();
  }
}
