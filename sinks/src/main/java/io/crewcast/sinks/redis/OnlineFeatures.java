package io.crewcast.sinks.redis;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureSchema.Column;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.ValueType;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads features back from Redis, one entity or many in one round trip. May be shared by threads;
 * connections are kept for the next read.
 *
 * <pre>{@code
 * try (var online = new OnlineFeatures(URI.create("redis://127.0.0.1:6379"), schemas)) {
 *   for (Optional<Row> found : online.read(EntityType.WORKER, "acme", List.of("kim", "lee"))) {
 *     OptionalDouble hours = found.isPresent() ? found.get().number("hours_7d") : OptionalDouble.empty();
 *   }
 * }
 * }</pre>
 */
public final class OnlineFeatures implements AutoCloseable {

  private final OnlineReader reader;
  private final Map<EntityType, FeatureSchema> schemas = new EnumMap<>(EntityType.class);
  private final Map<EntityType, FeastView> views = new EnumMap<>(EntityType.class);

  /** Reads from a server that its URI says all of. */
  public OnlineFeatures(URI uri, Collection<FeatureSchema> schemas) {
    this(RedisAddress.of(uri), schemas);
  }

  /**
   * Connects at the first read.
   *
   * @param schemas of the kinds of entity to be read, such as {@code Definitions.load(folder)
   *     .schemas().values()}
   */
  public OnlineFeatures(RedisAddress address, Collection<FeatureSchema> schemas) {
    this.reader = new OnlineReader(address);
    for (FeatureSchema schema : schemas) {
      this.schemas.put(schema.entity(), schema);
      this.views.put(schema.entity(), FeastView.of(schema));
    }
  }

  /**
   * What Redis knows of an entity.
   *
   * @param asOf entity time of the values
   * @param sequence changes applied to the entity so far; 0 of what Feast itself wrote
   * @param values by column, in the order of the schema; a null says that the feature has no value
   * @param absent columns that Redis holds nothing of, for they came after the entity's last write
   * @param schema that says the types of the values
   */
  public record Row(
      EntityType entity,
      String companyId,
      String entityId,
      Instant asOf,
      long sequence,
      Map<String, @Nullable Object> values,
      Set<String> absent,
      FeatureSchema schema) {

    /** Whether the values are as of longer ago than {@code bound}: known, but old. */
    public boolean isStale(Instant now, Duration bound) {
      return asOf.isBefore(now.minus(bound));
    }

    /** A number; empty where it has no value. */
    public OptionalDouble number(String column) {
      return value(column, Number.class, ValueType.LONG, ValueType.DOUBLE)
          .map(number -> OptionalDouble.of(number.doubleValue()))
          .orElseGet(OptionalDouble::empty);
    }

    /** A text; empty where it has no value. */
    public Optional<String> text(String column) {
      return value(column, String.class, ValueType.STRING);
    }

    /** A condition; empty where it has no value. */
    public Optional<Boolean> condition(String column) {
      return value(column, Boolean.class, ValueType.BOOLEAN);
    }

    /** An instant, in whole seconds as Feast keeps it; empty where it has no value. */
    public Optional<Instant> instant(String column) {
      return value(column, Long.class, ValueType.INSTANT).map(Instants::ofMicros);
    }

    /** A list of texts or of numbers; empty where it has no value. */
    public Optional<List<?>> list(String column) {
      return value(column, List.class, ValueType.STRINGS, ValueType.DOUBLES)
          .map(list -> (List<?>) list);
    }

    /**
     * A value of one of {@code types}.
     *
     * @throws IllegalArgumentException naming what is there in place of such a column
     */
    private <T> Optional<T> value(String name, Class<T> form, ValueType... types) {
      int index = schema.indexOf(name);
      if (index < 0) {
        throw new IllegalArgumentException(
            "There is no feature %s of %s; choose one of %s"
                .formatted(
                    name, schema.name(), schema.columns().stream().map(Column::name).toList()));
      }
      ValueType type = schema.columns().get(index).type();
      if (!List.of(types).contains(type)) {
        throw new IllegalArgumentException(
            "%s of %s is %s: ask for that".formatted(name, schema.name(), type.withArticle()));
      }
      return Optional.ofNullable(values.get(name)).map(form::cast);
    }
  }

  /** The features of one entity; empty for an entity that Redis does not know. */
  public Optional<Row> read(EntityType entity, String companyId, String entityId) {
    return read(entity, companyId, List.of(entityId)).get(0);
  }

  /**
   * The features of many entities of a company, in the order of {@code entityIds}; empty for those
   * that Redis does not know, or no more: nothing was written of them for the time to live.
   *
   * @throws IllegalArgumentException when no such entities are kept
   * @throws redis.clients.jedis.exceptions.JedisConnectionException when Redis does not answer
   */
  public List<Optional<Row>> read(EntityType entity, String companyId, List<String> entityIds) {
    FeastView view = views.get(entity);
    FeatureSchema schema = schemas.get(entity);
    if (view == null || schema == null) {
      throw new IllegalArgumentException(
          "No features of %s are kept online; choose one of %s".formatted(entity, views.keySet()));
    }
    List<byte[]> keys = new ArrayList<>(entityIds.size());
    for (String id : entityIds) {
      keys.add(view.key(companyId, FeatureSchema.ids(entity, id)));
    }
    List<Optional<OnlineReader.Stored>> stored = reader.read(view, keys);
    List<Optional<Row>> rows = new ArrayList<>(stored.size());
    for (int i = 0; i < stored.size(); i++) {
      String id = entityIds.get(i);
      rows.add(
          stored
              .get(i)
              .map(
                  row ->
                      new Row(
                          entity,
                          companyId,
                          id,
                          row.asOf(),
                          row.order(),
                          row.values(),
                          row.absent(),
                          schema)));
    }
    return rows;
  }

  @Override
  public void close() {
    reader.close();
  }
}
