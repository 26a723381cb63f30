package io.crewcast.scoring.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.crewcast.scoring.rollout.Bucketing.Range;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class BucketingTest {

  private static Stream<JsonNode> vectors(String table) {
    try (InputStream in =
        BucketingTest.class.getResourceAsStream("/vectors/growthbook_hashing.json")) {
      JsonNode rows = new ObjectMapper().readTree(in).get(table);
      return StreamSupport.stream(rows.spliterator(), false);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static Stream<JsonNode> places() {
    return vectors("hash");
  }

  static Stream<JsonNode> ranges() {
    return vectors("getBucketRange");
  }

  static Stream<JsonNode> choices() {
    return vectors("chooseVariation");
  }

  @ParameterizedTest
  @MethodSource("places")
  void findsThePlaceThatGrowthbookFinds(JsonNode vector) {
    OptionalDouble place =
        Bucketing.place(
            vector.get("seed").asText(),
            vector.get("value").asText(),
            vector.get("version").asInt());
    assertThat(place.isPresent()).isEqualTo(!vector.get("expected").isNull());
    place.ifPresent(found -> assertThat(found).isEqualTo(vector.get("expected").asDouble()));
  }

  @ParameterizedTest
  @MethodSource("ranges")
  void cutsTheRangesThatGrowthbookCuts(JsonNode vector) {
    List<Range> found =
        Bucketing.ranges(
            vector.get("numVariations").asInt(),
            vector.get("coverage").asDouble(),
            doubles(vector.get("weights")));
    assertThat(found).hasSize(vector.get("expected").size());
    for (int i = 0; i < found.size(); i++) {
      JsonNode expected = vector.get("expected").get(i);
      assertThat(found.get(i).from()).isCloseTo(expected.get(0).asDouble(), within(1e-8));
      assertThat(found.get(i).to()).isCloseTo(expected.get(1).asDouble(), within(1e-8));
    }
  }

  @ParameterizedTest
  @MethodSource("choices")
  void choosesTheVariationThatGrowthbookChooses(JsonNode vector) {
    List<Range> ranges = new ArrayList<>();
    vector
        .get("ranges")
        .forEach(range -> ranges.add(new Range(range.get(0).asDouble(), range.get(1).asDouble())));
    assertThat(Bucketing.variation(vector.get("n").asDouble(), ranges))
        .isEqualTo(vector.get("expected").asInt());
  }

  @Test
  void hashesEachUtf16UnitOfAText() {
    assertThat(Bucketing.place("seed", "a\u0301")).isNotEqualTo(Bucketing.place("seed", "a\u0001"));
  }

  private static List<Double> doubles(JsonNode numbers) {
    List<Double> doubles = new ArrayList<>();
    numbers.forEach(number -> doubles.add(number.asDouble()));
    return doubles;
  }
}
