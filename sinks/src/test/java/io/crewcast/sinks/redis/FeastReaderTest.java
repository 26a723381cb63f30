package io.crewcast.sinks.redis;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureSchema.Column;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.ValueType;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.StreamSupport;
import org.apache.flink.runtime.metrics.groups.InternalSinkWriterMetricGroup;
import org.apache.flink.runtime.metrics.groups.UnregisteredMetricGroups;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.embedded.RedisServer;

/** A reader that is held to Feast's own bytes reads all that Crewcast writes. */
class FeastReaderTest {

  private static final HexFormat HEX = HexFormat.of();
  private static JsonNode vectors;

  @BeforeAll
  static void readTheVectors() throws IOException {
    try (var in = FeastReaderTest.class.getResourceAsStream("/vectors/feast_redis_v3.json")) {
      vectors = new ObjectMapper().readTree(in);
    }
  }

  @Test
  void findsKeysAndFieldsWhereFeastPutsThem() {
    int strings = 0;
    for (JsonNode vector : vectors.get("entity_keys")) {
      Map<String, String> entity = new HashMap<>();
      boolean ofStrings = true;
      for (int i = 0; i < vector.get("join_keys").size(); i++) {
        JsonNode value = vector.get("entity_values").get(i);
        ofStrings &= value.get("kind").asText().equals("string_val");
        entity.put(vector.get("join_keys").get(i).asText(), value.get("value").asText());
      }
      boolean ascii =
          entity.keySet().stream().allMatch(name -> name.chars().allMatch(c -> c < 128));
      if (ofStrings && ascii) {
        strings++;
        assertThat(HEX.formatHex(FeastReader.key(vector.get("project").asText(), entity)))
            .isEqualTo(vector.get("redis_key_hex").asText());
      }
    }
    assertThat(strings).isGreaterThan(5);
    for (JsonNode vector : vectors.get("hash_fields")) {
      String view = vector.get("view").asText();
      assertThat(HEX.formatHex(FeastReader.field(view, vector.get("feature").asText())))
          .isEqualTo(vector.get("field_hex").asText());
    }
  }

  @Test
  void readsTheValuesAndTimesThatFeastWrites() {
    assertThat(value("null")).isNull();
    assertThat(value("int64_min")).isEqualTo(Long.MIN_VALUE);
    assertThat(value("int64_300")).isEqualTo(300L);
    assertThat(value("double_-2.5e300")).isEqualTo(-2.5e300);
    assertThat(value("bool_false")).isEqualTo(false);
    assertThat(value("string_utf8")).isEqualTo("Zoë-東京-🛠");
    assertThat(value("unix_ts_1758823656")).isEqualTo(1_758_823_656L);
    assertThat(value("string_list")).isEqualTo(List.of("a", "", "é"));
    assertThat(value("double_list")).isEqualTo(List.of(0.5, -1.0));
    for (JsonNode vector : vectors.get("timestamps")) {
      assertThat(FeastReader.timestamp(HEX.parseHex(vector.get("timestamp_proto_hex").asText())))
          .isEqualTo(OffsetDateTime.parse(vector.get("datetime").asText()).toInstant());
    }
  }

  private static @Nullable Object value(String name) {
    return StreamSupport.stream(vectors.get("values").spliterator(), false)
        .filter(vector -> vector.get("name").asText().equals(name))
        .map(vector -> HEX.parseHex(vector.get("value_proto_hex").asText()))
        .findFirst()
        .map(FeastReader::value)
        .orElse(null);
  }

  /** Sixty columns, so that rows are long, and each type is there with and without a value. */
  @Test
  void readsEveryValueThatCrewcastWrites() throws Exception {
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      columns.add(new Column("f_" + i, ValueType.values()[i % ValueType.values().length], "f"));
    }
    var schema = new FeatureSchema(EntityType.WORKER_PROJECT, "a pair", columns);
    SplittableRandom random = new SplittableRandom(11);
    List<FeatureVector> written = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      written.add(vector("Zoë/p-" + i, columns, random));
    }
    int port = RedisServers.freePort();
    RedisServer server = RedisServers.started(RedisServers.on(port));
    try (var writes =
            new OnlineWrites<>(
                RedisAddress.of(RedisServers.uri(port)),
                new FeatureViews(List.of(schema), Duration.ZERO),
                new WriteMetrics(
                    InternalSinkWriterMetricGroup.wrap(
                        UnregisteredMetricGroups.createUnregisteredOperatorMetricGroup())));
        Jedis redis = new Jedis(RedisServers.uri(port))) {
      writes.write(written);

      FeastReader reader = new FeastReader(redis, "crewcast");
      List<String> names = columns.stream().map(Column::name).toList();
      for (FeatureVector vector : written) {
        String project = vector.getEntityId().substring("Zoë/".length());
        var entity = Map.of("company_id", "acme", "worker_id", "Zoë", "project_id", project);
        var found = reader.read("worker_project_features", entity, names);
        assertThat(found.timestamp()).isEqualTo(vector.getAsOf());
        for (int i = 0; i < columns.size(); i++) {
          assertThat(found.values().get(names.get(i)))
              .isEqualTo(inFeast(columns.get(i).type(), vector.getValues().get(i)));
        }
      }
    } finally {
      server.stop();
    }
  }

  /** Feast's instants are whole seconds. */
  private static @Nullable Object inFeast(ValueType type, @Nullable Object value) {
    return type == ValueType.INSTANT && value != null
        ? Math.floorDiv((Long) value, 1_000_000L)
        : value;
  }

  private static FeatureVector vector(
      String entityId, List<Column> columns, SplittableRandom random) {
    List<@Nullable Object> values = new ArrayList<>();
    for (Column column : columns) {
      values.add(random.nextInt(5) == 0 ? null : random(column.type(), random));
    }
    return FeatureVector.newBuilder()
        .setEntity(EntityType.WORKER_PROJECT)
        .setCompanyId("acme")
        .setEntityId(entityId)
        .setAsOf(Instant.ofEpochSecond(1_700_000_000L + random.nextInt(1_000_000), 123_000))
        .setSequence(random.nextInt(1_000))
        .setValues(values)
        .build();
  }

  private static Object random(ValueType type, SplittableRandom random) {
    return switch (type) {
      case LONG -> random.nextLong() >> random.nextInt(64);
      case DOUBLE -> Double.longBitsToDouble(random.nextLong());
      case BOOLEAN -> random.nextBoolean();
      case STRING -> "é".repeat(random.nextInt(300)); // up to 600 bytes, lengths of 5 to 16 bits
      case INSTANT -> random.nextLong(4_000_000_000_000_000L);
      case STRINGS -> random.ints(random.nextInt(4), 0, 9).mapToObj(n -> "東".repeat(n)).toList();
      case DOUBLES -> random.doubles(random.nextInt(30)).boxed().toList();
    };
  }
}
