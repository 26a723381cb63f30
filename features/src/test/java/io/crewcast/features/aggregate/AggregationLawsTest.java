package io.crewcast.features.aggregate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crewcast.features.aggregate.Ranked.Observation;
import io.crewcast.schemas.ValueType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What holds for every aggregation: no order matters, adding and taking away is nothing, nothing is
 * the empty value, and the result is that of a slow look at all observations.
 */
class AggregationLawsTest {

  private static final int SEEDS = 500;

  /** What is observed: every fact has a number, a text and a group. */
  private record Seen(long at, String id, long number, String text, String group) {}

  /** An aggregation, what it takes of a fact, and the slow way to the same result. */
  private record Law(
      String name,
      double at,
      int n,
      Function<Seen, Object> input,
      Function<List<Seen>, @Nullable Object> slow,
      double relativeError) {

    Aggregation aggregation() {
      return Catalogue.of(name, at, n);
    }

    @Override
    public String toString() {
      return n > 1 ? name + " " + n : name;
    }
  }

  static Stream<Law> laws() {
    return Stream.of(
        numbers("count", all -> (long) all.size()),
        numbers("sum", all -> all.stream().mapToLong(Seen::number).sum()),
        numbers("mean", all -> all.isEmpty() ? null : sum(all) / (double) all.size()),
        numbers("stddev", AggregationLawsTest::deviation),
        numbers("min", all -> sorted(all).findFirst().orElse(null)),
        numbers("max", all -> sorted(all).reduce((one, other) -> other).orElse(null)),
        new Law("quantile", 0.3, 1, Seen::number, all -> rank(all, 0.3), 0.01),
        new Law("quantile", 1.0, 1, Seen::number, all -> rank(all, 1.0), 0.01),
        texts("distinct", 1, all -> (long) frequent(all).size()),
        texts("top", 1, all -> frequent(all).stream().findFirst().orElse(null)),
        texts("top", 3, all -> listed(frequent(all).stream().limit(3).toList())),
        texts("last", 1, all -> newest(all).map(Seen::text).findFirst().orElse(null)),
        texts("last", 4, all -> listed(newest(all).map(Seen::text).limit(4).toList())),
        numbers("gini", AggregationLawsTest::inequality));
  }

  private static Law numbers(String name, Function<List<Seen>, @Nullable Object> slow) {
    return new Law(name, 0, 1, Seen::number, slow, 0);
  }

  private static Law texts(String name, int n, Function<List<Seen>, @Nullable Object> slow) {
    return new Law(name, 0, n, Seen::text, slow, 0);
  }

  @Test
  void holdForEveryAggregation() {
    assertThat(laws().map(Law::name)).containsAll(Catalogue.names());
  }

  @ParameterizedTest
  @MethodSource("laws")
  void agreesWithALookAtAllObservations(Law law) {
    for (long seed = 0; seed < SEEDS; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      List<Seen> stay = random(random, random.nextInt(40));
      List<Seen> come = new ArrayList<>(random(random, random.nextInt(40)));
      come.addAll(stay);
      java.util.Collections.shuffle(come, new java.util.Random(seed));
      Kept kept = new Kept(law);
      come.forEach(seen -> kept.add(seen, 1));
      come.stream().filter(seen -> !stay.contains(seen)).forEach(seen -> kept.add(seen, -1));

      Object slow = law.slow().apply(stay);
      if (slow instanceof Number number && law.relativeError() > 0) {
        double most = Math.abs(number.doubleValue()) * law.relativeError();
        assertThat((Double) kept.result())
            .as("%s, seed %d", law, seed)
            .isCloseTo(number.doubleValue(), within(most + 1e-12));
      } else {
        assertThat(kept.result()).as("%s, seed %d", law, seed).isEqualTo(slow);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("laws")
  void isNothingAgainWhenAllIsTakenBack(Law law) {
    Kept kept = new Kept(law);
    List<Seen> all = random(new SplittableRandom(1), 30);
    all.forEach(seen -> kept.add(seen, 1));
    all.forEach(seen -> kept.add(seen, -1));

    assertThat(kept.result()).isEqualTo(new Kept(law).result());
    assertThat(kept.sums).isEmpty();
  }

  @Test
  void addsRealNumbersExactly() {
    Scale millionths = Scale.of(ValueType.DOUBLE, 60);
    Additive sum = (Additive) Catalogue.of("sum", 0, 1);
    long parts = 0;
    for (int i = 0; i < 10; i++) {
      parts += sum.contribution(Scale.whole(0.1))[0];
    }

    assertThat(sum.result(new long[] {parts}, millionths)).isEqualTo(1.0 / 60);
  }

  @Test
  void deviatesExactlyWhereSquaresOverflow() {
    Additive deviation = (Additive) Catalogue.of("stddev", 0, 1);
    long[] sums = new long[deviation.width()];
    for (long value : new long[] {4_000_000_000_000L, 4_000_000_000_001L, 4_000_000_000_002L}) {
      long[] one = deviation.contribution(value);
      for (int i = 0; i < sums.length; i++) {
        sums[i] += one[i];
      }
    }

    assertThat(deviation.result(sums, Scale.of(ValueType.LONG, 1))).isEqualTo(1.0);
  }

  /** Observations as state keeps them, without windows. */
  private static final class Kept {
    private final Law law;
    private final Aggregation aggregation;
    private final Map<String, long[]> sums = new HashMap<>();
    private final List<Observation> observations = new ArrayList<>();

    private Kept(Law law) {
      this.law = law;
      this.aggregation = law.aggregation();
    }

    private void add(Seen seen, int sign) {
      Object value = law.input().apply(seen);
      if (aggregation instanceof Additive additive) {
        add("", additive.contribution(Scale.whole(value)), sign);
      } else if (aggregation instanceof Tallied tallied) {
        if (tallied.isWeighted()) {
          add(seen.group(), new long[] {Scale.whole(value)}, sign);
        } else {
          add(tallied.key(value), new long[] {1}, sign);
        }
      } else {
        Observation observation = new Observation(seen.at(), seen.id(), value);
        if (sign > 0) {
          observations.add(observation);
        } else {
          observations.remove(observation);
        }
      }
    }

    private void add(String key, long[] delta, int sign) {
      long[] known = sums.computeIfAbsent(key, k -> new long[delta.length]);
      boolean zero = true;
      for (int i = 0; i < delta.length; i++) {
        known[i] += sign * delta[i];
        zero &= known[i] == 0;
      }
      if (zero) {
        sums.remove(key);
      }
    }

    private @Nullable Object result() {
      if (aggregation instanceof Additive additive) {
        return additive.result(
            sums.getOrDefault("", new long[additive.width()]), Scale.of(ValueType.LONG, 1));
      } else if (aggregation instanceof Tallied tallied) {
        return tallied.result(
            new Tallied.Counts() {
              @Override
              public int size() {
                return sums.size();
              }

              @Override
              public void forEach(Reader reader) {
                sums.forEach((key, numbers) -> reader.read(key, numbers[0]));
              }
            });
      }
      Ranked ranked = (Ranked) aggregation;
      return ranked.result(
          observations.stream().sorted(ranked.order()).limit(ranked.size()).toList());
    }
  }

  private static List<Seen> random(SplittableRandom random, int size) {
    List<Seen> all = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      String id = Long.toString(random.nextLong(), 36);
      String text = List.of("a", "b", "zoë", "\uD83D\uDEE0", "\uFF5E").get(random.nextInt(5));
      all.add(
          new Seen(
              random.nextLong(10), id, random.nextLong(500), text, "group" + random.nextInt(4)));
    }
    return all;
  }

  private static double sum(List<Seen> all) {
    return all.stream().mapToLong(Seen::number).sum();
  }

  private static Stream<Long> sorted(List<Seen> all) {
    return all.stream().map(Seen::number).sorted();
  }

  private static @Nullable Object rank(List<Seen> all, double at) {
    return all.isEmpty() ? null : sorted(all).toList().get((int) (at * (all.size() - 1)));
  }

  private static @Nullable Object deviation(List<Seen> all) {
    long n = all.size();
    long squares = all.stream().mapToLong(seen -> seen.number() * seen.number()).sum();
    long sum = (long) sum(all);
    return n < 2 ? null : Math.sqrt((double) (n * squares - sum * sum) / (double) (n * (n - 1)));
  }

  private static List<String> frequent(List<Seen> all) {
    Map<String, Long> counts = new HashMap<>();
    all.forEach(seen -> counts.merge(seen.text(), 1L, Long::sum));
    return counts.entrySet().stream()
        .sorted(
            Map.Entry.<String, Long>comparingByValue()
                .reversed()
                .thenComparing(entry -> entry.getKey().codePointAt(0)))
        .map(Map.Entry::getKey)
        .toList();
  }

  private static Stream<Seen> newest(List<Seen> all) {
    return all.stream()
        .sorted(Comparator.comparingLong(Seen::at).thenComparing(Seen::id).reversed());
  }

  private static @Nullable Object listed(List<String> texts) {
    return texts.isEmpty() ? null : texts;
  }

  /** By its definition: the mean difference between any two shares, over twice their mean. */
  private static @Nullable Object inequality(List<Seen> all) {
    Map<String, Long> sums = new HashMap<>();
    all.forEach(seen -> sums.merge(seen.group(), seen.number(), Long::sum));
    List<Long> shares = sums.values().stream().filter(share -> share != 0).toList();
    long apart = 0;
    long whole = 0;
    for (long one : shares) {
      whole += one;
      for (long other : shares) {
        apart += Math.abs(one - other);
      }
    }
    return whole == 0 ? null : apart / 2.0 / (double) (shares.size() * whole);
  }
}
