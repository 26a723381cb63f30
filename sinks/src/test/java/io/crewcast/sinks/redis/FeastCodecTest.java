package io.crewcast.sinks.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureSchema.Column;
import io.crewcast.schemas.ValueType;
import java.io.IOException;
import java.time.OffsetDateTime;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The vectors were computed by Feast's own Python code. */
class FeastCodecTest {

  private static JsonNode vectors(String group) {
    try (var in = FeastCodecTest.class.getResourceAsStream("/vectors/feast_redis_v3.json")) {
      return new ObjectMapper().readTree(in).get(group);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Stream<JsonNode> each(String group) {
    return StreamSupport.stream(vectors(group).spliterator(), false);
  }

  /** Vectors whose entity values are strings; Crewcast has no others. */
  static Stream<JsonNode> stringKeys() {
    return each("entity_keys")
        .filter(
            vector ->
                StreamSupport.stream(vector.get("entity_values").spliterator(), false)
                    .allMatch(value -> value.get("kind").asText().equals("string_val")));
  }

  @ParameterizedTest
  @MethodSource("stringKeys")
  void namesTheHashOfAnEntityAsFeastDoes(JsonNode vector) {
    SortedMap<String, String> joinKeys = FeastCodec.joinKeys();
    for (int i = 0; i < vector.get("join_keys").size(); i++) {
      joinKeys.put(
          vector.get("join_keys").get(i).asText(),
          vector.get("entity_values").get(i).get("value").asText());
    }

    assertThat(hex(FeastCodec.key(vector.get("project").asText(), joinKeys)))
        .isEqualTo(vector.get("redis_key_hex").asText());
  }

  @Test
  void hasVectorsOfStringKeysToCompareWith() {
    assertThat(stringKeys()).hasSizeGreaterThan(8);
  }

  static Stream<JsonNode> hashFields() {
    return each("hash_fields");
  }

  @ParameterizedTest
  @MethodSource("hashFields")
  void namesTheFieldOfAFeatureAsFeastDoes(JsonNode vector) {
    assertThat(hex(FeastCodec.field(vector.get("view").asText(), vector.get("feature").asText())))
        .isEqualTo(vector.get("field_hex").asText());
  }

  static Stream<JsonNode> timestampFields() {
    return each("timestamp_fields");
  }

  @ParameterizedTest
  @MethodSource("timestampFields")
  void namesTheTimeOfAViewAsFeastDoes(JsonNode vector) {
    assertThat(hex(FeastCodec.timestampField(vector.get("view").asText())))
        .isEqualTo(vector.get("field_hex").asText());
  }

  static Stream<JsonNode> timestamps() {
    return each("timestamps");
  }

  @ParameterizedTest
  @MethodSource("timestamps")
  void writesTimesAsFeastDoesAndReadsThemBack(JsonNode vector) {
    var instant = OffsetDateTime.parse(vector.get("datetime").asText()).toInstant();

    assertThat(hex(FeastCodec.timestamp(instant)))
        .isEqualTo(vector.get("timestamp_proto_hex").asText());
    assertThat(FeastCodec.timestamp(FeastCodec.timestamp(instant))).isEqualTo(instant);
  }

  static List<Arguments> values() {
    return List.of(
        value("int64_0", ValueType.LONG, 0L),
        value("int64_300", ValueType.LONG, 300L),
        value("int64_-1", ValueType.LONG, -1L),
        value("int64_max", ValueType.LONG, Long.MAX_VALUE),
        value("int64_min", ValueType.LONG, Long.MIN_VALUE),
        value("double_0", ValueType.DOUBLE, 0.0),
        value("double_-0", ValueType.DOUBLE, -0.0),
        value("double_0.1", ValueType.DOUBLE, 0.1),
        value("double_-2.5e300", ValueType.DOUBLE, -2.5e300),
        value("double_nan", ValueType.DOUBLE, Double.NaN),
        value("double_inf", ValueType.DOUBLE, Double.POSITIVE_INFINITY),
        value("bool_true", ValueType.BOOLEAN, true),
        value("bool_false", ValueType.BOOLEAN, false),
        value("string_empty", ValueType.STRING, ""),
        value("string_abc", ValueType.STRING, "abc"),
        value("string_utf8", ValueType.STRING, "Zoë-東京-🛠"),
        value("string_200", ValueType.STRING, "x".repeat(200)),
        value("unix_ts_0", ValueType.INSTANT, 0L),
        value("unix_ts_1758823656", ValueType.INSTANT, 1_758_823_656_000_000L),
        value("string_list", ValueType.STRINGS, List.of("a", "", "é")),
        value("double_list", ValueType.DOUBLES, List.of(0.5, -1.0)));
  }

  private static Arguments value(String vector, ValueType type, Object value) {
    return Arguments.of(vector, type, value);
  }

  @ParameterizedTest
  @MethodSource("values")
  void writesValuesAsFeastDoesAndReadsThemBack(String name, ValueType type, Object value) {
    assertThat(hex(FeastCodec.value(type, value))).isEqualTo(valueVector(name));
    assertThat(FeastCodec.value(type, FeastCodec.value(type, value))).isEqualTo(value);
  }

  @Test
  void writesNullAsNoBytesWhateverTheType() {
    for (ValueType type : ValueType.values()) {
      assertThat(hex(FeastCodec.value(type, (Object) null))).isEqualTo(valueVector("null"));
      assertThat(FeastCodec.value(type, new byte[0])).isNull();
    }
  }

  @Test
  void refusesAStoredValueOfAnotherType() {
    byte[] text = FeastCodec.value(ValueType.STRING, "12");

    assertThatThrownBy(() -> FeastCodec.value(ValueType.LONG, text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("long is expected");
  }

  @Test
  void refusesAViewWithTwoFeaturesInOneField() {
    var features =
        new FeatureSchema(
            EntityType.WORKER,
            "a worker",
            List.of(new Column("a", ValueType.LONG, "a"), new Column("a", ValueType.LONG, "b")));

    assertThatThrownBy(() -> FeastView.of(features)).hasMessageContaining("rename one of them");
  }

  private static @Nullable String valueVector(String name) {
    return each("values")
        .filter(vector -> vector.get("name").asText().equals(name))
        .findFirst()
        .orElseThrow()
        .get("value_proto_hex")
        .asText();
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
