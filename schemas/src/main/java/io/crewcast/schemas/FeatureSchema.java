package io.crewcast.schemas;

import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/**
 * The columns of one kind of entity: what {@link FeatureVector#getValues()} holds, in order, and
 * the Avro record that goes to its topic and its lake table.
 *
 * @param entity whose features they are
 * @param doc what the entity is, in a sentence
 * @param columns one a feature, in the order of the vector
 */
@NullMarked
public record FeatureSchema(EntityType entity, String doc, List<Column> columns)
    implements Serializable {

  /**
   * One feature.
   *
   * @param name snake_case, with its window: {@code hours_30d}
   * @param type of a value that is there; every feature may be missing
   * @param doc what it means, with its unit
   * @param window how far back it looks; null for ever, or not at all
   */
  public record Column(String name, ValueType type, String doc, @Nullable Duration window)
      implements Serializable {
    public Column(String name, ValueType type, String doc) {
      this(name, type, doc, null);
    }
  }

  /** {@code worker} for {@link EntityType#WORKER}: the prefix of topics, views and expressions. */
  public static String nameOf(EntityType entity) {
    return entity.name().toLowerCase(Locale.ROOT);
  }

  /** {@code company_id:entity_id}, the key of an entity in state and on topics. */
  public static String key(String companyId, String entityId) {
    return companyId + ':' + entityId;
  }

  /**
   * The fields of a fact that name an entity of this kind, and its columns in a row: {@code
   * worker_id} for workers, {@code worker_id} and {@code project_id} for a worker in a project.
   */
  public static List<String> idFields(EntityType entity) {
    return entity == EntityType.WORKER_PROJECT
        ? List.of("worker_id", "project_id")
        : List.of(nameOf(entity) + "_id");
  }

  /** What {@link #idFields} hold of an entity. */
  public static List<String> ids(EntityType entity, String entityId) {
    if (entity != EntityType.WORKER_PROJECT) {
      return List.of(entityId);
    }
    PairId pair = PairId.of(entityId);
    return List.of(pair.workerId(), pair.projectId());
  }

  /** The entity of which {@link #idFields} hold {@code ids}: what {@link #ids} took apart. */
  public static String entityId(EntityType entity, List<String> ids) {
    return entity == EntityType.WORKER_PROJECT
        ? new PairId(ids.get(0), ids.get(1)).entityId()
        : ids.get(0);
  }

  public String name() {
    return nameOf(entity);
  }

  /** {@code worker_id} for workers: those of {@link #idFields(EntityType)}. */
  public List<String> idFields() {
    return idFields(entity);
  }

  /** {@code worker_features}: the lake table and the Feast view. */
  public String table() {
    return name() + "_features";
  }

  /** The position of a column in a vector, or -1. */
  public int indexOf(String column) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equals(column)) {
        return i;
      }
    }
    return -1;
  }

  /** The record {@code io.crewcast.schemas.WorkerFeatures}: keys, times, then a field a column. */
  public Schema avro() {
    var fields =
        SchemaBuilder.record(camelCase(table())).namespace("io.crewcast.schemas").doc(doc).fields();
    Schema text = ValueType.STRING.avro();
    Schema instant = LogicalTypes.timestampMicros().addToSchema(Schema.create(Schema.Type.LONG));
    fields = fields.name("company_id").doc("The company").type(text).noDefault();
    for (String id : idFields()) {
      String doc = "The " + id.substring(0, id.lastIndexOf("_id"));
      fields = fields.name(id).doc(doc).type(text).noDefault();
    }
    fields = fields.name("as_of").doc("Entity time, UTC").type(instant).noDefault();
    fields = fields.name("sequence").doc("Changes applied so far").type().longType().noDefault();
    fields =
        fields
            .name("event_id")
            .doc("The event that changed it; null when time alone did")
            .type(nullable(text))
            .withDefault(null);
    for (Column column : columns) {
      fields =
          fields
              .name(column.name())
              .doc(column.doc())
              .type(nullable(column.type().avro()))
              .withDefault(null);
    }
    return fields.endRecord();
  }

  /** The record of {@link #avro()} with the values of {@code vector}; instants as microseconds. */
  public GenericRecord row(FeatureVector vector, Schema avro) {
    GenericRecord row = new GenericData.Record(avro);
    int field = 0;
    row.put(field++, vector.getCompanyId());
    for (String id : ids(entity, vector.getEntityId())) {
      row.put(field++, id);
    }
    row.put(field++, Instants.micros(vector.getAsOf()));
    row.put(field++, vector.getSequence());
    row.put(field++, vector.getEventId());
    for (Object value : vector.getValues()) {
      row.put(field++, value);
    }
    return row;
  }

  private static String camelCase(String name) {
    return Arrays.stream(name.split("_"))
        .map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
        .collect(Collectors.joining());
  }

  private static Schema nullable(Schema type) {
    return Schema.createUnion(new ArrayList<>(List.of(Schema.create(Schema.Type.NULL), type)));
  }
}
