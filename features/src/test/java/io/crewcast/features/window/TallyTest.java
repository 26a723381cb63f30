package io.crewcast.features.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TallyTest {

  private static final int SLOT = 3;

  private final MapStore store = new MapStore();
  private final Tally tally = new Tally();

  @Test
  void holdsWhatAMapHoldsFewOrMany() {
    SplittableRandom random = new SplittableRandom(5);
    Map<String, Long> expected = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      // up, so that it lies in buckets, and down again, so that it comes home
      int keys = i < 10_000 ? 600 : 4;
      String key = "key-" + random.nextInt(keys) + "é".repeat(random.nextInt(2));
      long delta = random.nextLong(-2, 3) * random.nextLong(1, 2L << random.nextInt(40));
      add(key, delta, 1_000_000);
      expected.merge(key, delta, Long::sum);
      expected.values().remove(0L);
      assertThat(tally.size).isEqualTo(expected.size());
    }
    assertThat(tally.within).isNull();
    assertThat(all()).isEqualTo(expected);
    expected.forEach(
        (key, number) -> {
          assertThat(tally.get(store, SLOT, key)).containsExactly(number);
          add(key, -number, 1_000_000);
        });
    assertThat(store.buckets).isEmpty();
    assertThat(tally.within).isNotNull();
    assertThat(tally.counts(store, SLOT).size()).isZero();
  }

  @Test
  void choosesWhoSharesOtherByHashNotByAge() {
    List<String> keys = IntStream.range(0, 300).mapToObj(i -> "project-" + i).toList();
    keys.forEach(key -> add(key, 1, 100));
    Map<String, Long> inOrder = all();

    for (int seed = 0; seed < 20; seed++) {
      Tally other = new Tally();
      List<String> shuffled = new java.util.ArrayList<>(keys);
      Collections.shuffle(shuffled, new Random(seed));
      MapStore apart = new MapStore();
      shuffled.forEach(key -> other.add(apart, SLOT, key, new long[] {1}, 1, 100));
      assertThat(all(other, apart)).isEqualTo(inOrder);
    }
    assertThat(inOrder).containsEntry("OTHER", 200L).hasSize(101);
    assertThat(tally.counts(store, SLOT).size()).isEqualTo(101);
  }

  /** As state in memory does. */
  @Test
  void sharesOtherWhereTheStoreHandsOutWhatItHolds() {
    Map<Long, Entries> held = new HashMap<>();
    EntityStore live =
        new MapStore() {
          @Override
          public Entries bucket(long id) {
            return held.get(id);
          }

          @Override
          public void putBucket(long id, Entries entries) {
            held.put(id, entries);
          }

          @Override
          public void removeBucket(long id) {
            held.remove(id);
          }
        };
    Tally other = new Tally();
    for (int i = 0; i < 900; i++) {
      add("project-" + i, 1, 400);
      other.add(live, SLOT, "project-" + i, new long[] {1}, 1, 400);
    }

    assertThat(tally.within).isNull();
    assertThat(all(other, live)).isEqualTo(all()).containsEntry("OTHER", 500L);
  }

  @Test
  void tellsKeysApartAgainWhenNothingSharesOther() {
    List<String> keys = IntStream.range(0, 12).mapToObj(i -> "project-" + i).toList();
    keys.forEach(key -> add(key, 5, 10));
    String shared = keys.stream().filter(key -> Tally.hash(key) >= tally.limit).findFirst().get();
    assertThat(tally.get(store, SLOT, shared)).containsExactly(10);

    keys.forEach(key -> add(key, -5, 10));
    add(shared, 7, 10);

    assertThat(all()).containsExactly(Map.entry(shared, 7L));
  }

  private void add(String key, long delta, int atMost) {
    tally.add(store, SLOT, key, new long[] {delta}, 1, atMost);
  }

  private Map<String, Long> all() {
    return all(tally, store);
  }

  private static Map<String, Long> all(Tally tally, EntityStore store) {
    Map<String, Long> all = new TreeMap<>();
    tally
        .counts(store, SLOT)
        .forEach((key, number) -> all.put(key == null ? "OTHER" : key, number));
    return all;
  }
}
