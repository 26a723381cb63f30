package io.crewcast.schemas.serde;

import java.io.ByteArrayOutputStream;
import java.io.Serializable;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;

/**
 * Turns records of one topic into values in the {@linkplain WireFormat wire format}. A Kafka
 * producer takes it as {@code (topic, record) -> encoder.encode(record)}. Not thread-safe.
 */
public final class RecordEncoder implements Serializable {

  private final int schemaId;
  private final RecordWriter writer;

  /** Encodes with a schema that is registered under {@code schemaId}. */
  public RecordEncoder(int schemaId, Schema schema) {
    this.schemaId = schemaId;
    this.writer = new RecordWriter(schema);
  }

  /**
   * Registers the topic's own schema and encodes with it.
   *
   * @throws IncompatibleSchemaException when the registry refuses the schema
   */
  public static RecordEncoder of(Topic topic, SchemaRegistry registry) {
    return of(topic, topic.schema().orElseThrow(), registry);
  }

  /**
   * Registers {@code schema} for the topic's values and encodes with it.
   *
   * @throws IncompatibleSchemaException when the registry refuses the schema
   */
  public static RecordEncoder of(Topic topic, Schema schema, SchemaRegistry registry) {
    return new RecordEncoder(registry.register(topic, schema), schema);
  }

  /** The value as Kafka stores it. */
  public byte[] encode(IndexedRecord record) {
    ByteArrayOutputStream value = new ByteArrayOutputStream(256);
    value.writeBytes(WireFormat.header(schemaId));
    writer.append(record, value);
    return value.toByteArray();
  }
}
