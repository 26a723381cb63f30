package io.crewcast.schemas.serde;

import java.nio.ByteBuffer;
import java.util.OptionalInt;

/**
 * Confluent's wire format: a zero byte, the schema's id in four bytes big-endian, then the record
 * in Avro's binary encoding.
 */
public final class WireFormat {

  /** Bytes before the record. */
  public static final int HEADER_BYTES = 5;

  private static final byte MAGIC = 0;

  private WireFormat() {}

  /** The five bytes that go before a record. */
  public static byte[] header(int schemaId) {
    return ByteBuffer.allocate(HEADER_BYTES).put(MAGIC).putInt(schemaId).array();
  }

  /** Id of the writer's schema; empty where the bytes do not begin as the format asks. */
  public static OptionalInt schemaId(byte[] value) {
    return value.length < HEADER_BYTES || value[0] != MAGIC
        ? OptionalInt.empty()
        : OptionalInt.of(ByteBuffer.wrap(value, 1, Integer.BYTES).getInt());
  }
}
