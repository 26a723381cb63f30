package io.crewcast.local.ingest;

import io.crewcast.schemas.CodePoints;
import io.crewcast.schemas.WorkEvent;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;

/**
 * Work events in an Avro container file, sorted by (recorded_at, event_id). The same events make
 * the same bytes: the sync marker is fixed, and the file appears under its name only when it is
 * whole.
 */
public final class EventFile {
  private static final byte[] SYNC =
      "crewcast--events".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

  /** The order of knowledge. */
  public static final Comparator<WorkEvent> ORDER =
      Comparator.comparing(EventFile::recordedAt)
          .thenComparing(WorkEvent::getEventId, CodePoints.ORDER);

  private EventFile() {}

  /** When the source knew of an event: recorded_at, or occurred_at where that is absent. */
  public static Instant recordedAt(WorkEvent event) {
    return event.getRecordedAt() == null ? event.getOccurredAt() : event.getRecordedAt();
  }

  /** Sorts the events in memory, at about 600 bytes an event on the heap, and writes them. */
  public static void write(Path file, List<WorkEvent> events) throws IOException {
    List<WorkEvent> sorted = new ArrayList<>(events);
    sorted.sort(ORDER);
    Path target = file.toAbsolutePath();
    Files.createDirectories(target.getParent());
    Path unfinished = target.resolveSibling(target.getFileName() + ".unfinished");
    try {
      try (OutputStream bytes =
              new BufferedOutputStream(Files.newOutputStream(unfinished), 1 << 16);
          DataFileWriter<WorkEvent> writer =
              new DataFileWriter<>(new SpecificDatumWriter<>(WorkEvent.class))) {
        writer.setCodec(CodecFactory.zstandardCodec(3));
        writer.create(WorkEvent.getClassSchema(), bytes, SYNC);
        for (WorkEvent event : sorted) {
          writer.append(event);
        }
      }
      Files.move(
          unfinished, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  /** Reads one event after the other, in the order of the file; the caller closes it. */
  public static DataFileReader<WorkEvent> open(Path file) throws IOException {
    return new DataFileReader<>(file.toFile(), new SpecificDatumReader<>(WorkEvent.class));
  }

  public static List<WorkEvent> readAll(Path file) throws IOException {
    List<WorkEvent> events = new ArrayList<>();
    try (DataFileReader<WorkEvent> reader = open(file)) {
      reader.forEachRemaining(events::add);
    }
    return events;
  }
}
