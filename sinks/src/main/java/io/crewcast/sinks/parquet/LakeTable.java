package io.crewcast.sinks.parquet;

import io.crewcast.schemas.serde.Topic;
import java.io.Serializable;
import java.time.Instant;
import java.util.List;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.apache.flink.util.function.SerializableFunction;

/**
 * One table of the lake: how its rows look and on which day each stands.
 *
 * @param name of the folder under the lake
 * @param rows schema of a row: one Parquet column a field
 * @param dateField the field of a row, an instant, whose day in UTC is the partition
 * @param row makes a row of a record of the stream
 */
public record LakeTable<T>(
    String name, Schema rows, String dateField, SerializableFunction<T, IndexedRecord> row)
    implements Serializable {

  private static final long MICROS_PER_DAY = 86_400_000_000L;

  /**
   * A table whose rows Parquet can hold.
   *
   * @throws IllegalArgumentException naming the field that it cannot, or a date that is no instant
   */
  public LakeTable {
    requireColumns(name, rows);
    Schema.Field date = rows.getField(dateField);
    if (date == null || !(date.schema().getLogicalType() instanceof LogicalTypes.TimestampMicros)) {
      throw new IllegalArgumentException(
          "Table %s is cut by %s, which must be an instant that is never null"
              .formatted(name, dateField));
    }
  }

  /** The table of a topic, rows as they are on the topic. */
  public static <T extends IndexedRecord> LakeTable<T> of(Topic topic, String dateField) {
    return new LakeTable<>(
        topic.table().orElseThrow(), topic.schema().orElseThrow(), dateField, record -> record);
  }

  /** Days since the epoch of a row's partition. */
  int day(IndexedRecord row) {
    Object date = row.get(rows.getField(dateField).pos());
    if (date instanceof Instant instant) {
      return (int) Math.floorDiv(instant.getEpochSecond(), 86_400L);
    }
    return (int) Math.floorDiv((Long) date, MICROS_PER_DAY);
  }

  private static void requireColumns(String path, Schema schema) {
    switch (schema.getType()) {
      case RECORD -> {
        for (Schema.Field field : schema.getFields()) {
          requireColumns(path + '.' + field.name(), field.schema());
        }
      }
      case ARRAY -> requireColumns(path, schema.getElementType());
      case MAP -> requireColumns(path, schema.getValueType());
      case UNION -> {
        List<Schema> types =
            schema.getTypes().stream().filter(type -> type.getType() != Schema.Type.NULL).toList();
        if (types.size() != 1) {
          throw new IllegalArgumentException(
              "%s may be one of several types; a Parquet column has one".formatted(path));
        }
        requireColumns(path, types.get(0));
      }
      default -> {}
    }
  }
}
