package io.crewcast.scoring.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.crewcast.scoring.Vectors;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** GrowthBook's and Spotify's figures for two-sided and one-sided tests of both kinds. */
final class DifferenceTest {

  private static final int PLANNED = 5_000;

  private static Stream<JsonNode> frequentist(String kind) {
    return Vectors.of("growthbook_stats.json", "/frequentist")
        .filter(vector -> vector.get("kind").asText().startsWith(kind));
  }

  static Stream<JsonNode> welch() {
    return frequentist("two_sided_welch");
  }

  static Stream<JsonNode> sequential() {
    return frequentist("sequential_two_sided");
  }

  static Stream<JsonNode> oneSided() {
    return frequentist("one_sided");
  }

  static Stream<JsonNode> sequentialOneSided() {
    return frequentist("sequential_one_sided");
  }

  static Stream<JsonNode> spotify() {
    return Vectors.of("spotify_ttest.json", "/cases");
  }

  private static Difference difference(JsonNode vector) {
    SufficientStatistics control = SufficientStatistics.of(vector.get("control"));
    Moments treatment = SufficientStatistics.of(vector.get("treatment")).moments();
    return vector.path("relative").asBoolean()
        ? Difference.relative(control.kind(), control.moments(), treatment)
        : Difference.absolute(control.kind(), control.moments(), treatment);
  }

  /** A number as exact as the vector says it is; one that it does not give is not compared. */
  private static void assertNumber(double found, JsonNode vector, String name) {
    JsonNode expected = vector.get("expected").at(name);
    boolean isExact = name.equals("/point_estimate") || name.equals("/p_value");
    int decimals =
        !vector.has("rounded_decimals")
            ? 12
            : vector.get("rounded_decimals").isInt()
                ? vector.get("rounded_decimals").asInt()
                : isExact ? 9 : 5;
    if (expected.isNumber()) {
      // 3.53e-07 and -0.00841 are given with fewer digits
      assertThat(found)
          .as(name)
          .isCloseTo(expected.asDouble(), within(0.5000001 * digit(decimals)));
    }
    JsonNode recomputed = vector.path("recomputed").at(name);
    if (recomputed.isNumber()) {
      assertThat(found).as(name).isCloseTo(recomputed.asDouble(), within(1e-12));
    }
  }

  private static double digit(int decimals) {
    return Math.pow(10, -decimals);
  }

  private static double alpha(JsonNode vector) {
    return vector.path("alpha").asDouble(0.05);
  }

  @ParameterizedTest
  @MethodSource("welch")
  void testsAsGrowthbookDoes(JsonNode vector) {
    var test = new WelchTest(difference(vector));
    assertNumber(test.difference().effect(), vector, "/point_estimate");
    assertNumber(test.difference().standardError(), vector, "/standard_error");
    assertNumber(test.pValue(), vector, "/p_value");
    if (!test.difference().isKnown()) {
      assertThat(vector.get("expected").get("p_value").asInt()).isEqualTo(1);
      assertThat(test.interval(0.05)).isEqualTo(Interval.ALL); // theirs is [0, 0]: see the docs
      return;
    }
    assertNumber(test.interval(alpha(vector)).lower(), vector, "/ci/0");
    assertNumber(test.interval(alpha(vector)).upper(), vector, "/ci/1");
    if (vector.path("recomputed").has("dof")) {
      assertThat(test.difference().degreesOfFreedom())
          .isCloseTo(vector.get("recomputed").get("dof").asDouble(), within(1e-7));
    }
    if (vector.get("expected").has("sequential_ci_default_5000")) {
      var sequence = new ConfidenceSequence(0.05, PLANNED);
      assertNumber(
          sequence.interval(test.difference()).lower(), vector, "/sequential_ci_default_5000/0");
      assertNumber(
          sequence.interval(test.difference()).upper(), vector, "/sequential_ci_default_5000/1");
      assertThat(sequence.interval(test.difference()).lower())
          .isCloseTo(vector.at("/recomputed/sequential_ci/0").asDouble(), within(1e-12));
      assertThat(sequence.pValue(test.difference())).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @MethodSource("oneSided")
  void testsOneSideAsGrowthbookDoes(JsonNode vector) {
    var test = new WelchTest(difference(vector));
    assertNumber(test.difference().standardError(), vector, "/standard_error");
    if (vector.get("kind").asText().endsWith("greater")) {
      assertNumber(test.pAbove(0), vector, "/p_value");
      assertNumber(test.above(alpha(vector)).lower(), vector, "/ci/0");
    } else {
      assertNumber(test.pBelow(0), vector, "/p_value");
      assertNumber(test.below(alpha(vector)).upper(), vector, "/ci/1");
    }
  }

  @ParameterizedTest
  @MethodSource("sequential")
  void isValidAtAnyLookAsGrowthbookIs(JsonNode vector) {
    Difference difference = difference(vector);
    var sequence =
        new ConfidenceSequence(alpha(vector), vector.get("sequential_tuning_parameter").asDouble());
    assertNumber(difference.effect(), vector, "/point_estimate");
    assertNumber(difference.standardError(), vector, "/standard_error");
    assertNumber(sequence.interval(difference).lower(), vector, "/ci/0");
    assertNumber(sequence.interval(difference).upper(), vector, "/ci/1");
    assertNumber(sequence.pValue(difference), vector, "/p_value");
  }

  @ParameterizedTest
  @MethodSource("sequentialOneSided")
  void isValidOnOneSideAtAnyLookAsGrowthbookIs(JsonNode vector) {
    Difference difference = difference(vector);
    var sequence = new ConfidenceSequence(alpha(vector), PLANNED);
    boolean greater = vector.get("kind").asText().endsWith("greater");
    if (greater) {
      assertNumber(sequence.above(difference).lower(), vector, "/ci/0");
    } else {
      assertNumber(sequence.below(difference).upper(), vector, "/ci/1");
    }
    double p = greater ? sequence.pAbove(difference, 0) : sequence.pBelow(difference, 0);
    double expected = vector.get("expected").get("p_value").asDouble();
    if (expected == 0.4999) { // where their search for it ends
      assertThat(p).isGreaterThan(expected);
    } else { // their search stops short of it
      assertThat(p).isCloseTo(expected, within(2e-4));
    }
  }

  @ParameterizedTest
  @MethodSource("spotify")
  void testsAsSpotifyDoes(JsonNode vector) {
    var test = new WelchTest(difference(vector));
    Interval interval = test.interval(1 - vector.get("interval").asDouble());
    JsonNode ours = vector.get("recomputed_welch");
    assertThat(test.difference().effect())
        .isCloseTo(ours.get("difference").asDouble(), within(1e-12));
    assertThat(interval.lower()).isCloseTo(ours.at("/ci/0").asDouble(), within(1e-10));
    assertThat(interval.upper()).isCloseTo(ours.at("/ci/1").asDouble(), within(1e-10));
    assertThat(test.pValue()).isCloseTo(ours.get("p_value").asDouble(), within(1e-10));
    assertThat(test.difference().degreesOfFreedom())
        .isCloseTo(ours.get("dof").asDouble(), within(1e-6));
    double tolerance = vector.get("rel_tol").asDouble();
    JsonNode expected = vector.get("expected");
    if (expected.has("ci_lower")) {
      assertThat(interval.lower())
          .isCloseTo(
              expected.get("ci_lower").asDouble(), share(tolerance, expected.get("ci_lower")));
      assertThat(interval.upper())
          .isCloseTo(
              expected.get("ci_upper").asDouble(), share(tolerance, expected.get("ci_upper")));
    }
    if (expected.has("p_value")) {
      assertThat(test.pValue())
          .isCloseTo(expected.get("p_value").asDouble(), share(tolerance, expected.get("p_value")));
    }
  }

  private static Offset<Double> share(double tolerance, JsonNode of) {
    return within(tolerance * Math.abs(of.asDouble()));
  }

  @Test
  void adjustsEachVariationByTheCoefficientOfItsOwnPair() {
    JsonNode vector = frequentist("cuped_stddev").findFirst().orElseThrow();
    Moments[] arms = new Moments[3];
    for (int i = 0; i < arms.length; i++) {
      arms[i] = SufficientStatistics.of(vector.get("arms").get(i)).moments();
    }
    double first = Difference.theta(MetricKind.MEAN, arms[0], arms[1]);
    double second = Difference.theta(MetricKind.MEAN, arms[0], arms[2]);
    assertThat(deviation(arms[0], second)).isCloseTo(0.434288923, within(5.1e-10));
    assertThat(deviation(arms[1], first)).isCloseTo(0.423529598, within(5.1e-10));
    assertThat(deviation(arms[2], second)).isCloseTo(0.458953951, within(5.1e-10));
  }

  private static double deviation(Moments arm, double theta) {
    return Math.sqrt(Arm.of(MetricKind.MEAN, arm).adjustedVariance(theta));
  }

  @Test
  void isNarrowestWhereADecisionWasPlanned() {
    JsonNode vector = frequentist("property").findFirst().orElseThrow();
    Difference relative =
        Difference.relative(
            MetricKind.MEAN,
            SufficientStatistics.of(vector.get("control")).moments(),
            SufficientStatistics.of(vector.get("treatment")).moments());
    double before = Double.POSITIVE_INFINITY;
    for (int planned : new int[] {10, 10_000, 6_461}) {
      Interval interval = new ConfidenceSequence(0.05, planned).interval(relative);
      JsonNode expected = vector.get("recomputed").get(Integer.toString(planned));
      assertThat(interval.lower()).isCloseTo(expected.get(0).asDouble(), within(1e-12));
      assertThat(interval.upper()).isCloseTo(expected.get(1).asDouble(), within(1e-12));
      assertThat(interval.upper() - interval.lower()).isLessThan(before);
      before = interval.upper() - interval.lower();
    }
  }

  @Test
  void saysNothingWhereNothingVariesOrTheDenominatorIsZero() {
    Moments same = Moments.none(Arm.VARIABLES).add(1, 1, 0, 1).add(1, 1, 0, 1);
    Moments one = Moments.none(Arm.VARIABLES).add(1, 1, 0, 1);
    Moments without = Moments.none(Arm.VARIABLES).add(1, 0, 0, 1).add(2, 0, 0, 1);
    for (MetricKind kind : MetricKind.values()) {
      assertThat(Difference.absolute(kind, same, same)).isEqualTo(Difference.NONE);
      assertThat(Difference.absolute(kind, one, same)).isEqualTo(Difference.NONE);
      assertThat(Difference.relative(kind, without, without)).isEqualTo(Difference.NONE);
    }
    assertThat(new WelchTest(Difference.NONE).pValue()).isEqualTo(1);
    var sequence = new ConfidenceSequence(0.05, PLANNED);
    assertThat(sequence.pValue(Difference.NONE)).isEqualTo(1);
    assertThat(sequence.pAbove(Difference.NONE, -1)).isEqualTo(1);
    assertThat(sequence.interval(Difference.NONE)).isEqualTo(Interval.ALL);
  }

  @Test
  void seesThatWhatNeverHappensToControlHappensToTheOther() {
    Moments never = Moments.none(Arm.VARIABLES);
    Moments often = Moments.none(Arm.VARIABLES);
    for (int unit = 0; unit < 98; unit++) {
      never = never.add(0, 1, 0, 1);
      often = often.add(unit % 2, 1, 0, 1);
    }
    Difference seen = Difference.absolute(MetricKind.PROPORTION, never, often);
    assertThat(seen.effect()).isEqualTo(0.5);
    assertThat(seen.standardError())
        .isCloseTo(Math.sqrt(0.25 / 98 + 0.01 * 0.99 / 98), within(1e-12));
    assertThat(Difference.absolute(MetricKind.PROPORTION, often, never).effect()).isEqualTo(-0.5);
    assertThat(Difference.absolute(MetricKind.PROPORTION, never, never)).isEqualTo(Difference.NONE);
    assertThat(Difference.absolute(MetricKind.MEAN, never, often)).isEqualTo(Difference.NONE);
  }

  @Test
  void saysNothingOfWhatIsTooLargeToBeSquared() {
    Moments some = Moments.none(Arm.VARIABLES).add(1e200, 1, 0, 1).add(1, 1, 0, 1).add(2, 1, 0, 1);
    assertThat(Difference.absolute(MetricKind.MEAN, some, some)).isEqualTo(Difference.NONE);
  }

  @Test
  void callsAnEffectOnANegativeControlByItsDirection() {
    Moments control = Moments.none(Arm.VARIABLES).add(-3, 1, 0, 1).add(-1, 1, 0, 1);
    Moments better = Moments.none(Arm.VARIABLES).add(-2, 1, 0, 1).add(0, 1, 0, 1);
    assertThat(Difference.relative(MetricKind.MEAN, control, better).effect())
        .isCloseTo(0.5, within(1e-12));
  }
}
