package io.crewcast.sinks.redis;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureSchema.Column;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;

/** Reads features back from Redis, one entity or many in one round trip. Not thread-safe. */
public final class OnlineFeatures implements AutoCloseable {

  private final Jedis redis;
  private final Map<EntityType, FeastView> views = new EnumMap<>(EntityType.class);

  public OnlineFeatures(URI uri, Collection<FeatureSchema> views) {
    this.redis = new Jedis(uri);
    for (FeatureSchema features : views) {
      this.views.put(features.entity(), new FeastView(features));
    }
  }

  /**
   * What Redis knows of an entity.
   *
   * @param asOf entity time of the values
   * @param sequence changes applied to the entity so far
   * @param values by column, in the order of the schema; a null says that the feature has no value
   * @param absent columns that Redis holds nothing of, for they came after the entity's last write
   */
  public record Row(
      EntityType entity,
      String companyId,
      String entityId,
      Instant asOf,
      long sequence,
      Map<String, @Nullable Object> values,
      Set<String> absent) {}

  /** The features of one entity; empty for an entity that Redis does not know. */
  public Optional<Row> read(EntityType entity, String companyId, String entityId) {
    return read(entity, companyId, List.of(entityId)).get(0);
  }

  /**
   * The features of many entities of a company, in the order of {@code entityIds}.
   *
   * @throws IllegalArgumentException when no such entities are kept
   */
  public List<Optional<Row>> read(EntityType entity, String companyId, List<String> entityIds) {
    FeastView view = views.get(entity);
    if (view == null) {
      throw new IllegalArgumentException(
          "No features of %s are kept online; choose one of %s".formatted(entity, views.keySet()));
    }
    List<byte[]> fields = new ArrayList<>(view.fields());
    fields.add(view.timestampField());
    fields.add(view.sequenceField());
    byte[][] wanted = fields.toArray(new byte[0][]);
    List<Response<List<byte[]>>> answers = new ArrayList<>(entityIds.size());
    try (Pipeline pipeline = redis.pipelined()) {
      for (String id : entityIds) {
        answers.add(pipeline.hmget(view.key(companyId, id), wanted));
      }
      pipeline.sync();
    }
    List<Optional<Row>> rows = new ArrayList<>(entityIds.size());
    for (int i = 0; i < entityIds.size(); i++) {
      rows.add(row(view, companyId, entityIds.get(i), answers.get(i).get()));
    }
    return rows;
  }

  private static Optional<Row> row(
      FeastView view, String companyId, String entityId, List<byte @Nullable []> stored) {
    List<Column> columns = view.features().columns();
    byte[] asOf = stored.get(columns.size());
    if (asOf == null) {
      return Optional.empty();
    }
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    Set<String> absent = new LinkedHashSet<>();
    for (int i = 0; i < columns.size(); i++) {
      Column column = columns.get(i);
      byte[] value = stored.get(i);
      if (value == null) {
        absent.add(column.name());
      } else {
        values.put(column.name(), FeastCodec.value(column.type(), value));
      }
    }
    return Optional.of(
        new Row(
            view.features().entity(),
            companyId,
            entityId,
            FeastCodec.timestamp(asOf),
            sequence(stored.get(columns.size() + 1)),
            Collections.unmodifiableMap(values),
            Collections.unmodifiableSet(absent)));
  }

  /** What Feast itself wrote has no sequence. */
  private static long sequence(byte @Nullable [] stored) {
    if (stored == null) {
      return 0;
    }
    String text = new String(stored, StandardCharsets.US_ASCII);
    return Long.parseLong(text.substring(text.indexOf(' ') + 1));
  }

  @Override
  public void close() {
    redis.close();
  }
}
