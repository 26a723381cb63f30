package io.crewcast.sinks.redis;

import static java.util.stream.Collectors.joining;

import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureSchema.Column;
import io.crewcast.schemas.ValueType;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A <a href="https://docs.feast.dev/reference/feature-repository">feature repository</a> of Feast
 * for what {@link RedisFeatureSink} writes: with it, Feast's Python SDK reads Redis.
 *
 * @param views the kinds of entity that are in Redis
 * @param redis where it is
 * @param timeToLive after which a feature is too old, as the sink keeps an entity
 * @param lake where the tables lie that Feast may read history from
 */
public record FeastRepository(
    List<FeatureSchema> views, URI redis, Duration timeToLive, String lake) {

  private static final String COMPANY = "company_id";

  /** The file {@code feature_store.yaml}. */
  public String configuration() {
    int port = redis.getPort() < 0 ? 6379 : redis.getPort();
    return """
    # Made by ./crewcast features export feast
    project: %s
    provider: local
    registry: registry.db
    online_store:
      type: redis
      connection_string: "%s:%d"
      key_ttl_seconds: %d
    offline_store:
      type: file
    entity_key_serialization_version: 3
    """
        .formatted(FeastView.PROJECT, redis.getHost(), port, timeToLive.toSeconds());
  }

  /** The file {@code features.py}. */
  public String definitions() {
    StringBuilder python =
        new StringBuilder(
            """
            # Made by ./crewcast features export feast
            from datetime import timedelta

            from feast import Entity, FeatureView, Field, FileSource, ValueType
            from feast.types import Array, Bool, Float64, Int64, String, UnixTimestamp

            """);
    for (String key : joinKeys()) {
      python.append(
          "%s = Entity(name=\"%s\", join_keys=[\"%s\"], value_type=ValueType.STRING)\n"
              .formatted(entity(key), entity(key), key));
    }
    views.forEach(view -> python.append(view(view)));
    return python.toString();
  }

  private String view(FeatureSchema view) {
    return """

    %1$s = FeatureView(
        name="%1$s",
        description=%2$s,
        entities=[%3$s],
        ttl=timedelta(seconds=%4$d),
        schema=[
    %5$s
        ],
        online=True,
        source=FileSource(name="%1$s_of_the_lake", path=%6$s, timestamp_field="as_of"),
    )
    """
        .formatted(
            view.table(),
            text(view.doc()),
            keysOf(view).stream().map(FeastRepository::entity).collect(joining(", ")),
            timeToLive.toSeconds(),
            view.columns().stream().map(FeastRepository::field).collect(joining("\n")),
            text(lake + "/" + view.table()));
  }

  private static String field(Column column) {
    return "        Field(name=\"%s\", dtype=%s, description=%s),"
        .formatted(column.name(), type(column.type()), text(column.doc()));
  }

  /** As {@link FeastCodec#value} writes them. */
  private static String type(ValueType type) {
    return switch (type) {
      case LONG -> "Int64";
      case DOUBLE -> "Float64";
      case BOOLEAN -> "Bool";
      case STRING -> "String";
      case INSTANT -> "UnixTimestamp";
      case STRINGS -> "Array(String)";
      case DOUBLES -> "Array(Float64)";
    };
  }

  private Set<String> joinKeys() {
    Set<String> keys = new LinkedHashSet<>();
    views.forEach(view -> keys.addAll(keysOf(view)));
    return keys;
  }

  private static Set<String> keysOf(FeatureSchema view) {
    Set<String> keys = new LinkedHashSet<>(List.of(COMPANY));
    keys.addAll(view.idFields());
    return keys;
  }

  private static String entity(String joinKey) {
    return joinKey.substring(0, joinKey.lastIndexOf("_id"));
  }

  private static String text(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", " ") + '"';
  }
}
