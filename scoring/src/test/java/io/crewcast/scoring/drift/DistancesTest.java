package io.crewcast.scoring.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class DistancesTest {

  private static Stream<JsonNode> vectors(String file, String... methods) {
    try (InputStream in = DistancesTest.class.getResourceAsStream("/vectors/" + file)) {
      JsonNode cases = new ObjectMapper().readTree(in).get("cases");
      return StreamSupport.stream(cases.spliterator(), false)
          .filter(vector -> Set.of(methods).contains(vector.get("method").asText()));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Counts of both sides over the cells that either names, in the reference's order. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Both(long[] expected, long[] current) {

    static Both of(JsonNode vector) {
      JsonNode reference = vector.get("reference_counts");
      JsonNode current = vector.get("current_counts");
      Set<String> cells = new LinkedHashSet<>();
      reference.fieldNames().forEachRemaining(cells::add);
      current.fieldNames().forEachRemaining(cells::add);
      return new Both(counts(reference, cells), counts(current, cells));
    }

    private static long[] counts(JsonNode counts, Set<String> cells) {
      return cells.stream().mapToLong(cell -> counts.path(cell).asLong(0)).toArray();
    }
  }

  static Stream<JsonNode> chiSquares() {
    return vectors("evidently_drift.json", "chisquare");
  }

  @ParameterizedTest
  @MethodSource("chiSquares")
  void fitsAsEvidentlyFinds(JsonNode vector) {
    Both both = Both.of(vector);
    double p =
        ChiSquaredDistribution.of(both.expected.length - 1)
            .survivalProbability(Distances.goodnessOfFit(both.expected, both.current));
    double expected = vector.get("expected_p").asDouble();
    assertThat(p).isEqualTo(expected, within(vector.path("abs_tol").asDouble(0)));
    if (vector.path("recomputed").has("stat")) {
      assertThat(Distances.goodnessOfFit(both.expected, both.current))
          .isEqualTo(vector.get("recomputed").get("stat").asDouble(), within(1e-12));
    }
  }

  static Stream<JsonNode> psis() {
    return vectors("evidently_drift.json", "psi");
  }

  @ParameterizedTest
  @MethodSource("psis")
  void isThePsiOfEvidentlyWhereThatIsAskedFor(JsonNode vector) {
    Both both = Both.of(vector);
    assertThat(Distances.psiOfEvidently(both.expected, both.current))
        .isEqualTo(vector.get("recomputed").asDouble(), within(1e-12));
  }

  static Stream<JsonNode> lInfinities() {
    return vectors("nannyml_drift.json", "l_infinity");
  }

  @ParameterizedTest
  @MethodSource("lInfinities")
  void isTheLInfinityOfNannyml(JsonNode vector) {
    Both both = Both.of(vector);
    assertThat(Distances.lInfinity(both.expected, both.current))
        .isEqualTo(vector.get("recomputed").asDouble(), within(1e-12));
  }

  static Stream<JsonNode> tfdvInfinities() {
    return vectors("tfdv_distances.json", "l_infinity_separate_total")
        .filter(vector -> !vector.get("training").isEmpty());
  }

  /** Shares in tenths are counts out of ten. */
  @ParameterizedTest
  @MethodSource("tfdvInfinities")
  void isTheLInfinityOfTfdv(JsonNode vector) {
    Set<String> cells = new LinkedHashSet<>();
    vector.get("training").fieldNames().forEachRemaining(cells::add);
    vector.get("serving").fieldNames().forEachRemaining(cells::add);
    assertThat(
            Distances.lInfinity(
                tenths(vector.get("training"), cells), tenths(vector.get("serving"), cells)))
        .isEqualTo(vector.get("expected").asDouble(), within(1e-12));
  }

  private static long[] tenths(JsonNode shares, Set<String> cells) {
    return cells.stream()
        .mapToLong(cell -> Math.round(10 * shares.path(cell).asDouble(0)))
        .toArray();
  }

  static Stream<JsonNode> jensenShannons() {
    return vectors("nannyml_drift.json", "jensen_shannon_distance_base2");
  }

  @ParameterizedTest
  @MethodSource("jensenShannons")
  void isTheJensenShannonDistanceOfNannyml(JsonNode vector) {
    Both both = histograms(vector);
    assertThat(Distances.jensenShannonDistance(both.expected, both.current))
        .isEqualTo(vector.get("recomputed").asDouble(), within(1e-12));
  }

  private static Both histograms(JsonNode vector) {
    if (vector.has("reference_hist_counts")) {
      return new Both(
          array(vector.get("reference_hist_counts"), 1),
          array(vector.get("current_hist_counts"), 1));
    } else if (vector.has("reference_hist_share")) {
      return new Both(
          array(vector.get("reference_hist_share"), 10_000),
          array(vector.get("current_hist_share"), 1_000));
    }
    return Both.of(vector);
  }

  private static long[] array(JsonNode numbers, double scale) {
    return StreamSupport.stream(numbers.spliterator(), false)
        .mapToLong(number -> Math.round(number.asDouble() * scale))
        .toArray();
  }

  static Stream<JsonNode> tfdvDivergences() {
    return vectors("tfdv_distances.json", "jensen_shannon_divergence_log2_rebucketed")
        .filter(vector -> !vector.get("name").asText().contains("boundaries"))
        .filter(vector -> !vector.get("name").asText().contains("many"));
  }

  /** Of those whose buckets are the same or apart, so that cells can stand for them. */
  @ParameterizedTest
  @MethodSource("tfdvDivergences")
  void isTheJensenShannonDivergenceOfTfdv(JsonNode vector) {
    Set<String> cells = new LinkedHashSet<>();
    JsonNode one = vector.get("histogram_1_low_high_count");
    JsonNode other = vector.get("histogram_2_low_high_count");
    one.forEach(bucket -> cells.add(bucket.get(0) + " " + bucket.get(1)));
    other.forEach(bucket -> cells.add(bucket.get(0) + " " + bucket.get(1)));
    assertThat(Distances.jensenShannonDivergence(buckets(one, cells), buckets(other, cells)))
        .isEqualTo(vector.get("recomputed").asDouble(), within(1e-12));
  }

  private static long[] buckets(JsonNode histogram, Set<String> cells) {
    return cells.stream()
        .mapToLong(
            cell ->
                StreamSupport.stream(histogram.spliterator(), false)
                    .filter(bucket -> (bucket.get(0) + " " + bucket.get(1)).equals(cell))
                    .mapToLong(bucket -> Math.round(1e7 * bucket.get(2).asDouble()))
                    .sum())
        .toArray();
  }

  @Test
  void isTheChiSquareOfAContingencyTable() {
    // scipy.stats.chi2_contingency([[16, 18, 16, 14, 12, 12], [16, 16, 16, 16, 16, 8]])
    assertThat(
            Distances.chiSquare(
                new long[] {16, 18, 16, 14, 12, 12}, new long[] {16, 16, 16, 16, 16, 8}))
        .isEqualTo(1.6224089635854342, within(1e-12));
  }

  @Test
  void saysThatNothingDiffersOfCountsThatAreAlike() {
    long[] counts = LongStream.range(1, 11).toArray();
    long[] twice = LongStream.range(1, 11).map(count -> 2 * count).toArray();
    assertThat(Distances.jensenShannonDistance(counts, twice)).isZero();
    assertThat(Distances.chiSquare(counts, twice)).isEqualTo(0, within(1e-12));
    assertThat(Distances.psi(counts, counts)).isZero();
    assertThat(Distances.psi(counts, twice)).isLessThan(0.002); // half a count added to each
  }

  @Test
  void doesNotExplodeForOneCellThatTheReferenceNeverSaw() {
    long[] expected = {5_000, 5_000, 0};
    long[] current = {450, 450, 100};
    assertThat(Distances.psiOfEvidently(expected, current)).isGreaterThan(0.69);
    assertThat(Distances.psi(expected, current)).isBetween(0.4, 0.95);
  }
}
