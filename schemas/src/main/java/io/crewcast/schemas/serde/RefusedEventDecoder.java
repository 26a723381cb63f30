package io.crewcast.schemas.serde;

import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.DeadLetterReason;
import io.crewcast.schemas.serde.WorkEventDecoder.Valid;
import io.crewcast.schemas.stream.Arrival;
import io.crewcast.schemas.stream.RawRecord;
import java.io.Serializable;
import java.util.Optional;

/**
 * Finds among dead letters those of events that could be read and were refused afterwards, because
 * they came too late to correct. All other letters of {@code work-events} are told by reading it.
 * Not thread-safe.
 */
public final class RefusedEventDecoder implements Serializable {

  private final RecordDecoder<DeadLetter> letters;
  private final WorkEventDecoder events;

  /**
   * @param events as the job decodes that refused them
   */
  public RefusedEventDecoder(SchemaRegistry registry, WorkEventDecoder events) {
    this.letters = RecordDecoder.of(DeadLetter.class, registry);
    this.events = events;
  }

  /**
   * The event with its letter, at its own place in {@code work-events} and without its bytes; empty
   * where the record is no such letter.
   *
   * @param record of {@code dead-letters}
   */
  public Optional<Arrival> decode(RawRecord record) {
    try {
      DeadLetter letter = letters.decode(DeadLetters.bytes(record.getValue()));
      if (letter.getReason() != DeadLetterReason.UNCORRECTABLE
          || !letter.getTopic().equals(Topic.WORK_EVENTS.topicName())) {
        return Optional.empty();
      }
      RawRecord raw =
          new RawRecord(
              letter.getTopic(),
              letter.getPartition(),
              letter.getOffset(),
              letter.getAppendedAt(),
              null,
              letter.getValue());
      if (events.decode(raw) instanceof Valid valid) {
        raw.setValue(null);
        letter.setKey(null);
        letter.setValue(null);
        return Optional.of(new Arrival(raw, valid.event(), letter));
      }
      return Optional.empty();
    } catch (UnreadableException e) {
      return Optional.empty(); // a letter about it would come back here
    }
  }
}
