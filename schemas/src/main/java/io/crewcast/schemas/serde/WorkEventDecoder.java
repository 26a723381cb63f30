package io.crewcast.schemas.serde;

import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.DeadLetterReason;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.RawRecord;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Turns records of the topic {@code work-events} into events that are within their limits, or into
 * dead letters that say why not. Nothing escapes but {@link RegistryUnreachableException}. Not
 * thread-safe.
 */
public final class WorkEventDecoder implements Serializable {

  /** An event is small; its letter, predictions and rows must fit into a record of Kafka too. */
  private static final int MOST_BYTES = 256 << 10;

  /** Of a record that is longer, a letter holds so many bytes. */
  private static final int MOST_BYTES_OF_A_LETTER = 512 << 10;

  private static final int MOST_BYTES_OF_A_KEY = 4 << 10;

  private final RecordDecoder<WorkEvent> records;
  private final Duration lateAfter;

  /**
   * A decoder that asks {@code registry} for the writers' schemas.
   *
   * @param lateAfter how long after it occurred an event may be recorded
   */
  public WorkEventDecoder(SchemaRegistry registry, Duration lateAfter) {
    this.records = RecordDecoder.of(WorkEvent.class, registry);
    this.lateAfter = lateAfter;
  }

  /** What became of a record. */
  public sealed interface Decoded {}

  /** An event within its limits; its {@code recorded_at} is set. */
  public record Valid(WorkEvent event) implements Decoded {}

  /** A record that could not be used. */
  public record Rejected(DeadLetter deadLetter) implements Decoded {}

  /** The event in {@code record}, or why there is none. */
  public Decoded decode(RawRecord record) {
    WorkEvent event = null;
    try {
      byte[] value = bytes(record.getValue());
      event = records.decode(value);
      if (value != null && value.length > MOST_BYTES) {
        throw new UnreadableException(
            DeadLetterReason.OUT_OF_RANGE,
            "an event of %d bytes, at most %d are taken".formatted(value.length, MOST_BYTES));
      }
      if (event.getRecordedAt() == null) {
        event.setRecordedAt(event.getOccurredAt());
      }
      new EventLimits(lateAfter).check(event, record.getAppendedAt());
      return new Valid(event);
    } catch (UnreadableException e) {
      return new Rejected(deadLetter(record, e.reason(), e.getMessage(), event));
    }
  }

  /** The letter for a record that was read but cannot be used, such as a correction too late. */
  public static DeadLetter deadLetter(
      RawRecord record,
      DeadLetterReason reason,
      @Nullable String detail,
      @Nullable WorkEvent event) {
    DeadLetter.Builder letter =
        DeadLetter.newBuilder()
            .setTopic(record.getTopic())
            .setPartition(record.getPartition())
            .setOffset(record.getOffset())
            .setKey(cut(record.getKey(), MOST_BYTES_OF_A_KEY))
            .setValue(cut(record.getValue(), MOST_BYTES_OF_A_LETTER))
            .setReason(reason)
            .setDetail((detail == null ? reason.name() : detail) + whatIsCut(record.getValue()))
            .setAppendedAt(record.getAppendedAt());
    if (event != null) {
      letter.setCompanyId(event.getCompanyId());
    }
    return letter.build();
  }

  private static @Nullable ByteBuffer cut(@Nullable ByteBuffer bytes, int most) {
    return bytes == null || bytes.remaining() <= most
        ? bytes
        : bytes.duplicate().limit(bytes.position() + most);
  }

  private static String whatIsCut(@Nullable ByteBuffer value) {
    return value == null || value.remaining() <= MOST_BYTES_OF_A_LETTER
        ? ""
        : " (the first %d of %d bytes are kept)"
            .formatted(MOST_BYTES_OF_A_LETTER, value.remaining());
  }

  private static byte @Nullable [] bytes(@Nullable ByteBuffer buffer) {
    if (buffer == null) {
      return null;
    }
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
