package io.crewcast.sinks.parquet;

import io.crewcast.schemas.Contribution;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureSchema.Column;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.TrainingExample;
import io.crewcast.schemas.ValueType;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.serde.RecordKey;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.schemas.stream.Arrival;
import io.crewcast.schemas.stream.RawRecord;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

/**
 * The tables whose rows differ from the records on their topics, because Parquet has no union of
 * several types.
 *
 * <ul>
 *   <li>{@code work_events}: {@code kind} names the payload, which is a struct in the column of
 *       that name ({@code time_entry}, {@code task}, ...); the others are null.
 *   <li>{@code predictions}, {@code training_examples}: every input is a typed, nullable column,
 *       named as in the model's file with underscores for dots: {@code worker_hours_7d}.
 * </ul>
 */
public final class LakeTables {

  private static final String NAMESPACE = "io.crewcast.lake";
  private static final String INPUTS = "inputs";
  private static final String CONTRIBUTIONS = "contributions";

  private static final Schema CONTRIBUTION =
      SchemaBuilder.record("Contribution")
          .namespace(NAMESPACE)
          .doc("What one input added to a score's margin.")
          .fields()
          .requiredString("feature")
          .optionalDouble("value")
          .optionalString("text")
          .requiredDouble("contribution")
          .endRecord();

  private LakeTables() {}

  /**
   * Valid events with their place in the topic, by the day on which they were recorded. Arrivals
   * without an event are dead letters and have no row.
   */
  public static LakeTable<Arrival> workEvents() {
    List<Schema.Field> fields = new ArrayList<>();
    Map<String, Integer> columnOf = new HashMap<>();
    for (Schema.Field field : WorkEvent.getClassSchema().getFields()) {
      if (field.name().equals("recorded_at")) {
        fields.add(new Schema.Field(field.name(), instant(), field.doc()));
      } else if (!field.name().equals("payload")) {
        fields.add(new Schema.Field(field.name(), field.schema(), field.doc()));
      }
    }
    fields.add(
        new Schema.Field("kind", Schema.create(Schema.Type.STRING), "Which payload column is set"));
    for (Schema payload : WorkEvent.getClassSchema().getField("payload").schema().getTypes()) {
      columnOf.put(payload.getFullName(), fields.size());
      fields.add(
          new Schema.Field(
              snakeCase(payload.getName()),
              nullable(payload),
              payload.getDoc(),
              Schema.Field.NULL_DEFAULT_VALUE));
    }
    int partition = fields.size();
    fields.add(
        new Schema.Field("kafka_partition", Schema.create(Schema.Type.INT), "Partition read from"));
    fields.add(new Schema.Field("kafka_offset", Schema.create(Schema.Type.LONG), "Its offset"));
    fields.add(new Schema.Field("appended_at", instant(), "The broker's append time, UTC"));
    Schema rows = record("WorkEventRow", "An event and its place in the topic.", fields);
    Map<String, Integer> columns = Map.copyOf(columnOf);
    return new LakeTable<>(
        "work_events",
        rows,
        "recorded_at",
        arrival -> eventRow(arrival.getEvent(), arrival.getRaw(), rows, columns, partition));
  }

  private static IndexedRecord eventRow(
      WorkEvent event, RawRecord raw, Schema rows, Map<String, Integer> columnOf, int partition) {
    GenericRecord row = copy(event, rows);
    IndexedRecord payload = (IndexedRecord) event.getPayload();
    row.put("kind", snakeCase(payload.getSchema().getName()));
    Integer column = columnOf.get(payload.getSchema().getFullName());
    if (column == null) {
      throw new IllegalArgumentException("No column for a " + payload.getSchema().getFullName());
    }
    row.put(column, payload);
    row.put(partition, raw.getPartition());
    row.put(partition + 1, raw.getOffset());
    row.put(partition + 2, raw.getAppendedAt());
    return row;
  }

  /** The arrival that a row of {@code work_events} was made of, but for the bytes of its value. */
  static Arrival arrival(GenericRecord row) {
    WorkEvent event =
        new WorkEvent(
            (String) row.get("event_id"),
            (String) row.get("company_id"),
            (Instant) row.get("occurred_at"),
            (Instant) row.get("recorded_at"),
            (String) row.get("source"),
            (Boolean) row.get("voided"),
            row.get(row.get("kind").toString()));
    RawRecord raw =
        new RawRecord(
            Topic.WORK_EVENTS.topicName(),
            (Integer) row.get("kafka_partition"),
            (Long) row.get("kafka_offset"),
            (Instant) row.get("appended_at"),
            ByteBuffer.wrap(RecordKey.of(event).getBytes(StandardCharsets.UTF_8)),
            null);
    return new Arrival(raw, event, null);
  }

  /** Rows of one kind of entity, by the day of {@code as_of}. */
  public static LakeTable<FeatureVector> features(FeatureSchema features) {
    Schema rows = features.avro();
    return new LakeTable<>(features.table(), rows, "as_of", vector -> features.row(vector, rows));
  }

  /**
   * Predictions of all models of a job, by the day of {@code as_of}.
   *
   * @param inputs of each model by its name, in the order of its file; two models may share a
   *     column when its type is the same
   */
  public static LakeTable<Prediction> predictions(Map<String, List<Column>> inputs) {
    InputColumns columns =
        new InputColumns("PredictionRow", Prediction.getClassSchema(), Map.copyOf(inputs));
    Schema rows = columns.rows();
    return new LakeTable<>(
        "predictions",
        rows,
        "as_of",
        prediction -> columns.row(rows, prediction, prediction.getModel(), prediction.getInputs()));
  }

  /**
   * Training examples of all models of a job, by the day of {@code as_of}.
   *
   * @param inputs as for {@link #predictions}
   */
  public static LakeTable<TrainingExample> trainingExamples(Map<String, List<Column>> inputs) {
    InputColumns columns =
        new InputColumns(
            "TrainingExampleRow", TrainingExample.getClassSchema(), Map.copyOf(inputs));
    Schema rows = columns.rows();
    return new LakeTable<>(
        "training_examples",
        rows,
        "as_of",
        example -> columns.row(rows, example, example.getModel(), example.getInputs()));
  }

  /** Name of the column of an input: {@code worker_hours_7d} for {@code worker.hours_7d}. */
  public static String columnOf(String input) {
    return input.replace('.', '_');
  }

  /** Records with an array of inputs, one column an input. */
  private record InputColumns(String name, Schema record, Map<String, List<Column>> inputs)
      implements Serializable {

    Schema rows() {
      Map<String, Schema.Field> fields = new LinkedHashMap<>();
      for (Schema.Field field : record.getFields()) {
        if (field.name().equals(CONTRIBUTIONS)) {
          fields.put(
              field.name(),
              new Schema.Field(field.name(), Schema.createArray(CONTRIBUTION), field.doc()));
        } else if (!field.name().equals(INPUTS)) {
          fields.put(field.name(), new Schema.Field(field.name(), field.schema(), field.doc()));
        }
      }
      inputs.entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .flatMap(model -> model.getValue().stream())
          .forEach(input -> add(fields, input));
      return LakeTables.record(name, record.getDoc(), new ArrayList<>(fields.values()));
    }

    private static void add(Map<String, Schema.Field> fields, Column input) {
      if (input.type().isList()) {
        throw new IllegalArgumentException(
            "Input " + input.name() + " is a list; a model takes none");
      }
      String column = LakeTables.columnOf(input.name());
      Schema type = nullable(input.type().avro());
      Schema.Field taken =
          fields.putIfAbsent(
              column, new Schema.Field(column, type, input.doc(), Schema.Field.NULL_DEFAULT_VALUE));
      if (taken != null && !taken.schema().equals(type)) {
        throw new IllegalArgumentException(
            "Input %s needs a column %s of type %s, which is taken with another type; rename it"
                .formatted(input.name(), column, input.type()));
      }
    }

    IndexedRecord row(Schema rows, IndexedRecord source, String model, List<Object> values) {
      GenericRecord row = copy(source, rows);
      if (rows.getField(CONTRIBUTIONS) != null) {
        row.put(CONTRIBUTIONS, contributions(((Prediction) source).getContributions()));
      }
      List<Column> columns = inputs.get(model);
      if (columns == null || columns.size() != values.size()) {
        throw new IllegalArgumentException(
            "Model %s scored %d inputs, the lake knows %s; start the job with the model's own file"
                .formatted(model, values.size(), columns == null ? "none" : columns.size()));
      }
      for (int i = 0; i < columns.size(); i++) {
        Column column = columns.get(i);
        row.put(LakeTables.columnOf(column.name()), typed(column.type(), values.get(i)));
      }
      return row;
    }
  }

  private static List<GenericRecord> contributions(List<Contribution> contributions) {
    List<GenericRecord> rows = new ArrayList<>(contributions.size());
    for (Contribution contribution : contributions) {
      GenericRecord row = new GenericData.Record(CONTRIBUTION);
      Object value = contribution.getValue();
      row.put("feature", contribution.getFeature());
      row.put(value instanceof Double ? "value" : "text", value);
      row.put("contribution", contribution.getContribution());
      rows.add(row);
    }
    return rows;
  }

  private static @Nullable Object typed(ValueType type, @Nullable Object value) {
    if (value == null) {
      return null;
    }
    return switch (type) {
      case LONG, INSTANT -> ((Number) value).longValue();
      case DOUBLE -> ((Number) value).doubleValue();
      case BOOLEAN -> value;
      case STRING, STRINGS, DOUBLES -> value.toString();
    };
  }

  /** A row with the fields that it has in common with {@code source}. */
  private static GenericRecord copy(IndexedRecord source, Schema rows) {
    GenericRecord row = new GenericData.Record(rows);
    for (Schema.Field field : rows.getFields()) {
      Schema.Field same = source.getSchema().getField(field.name());
      if (same != null) {
        row.put(field.pos(), source.get(same.pos()));
      }
    }
    return row;
  }

  private static Schema record(String name, String doc, List<Schema.Field> fields) {
    return Schema.createRecord(name, doc, NAMESPACE, false, fields);
  }

  private static Schema instant() {
    return LogicalTypes.timestampMicros().addToSchema(Schema.create(Schema.Type.LONG));
  }

  private static Schema nullable(Schema type) {
    return Schema.createUnion(Schema.create(Schema.Type.NULL), type);
  }

  private static String snakeCase(String name) {
    return name.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
  }
}
