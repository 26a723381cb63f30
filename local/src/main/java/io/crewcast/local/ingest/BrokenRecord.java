package io.crewcast.local.ingest;

import io.crewcast.schemas.DeadLetterReason;
import io.crewcast.schemas.serde.WireFormat;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A record that must end as a dead letter, as it goes to the topic.
 *
 * @param publishAt its place among the events, by their recorded_at
 * @param header how the value begins, before {@code body}
 * @param body the bytes after the header
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record BrokenRecord(
    Instant publishAt, DeadLetterReason expected, String key, Header header, byte[] body) {
  /** What comes before the body. */
  public enum Header {
    /** Magic byte and the id that the registry gave to WorkEvent. */
    REGISTERED,
    /** Magic byte and an id that no registry gave. */
    UNKNOWN,
    /** Nothing: the body is the value. */
    NONE,
    /** There is no value at all. */
    NULL
  }

  /** Id that the header UNKNOWN carries. */
  public static final int UNKNOWN_SCHEMA_ID = 2_000_000_000;

  /**
   * The value as it goes to the topic.
   *
   * @param schemaId the registry's id of WorkEvent
   */
  public byte @Nullable [] value(int schemaId) {
    return switch (header) {
      case REGISTERED -> framed(schemaId);
      case UNKNOWN -> framed(UNKNOWN_SCHEMA_ID);
      case NONE -> body;
      case NULL -> null;
    };
  }

  private byte[] framed(int schemaId) {
    return ByteBuffer.allocate(WireFormat.HEADER_BYTES + body.length)
        .put(WireFormat.header(schemaId))
        .put(body)
        .array();
  }
}
