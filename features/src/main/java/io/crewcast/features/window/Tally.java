package io.crewcast.features.window;

import io.crewcast.features.aggregate.Tallied;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whole numbers under keys. A few lie with the entity; many in buckets of their own, so that a
 * change reads and writes one of them.
 *
 * <p>At most so many keys are told apart at once. When there are more, those with the greatest
 * hashes share OTHER, whichever came first, until nothing of it is left.
 */
final class Tally implements Slot {

  /** How many buckets many keys lie in. */
  private static final int BUCKETS = 16;

  private static final int MOST_BYTES_WITHIN = 2_048;

  int size;

  /** Keys with at least this hash share OTHER, while there is one. */
  int limit;

  long @Nullable [] other;

  /** Null when the keys lie in buckets. */
  @Nullable Entries within;

  Tally() {
    this(0, 0, null, new Entries());
  }

  Tally(int size, int limit, long @Nullable [] other, @Nullable Entries within) {
    this.size = size;
    this.limit = limit;
    this.other = other;
    this.within = within;
  }

  @Override
  public int memory() {
    return 80 + (within == null ? 0 : within.memory());
  }

  /** The numbers under a key, those of OTHER if it is in there, or null. */
  long @Nullable [] get(EntityStore store, int slot, String key) {
    int hash = hash(key);
    if (other != null && hash >= limit) {
      return other;
    }
    Entries entries = within == null ? store.bucket(bucket(slot, hash)) : within;
    return entries == null ? null : entries.get(Entries.key(key));
  }

  /** Adds or takes away; {@code atMost} keys are told apart. */
  void add(EntityStore store, int slot, String key, long[] delta, int sign, int atMost) {
    int hash = hash(key);
    if (other != null && hash >= limit) {
      Entries.addTo(other, delta, sign);
      if (Entries.isZero(other)) {
        other = null;
      }
      return;
    }
    size += addTo(store, slot, hash, Entries.key(key), delta, sign);
    if (size > atMost) {
      shareOther(store, slot);
    }
    if (within != null && within.length() > MOST_BYTES_WITHIN) {
      spill(store, slot);
    } else if (within == null && size == 0) {
      within = new Entries();
    }
  }

  /** To be read by an aggregation. */
  Tallied.Counts counts(EntityStore store, int slot) {
    return new Tallied.Counts() {
      @Override
      public int size() {
        return size + (other == null ? 0 : 1);
      }

      @Override
      public void forEach(Reader reader) {
        Tally.this.forEach(
            store, slot, (key, numbers) -> reader.read(Entries.text(key), numbers[0]));
        if (other != null) {
          reader.read(null, other[0]);
        }
      }
    };
  }

  private int addTo(EntityStore store, int slot, int hash, byte[] key, long[] delta, int sign) {
    if (within != null) {
      return within.add(key, delta, sign);
    }
    long id = bucket(slot, hash);
    Entries entries = Objects.requireNonNullElseGet(store.bucket(id), Entries::new);
    int more = entries.add(key, delta, sign);
    if (entries.isEmpty()) {
      store.removeBucket(id);
    } else {
      store.putBucket(id, entries);
    }
    return more;
  }

  /** Lets the keys with the greatest hash join OTHER. */
  private void shareOther(EntityStore store, int slot) {
    int[] greatest = {Integer.MIN_VALUE};
    forEach(
        store,
        slot,
        (key, numbers) -> greatest[0] = Math.max(greatest[0], hash(Entries.text(key))));
    limit = greatest[0];
    forEach(
        store,
        slot,
        (key, numbers) -> {
          int hash = hash(Entries.text(key));
          if (hash >= limit) {
            if (other == null) {
              other = new long[numbers.length];
            }
            Entries.addTo(other, numbers, 1);
            size += addTo(store, slot, hash, key, numbers, -1);
          }
        });
  }

  private void spill(EntityStore store, int slot) {
    Entries all = Objects.requireNonNull(within);
    within = null;
    all.forEach((key, numbers) -> addTo(store, slot, hash(Entries.text(key)), key, numbers, 1));
  }

  private void forEach(EntityStore store, int slot, Entries.Reader reader) {
    if (within != null) {
      within.copy().forEach(reader);
      return;
    }
    for (int hash = 0; hash < BUCKETS; hash++) {
      Entries entries = store.bucket(bucket(slot, hash));
      if (entries != null) {
        // a copy, because the reader may take keys away, and a store may hand out what it holds
        entries.copy().forEach(reader);
      }
    }
  }

  private static long bucket(int slot, int hash) {
    return (long) slot * BUCKETS + (hash & (BUCKETS - 1));
  }

  /** Spreads keys evenly (the finaliser of murmur3). */
  static int hash(String key) {
    int bits = key.hashCode();
    bits = (bits ^ (bits >>> 16)) * 0x85ebca6b;
    bits = (bits ^ (bits >>> 13)) * 0xc2b2ae35;
    return bits ^ (bits >>> 16);
  }
}
