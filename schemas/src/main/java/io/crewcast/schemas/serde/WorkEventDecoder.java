package io.crewcast.schemas.serde;

import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.DeadLetterReason;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.RawRecord;
import java.io.Serializable;
import java.time.Duration;

/**
 * Turns records of the topic {@code work-events} into events that are within their limits, or into
 * dead letters that say why not. Nothing escapes but {@link RegistryUnreachableException}. Not
 * thread-safe.
 */
public final class WorkEventDecoder implements Serializable {

  /** An event is small; its letter, predictions and rows must fit into a record of Kafka too. */
  private static final int MOST_BYTES = 256 << 10;

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
      byte[] value = DeadLetters.bytes(record.getValue());
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
      return new Rejected(
          DeadLetters.of(
              record, e.reason(), e.getMessage(), event == null ? null : event.getCompanyId()));
    }
  }
}
