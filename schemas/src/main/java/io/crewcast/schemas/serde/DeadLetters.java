package io.crewcast.schemas.serde;

import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.DeadLetterReason;
import io.crewcast.schemas.stream.RawRecord;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Makes the letters for records that cannot be used. */
public final class DeadLetters {

  /** Of a record that is longer, a letter holds so many bytes: it must fit into Kafka too. */
  private static final int MOST_BYTES = 512 << 10;

  private static final int MOST_BYTES_OF_A_KEY = 4 << 10;

  private DeadLetters() {}

  /**
   * The letter for a record.
   *
   * @param detail what was wrong and what to do; null: the reason says it
   * @param companyId null where it could not be read
   */
  public static DeadLetter of(
      RawRecord record,
      DeadLetterReason reason,
      @Nullable String detail,
      @Nullable String companyId) {
    return DeadLetter.newBuilder()
        .setTopic(record.getTopic())
        .setPartition(record.getPartition())
        .setOffset(record.getOffset())
        .setKey(cut(record.getKey(), MOST_BYTES_OF_A_KEY))
        .setValue(cut(record.getValue(), MOST_BYTES))
        .setReason(reason)
        .setDetail((detail == null ? reason.name() : detail) + whatIsCut(record.getValue()))
        .setCompanyId(companyId)
        .setAppendedAt(record.getAppendedAt())
        .build();
  }

  private static @Nullable ByteBuffer cut(@Nullable ByteBuffer bytes, int most) {
    return bytes == null || bytes.remaining() <= most
        ? bytes
        : bytes.duplicate().limit(bytes.position() + most);
  }

  private static String whatIsCut(@Nullable ByteBuffer value) {
    return value == null || value.remaining() <= MOST_BYTES
        ? ""
        : " (the first %d of %d bytes are kept)".formatted(MOST_BYTES, value.remaining());
  }

  /** The bytes of a raw value. */
  public static byte @Nullable [] bytes(@Nullable ByteBuffer buffer) {
    if (buffer == null) {
      return null;
    }
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
