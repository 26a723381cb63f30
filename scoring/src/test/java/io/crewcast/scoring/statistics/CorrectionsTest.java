package io.crewcast.scoring.statistics;

import static io.crewcast.scoring.Vectors.doubles;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.crewcast.scoring.Vectors;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class CorrectionsTest {

  private static final double NONE = Double.NaN;

  static Stream<JsonNode> discoveries() {
    return Vectors.of("growthbook_stats.json", "/multiple_testing/benjamini_hochberg");
  }

  static Stream<JsonNode> families() {
    return Vectors.of("growthbook_stats.json", "/multiple_testing/holm_bonferroni");
  }

  @ParameterizedTest
  @MethodSource("discoveries")
  void holdsTheShareOfFalseDiscoveriesAsGrowthbookDoes(JsonNode vector) {
    assertThat(Corrections.benjaminiHochberg(doubles(vector.get("p"))))
        .containsExactly(doubles(vector.get("expected_adjusted_in_input_order")), within(1e-12));
  }

  @ParameterizedTest
  @MethodSource("families")
  void holdsTheChanceOfAnyFalseDiscoveryAsGrowthbookDoes(JsonNode vector) {
    assertThat(Corrections.holm(doubles(vector.get("p"))))
        .containsExactly(doubles(vector.get("expected_adjusted_in_input_order")), within(1e-12));
  }

  @Test
  void countsNoTestThatHasNoValue() {
    assertThat(Corrections.holm(new double[] {NONE, 0.01, NONE, 0.03}))
        .containsExactly(NONE, 0.02, NONE, 0.03);
    assertThat(Corrections.benjaminiHochberg(new double[] {0.03, NONE, 0.01}))
        .containsExactly(0.03, NONE, 0.02);
    assertThat(Corrections.holm(new double[0])).isEmpty();
    assertThat(Corrections.benjaminiHochberg(new double[] {NONE})).containsExactly(NONE);
  }

  @Test
  void neverMakesAValueSmallerNorChangesTheirOrder() {
    var random = new SplittableRandom(7);
    for (int round = 0; round < 1_000; round++) {
      double[] p = random.doubles(1 + random.nextInt(12)).toArray();
      double[] holm = Corrections.holm(p);
      double[] discovery = Corrections.benjaminiHochberg(p);
      for (int i = 0; i < p.length; i++) {
        assertThat(discovery[i]).isBetween(p[i], holm[i]);
        assertThat(holm[i]).isLessThanOrEqualTo(1);
        for (int j = 0; j < p.length; j++) {
          if (p[i] < p[j]) {
            assertThat(holm[i]).as(Arrays.toString(p)).isLessThanOrEqualTo(holm[j]);
            assertThat(discovery[i]).isLessThanOrEqualTo(discovery[j]);
          }
        }
      }
    }
  }
}
