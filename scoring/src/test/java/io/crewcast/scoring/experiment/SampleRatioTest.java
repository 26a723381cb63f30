package io.crewcast.scoring.experiment;

import static io.crewcast.scoring.Vectors.doubles;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.crewcast.scoring.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class SampleRatioTest {

  static Stream<JsonNode> splits() {
    return Vectors.of("growthbook_stats.json", "/srm/cases");
  }

  static Stream<JsonNode> streams() {
    return Vectors.of("sequential_srm.json", "/cases");
  }

  private static SampleRatio ratio(JsonNode weights) {
    return new SampleRatio(Arrays.stream(doubles(weights)).boxed().toList());
  }

  @ParameterizedTest
  @MethodSource("splits")
  void testsASplitAsGrowthbookDoes(JsonNode vector) {
    List<Long> users = new ArrayList<>();
    vector.get("users").forEach(count -> users.add(count.asLong()));
    double p = ratio(vector.get("weights")).chiSquareP(users);
    assertThat(p).isCloseTo(vector.get("expected").asDouble(), within(5.1e-10));
    assertThat(p).isCloseTo(vector.get("recomputed").asDouble(), within(1e-12));
  }

  @ParameterizedTest
  @MethodSource("streams")
  void followsASplitAsOptimizelyDoes(JsonNode vector) {
    SampleRatio ratio = ratio(vector.get("null_probabilities"));
    List<Long> counts = new ArrayList<>(Collections.nCopies(ratio.weights().size(), 0L));
    double least = 1;
    for (int step = 0; step < vector.get("data").size(); step++) {
      for (int i = 0; i < counts.size(); i++) {
        counts.set(i, counts.get(i) + vector.get("data").get(step).get(i).asLong());
      }
      double factor = Math.exp(ratio.logBayesFactor(counts, prior(vector)));
      least = Math.min(least, 1 / factor);
      JsonNode marginal = vector.at("/expected_log_marginal_M1_M0/" + step);
      if (marginal.isArray()) {
        assertThat(Math.log(factor))
            .isCloseTo(marginal.get(0).asDouble() - marginal.get(1).asDouble(), within(1e-10));
        assertFactor(factor, least, vector.at("/recomputed/" + step));
      }
    }
    if (vector.has("expected")) { // of the last step, from the prior that we ship
      double factor = Math.exp(ratio.logBayesFactor(counts, prior(vector)));
      assertFactor(factor, least, vector.get("expected"));
      assertThat(ratio.pValue(counts)).isCloseTo(1 / factor, within(1e-12));
    }
  }

  private static void assertFactor(double factor, double least, JsonNode expected) {
    assertThat(factor).isCloseTo(expected.get("bayes_factor").asDouble(), within(1e-10));
    assertThat(least).isCloseTo(expected.get("p_value").asDouble(), within(1e-10));
    assertThat(factor / (1 + factor))
        .isCloseTo(expected.get("posterior_probability").asDouble(), within(1e-10));
  }

  private static List<Double> prior(JsonNode vector) {
    return vector.has("dirichlet_alpha")
        ? Arrays.stream(doubles(vector.get("dirichlet_alpha"))).boxed().toList()
        : Arrays.stream(doubles(vector.get("null_probabilities")))
            .map(share -> 10_000 * share)
            .boxed()
            .toList();
  }
}
