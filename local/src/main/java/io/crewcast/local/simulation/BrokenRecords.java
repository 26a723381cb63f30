package io.crewcast.local.simulation;

import io.crewcast.local.ingest.BrokenRecord;
import io.crewcast.local.ingest.EventFile;
import io.crewcast.schemas.DeadLetterReason;
import io.crewcast.schemas.TimeEntry;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.serde.RecordWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/**
 * Spoils copies of good events in every way that ends as a dead letter; each copy has an id of its
 * own.
 */
final class BrokenRecords {
  private static final RecordWriter WRITER = new RecordWriter(WorkEvent.getClassSchema());

  private BrokenRecords() {}

  /** One way to spoil a time entry. */
  private record Fault(
      DeadLetterReason reason,
      BrokenRecord.Header header,
      UnaryOperator<WorkEvent> spoil,
      UnaryOperator<byte[]> cut) {
    static Fault of(DeadLetterReason reason, UnaryOperator<WorkEvent> spoil) {
      return new Fault(reason, BrokenRecord.Header.REGISTERED, spoil, bytes -> bytes);
    }

    static Fault of(
        DeadLetterReason reason, BrokenRecord.Header header, UnaryOperator<byte[]> cut) {
      return new Fault(reason, header, event -> event, cut);
    }
  }

  private static final List<Fault> FAULTS =
      List.of(
          Fault.of(
              DeadLetterReason.CORRUPT_PAYLOAD,
              BrokenRecord.Header.REGISTERED,
              bytes -> Arrays.copyOf(bytes, bytes.length / 2)),
          Fault.of(DeadLetterReason.UNKNOWN_SCHEMA, BrokenRecord.Header.UNKNOWN, bytes -> bytes),
          Fault.of(
              DeadLetterReason.NOT_AVRO,
              BrokenRecord.Header.NONE,
              bytes -> "{\"kind\":\"time_entry\"}".getBytes(StandardCharsets.UTF_8)),
          Fault.of(DeadLetterReason.NULL_VALUE, BrokenRecord.Header.NULL, bytes -> new byte[0]),
          Fault.of(
              DeadLetterReason.MISSING_ID,
              event -> WorkEvent.newBuilder(event).setEventId("").build()),
          Fault.of(
              DeadLetterReason.MISSING_ID,
              event -> with(event, entry(event).setWorkerId("").build())),
          Fault.of(
              DeadLetterReason.OUT_OF_RANGE,
              event -> with(event, entry(event).setMinutes(-5).build())),
          Fault.of(
              DeadLetterReason.OUT_OF_RANGE,
              event -> with(event, entry(event).setMinutes(1_000_000_000).build())),
          Fault.of(
              DeadLetterReason.DATE_OUT_OF_RANGE,
              event ->
                  WorkEvent.newBuilder(event)
                      .setOccurredAt(Instant.parse("0016-01-11T16:22:26Z"))
                      .build()),
          Fault.of(
              DeadLetterReason.FUTURE,
              event ->
                  WorkEvent.newBuilder(event)
                      .setOccurredAt(EventFile.recordedAt(event).plus(Duration.ofDays(30)))
                      .build()));

  /**
   * Records at {@code brokenShare} of the number of events, every fault in turn, among the events
   * in time.
   */
  static List<BrokenRecord> among(
      List<WorkEvent> events, SimulationOptions options, SplittableRandom random) {
    List<WorkEvent> entries =
        events.stream()
            .filter(event -> event.getPayload() instanceof TimeEntry && !event.getVoided())
            .toList();
    long count = entries.isEmpty() ? 0 : Math.round(options.brokenShare() * events.size());
    List<BrokenRecord> broken = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      WorkEvent model = entries.get(random.nextInt(entries.size()));
      TimeEntry entry = entry(model).setTimeEntryId("broken-" + i).build();
      WorkEvent copy =
          WorkEvent.newBuilder(model).setEventId("broken-" + i).setPayload(entry).build();
      Fault fault = FAULTS.get(i % FAULTS.size());
      broken.add(
          new BrokenRecord(
              EventFile.recordedAt(model),
              fault.reason(),
              copy.getCompanyId() + ':' + entry.getProjectId(),
              fault.header(),
              fault.cut().apply(WRITER.bytes(fault.spoil().apply(copy)))));
    }
    broken.sort(Comparator.comparing(BrokenRecord::publishAt));
    return broken;
  }

  private static TimeEntry.Builder entry(WorkEvent event) {
    return TimeEntry.newBuilder((TimeEntry) event.getPayload());
  }

  private static WorkEvent with(WorkEvent event, TimeEntry entry) {
    return WorkEvent.newBuilder(event).setPayload(entry).build();
  }
}
