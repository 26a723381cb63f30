package io.crewcast.schemas.serde;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import org.apache.avro.Schema;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.jspecify.annotations.Nullable;

/**
 * Writes records of one schema in Avro's binary encoding, generated classes and generic records
 * alike. An instant may be a {@link java.time.Instant} or a number of microseconds. Not
 * thread-safe.
 */
public final class RecordWriter implements Serializable {

  private static final GenericData MODEL = new GenericData();

  static {
    MODEL.addLogicalTypeConversion(new TimeConversions.TimestampMicrosConversion());
  }

  private final Schema schema;
  private transient @Nullable GenericDatumWriter<IndexedRecord> writer;
  private transient @Nullable BinaryEncoder encoder;

  public RecordWriter(Schema schema) {
    this.schema = schema;
  }

  /** The schema that records are written with. */
  public Schema schema() {
    return schema;
  }

  /** The record alone, without a header. */
  public byte[] bytes(IndexedRecord record) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    append(record, bytes);
    return bytes.toByteArray();
  }

  /** Appends the record alone to {@code out}. */
  public void append(IndexedRecord record, OutputStream out) {
    if (writer == null) {
      writer = new GenericDatumWriter<>(schema, MODEL);
    }
    encoder = EncoderFactory.get().directBinaryEncoder(out, encoder);
    try {
      writer.write(record, encoder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
