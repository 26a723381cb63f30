package io.crewcast.schemas.serde;

import static io.crewcast.schemas.DeadLetterReason.CORRUPT_PAYLOAD;
import static io.crewcast.schemas.DeadLetterReason.INCOMPATIBLE_SCHEMA;
import static io.crewcast.schemas.DeadLetterReason.NOT_AVRO;
import static io.crewcast.schemas.DeadLetterReason.NULL_VALUE;
import static io.crewcast.schemas.DeadLetterReason.UNKNOWN_SCHEMA;

import java.io.IOException;
import java.io.Serializable;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.avro.AvroTypeException;
import org.apache.avro.Schema;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Turns values in the {@linkplain WireFormat wire format} into records of one schema, whichever
 * version of it wrote them. Any bytes are survived: what cannot be read is an {@link
 * UnreadableException}. A writer's schema that differs too much is refused only for the records
 * that use what differs. Not thread-safe.
 */
public final class RecordDecoder<T extends IndexedRecord> implements Serializable {

  private static final int SHOWN_BYTES = 8;

  private final SchemaRegistry registry;
  private final Schema reader;
  private final @Nullable Class<T> type;
  private transient @Nullable Map<Integer, Version<T>> versions;

  /** How one version of the writer's schema is read. */
  private record Version<T>(
      GenericDatumReader<T> datums, Optional<SchemaConflict> conflict, String record) {}

  private RecordDecoder(SchemaRegistry registry, Schema reader, @Nullable Class<T> type) {
    this.registry = registry;
    this.reader = reader;
    this.type = type;
  }

  /** Reads records of a generated class. */
  public static <T extends SpecificRecord> RecordDecoder<T> of(
      Class<T> type, SchemaRegistry registry) {
    return new RecordDecoder<>(registry, SpecificData.get().getSchema(type), type);
  }

  /** Reads generic records of {@code reader}; instants are {@link java.time.Instant}. */
  public static RecordDecoder<IndexedRecord> generic(Schema reader, SchemaRegistry registry) {
    return new RecordDecoder<>(registry, reader, null);
  }

  /**
   * The record in {@code value}.
   *
   * @throws UnreadableException saying why there is none
   * @throws RegistryUnreachableException when the registry does not answer
   */
  public T decode(byte @Nullable [] value) throws UnreadableException {
    if (value == null) {
      throw new UnreadableException(NULL_VALUE, "the record has no value");
    }
    OptionalInt id = WireFormat.schemaId(value);
    if (id.isEmpty()) {
      throw new UnreadableException(
          NOT_AVRO,
          "%d bytes that begin with %s; a value begins with a zero byte and the schema's id in four bytes"
              .formatted(
                  value.length,
                  HexFormat.of().formatHex(value, 0, Math.min(SHOWN_BYTES, value.length))));
    }
    return read(value, version(id.getAsInt()), id.getAsInt());
  }

  private T read(byte[] value, Version<T> version, int id) throws UnreadableException {
    BoundedDecoder bytes = new BoundedDecoder(value, WireFormat.HEADER_BYTES);
    T record;
    try {
      record = version.datums().read(null, bytes);
    } catch (AvroTypeException e) {
      throw version
          .conflict()
          .map(
              conflict ->
                  new UnreadableException(
                      INCOMPATIBLE_SCHEMA,
                      "schema %d, field %s (%s)".formatted(id, conflict, e.getMessage())))
          .orElseGet(() -> corrupt(version, id, e));
    } catch (IOException | RuntimeException | StackOverflowError e) {
      throw corrupt(version, id, e);
    }
    if (bytes.remaining() > 0) {
      throw new UnreadableException(
          CORRUPT_PAYLOAD,
          "%d bytes are left after a %s of schema %d"
              .formatted(bytes.remaining(), version.record(), id));
    }
    return record;
  }

  private UnreadableException corrupt(Version<T> version, int id, Throwable cause) {
    return new UnreadableException(
        CORRUPT_PAYLOAD,
        "not a %s of schema %d: %s"
            .formatted(
                version.record(),
                id,
                cause.getMessage() == null
                    ? cause.getClass().getSimpleName()
                    : cause.getMessage()));
  }

  private Version<T> version(int id) throws UnreadableException {
    if (versions == null) {
      versions = new HashMap<>();
    }
    Version<T> known = versions.get(id);
    if (known != null) {
      return known;
    }
    Schema writer =
        registry
            .schema(id)
            .orElseThrow(
                () ->
                    new UnreadableException(
                        UNKNOWN_SCHEMA,
                        "registry %s knows no Avro schema %d".formatted(registry, id)));
    if (writer.getType() != Schema.Type.RECORD || !writer.getName().equals(reader.getName())) {
      throw new UnreadableException(
          INCOMPATIBLE_SCHEMA,
          "schema %d is of %s, a %s is expected"
              .formatted(id, writer.getFullName(), reader.getName()));
    }
    Version<T> version =
        new Version<>(datums(writer), SchemaConflict.between(reader, writer), reader.getName());
    versions.put(id, version);
    return version;
  }

  private GenericDatumReader<T> datums(Schema writer) {
    if (type != null) {
      return new SpecificDatumReader<>(writer, reader, SpecificData.getForClass(type));
    }
    GenericData model = new GenericData();
    model.addLogicalTypeConversion(new TimeConversions.TimestampMicrosConversion());
    return new GenericDatumReader<>(writer, reader, model);
  }
}
