package io.crewcast.features.window;

import io.crewcast.features.aggregate.Ranked;
import io.crewcast.features.aggregate.Ranked.Observation;
import java.util.ArrayList;
import java.util.List;

/** The first observations of a column in an order. */
final class Best implements Slot {

  /**
   * How many more than decide are kept, so that not each one that goes makes others be looked up.
   */
  private static final int SPARE = 3;

  /** Of the newest none goes but by a correction. */
  private static final int SPARE_OF_NEWEST = 1;

  /** Bytes of the heap: its texts too. */
  private static final int OF_AN_OBSERVATION = 150;

  final List<Observation> first;

  /** The first of those so old that they are kept nowhere else. */
  final List<Observation> sealed;

  /** True when there are others, which come after all in {@link #first}. */
  boolean more;

  Best() {
    this(new ArrayList<>(), new ArrayList<>(), false);
  }

  Best(List<Observation> first, List<Observation> sealed, boolean more) {
    this.first = first;
    this.sealed = sealed;
    this.more = more;
  }

  @Override
  public int memory() {
    return 100 + OF_AN_OBSERVATION * (first.size() + sealed.size());
  }

  void add(Observation seen, Ranked ranked) {
    int place = place(first, seen, ranked);
    if (more && place == first.size()) {
      return; // some of the others may come before it
    }
    first.add(place, seen);
    if (first.size() > kept(ranked)) {
      first.remove(first.size() - 1);
      more = true;
    }
  }

  void seal(Observation seen, Ranked ranked) {
    sealed.add(place(sealed, seen, ranked), seen);
    if (sealed.size() > kept(ranked)) {
      sealed.remove(sealed.size() - 1);
    }
  }

  private static int place(List<Observation> in, Observation seen, Ranked ranked) {
    int place = in.size();
    while (place > 0 && ranked.order().compare(seen, in.get(place - 1)) < 0) {
      place--;
    }
    return place;
  }

  private static int kept(Ranked ranked) {
    return ranked.size() + (ranked.isNewestFirst() ? SPARE_OF_NEWEST : SPARE);
  }

  /** Whether too few are known to say which decide. */
  boolean isShort(Ranked ranked) {
    return more && first.size() < ranked.size();
  }

  /** Whether as many are known as are kept. */
  boolean isFull(Ranked ranked) {
    return first.size() >= kept(ranked);
  }
}
