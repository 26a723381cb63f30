package io.crewcast.local.ingest;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.crewcast.schemas.WorkEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.avro.generic.GenericContainer;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/**
 * Reads the files of a mapping into work events. A row is whole: either every event that it calls
 * for is formed, or it is rejected with its file, line and reason, and none is. Events are held in
 * memory until they are sorted.
 */
public final class CsvImport {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Mapping mapping;
  private final Writer rejects;
  private final List<WorkEvent> events = new ArrayList<>();
  private final Map<String, WorkEvent> first = new HashMap<>();
  private final Set<String> ids = new HashSet<>();
  private long rowsIn;
  private long used;
  private long filtered;
  private long rejected;
  private long formed;
  private long clamped;

  private CsvImport(Mapping mapping, Writer rejects) {
    this.mapping = mapping;
    this.rejects = rejects;
  }

  /**
   * Imports all files of a mapping into one event file.
   *
   * @param rejects takes one JSON line a rejected row: file, line, reason, row
   * @param perRow called once a row, for progress
   */
  public static ImportAccount run(Mapping mapping, Path out, Path rejects, Runnable perRow)
      throws IOException {
    Files.createDirectories(rejects.toAbsolutePath().getParent());
    try (Writer lines = Files.newBufferedWriter(rejects)) {
      CsvImport run = new CsvImport(mapping, lines);
      for (SourceFile file : mapping.files()) {
        file.file()
            .forEach(
                (record, line) -> {
                  run.row(file, record, line);
                  perRow.run();
                });
      }
      run.events.addAll(run.first.values());
      EventFile.write(out, run.events);
      return run.account();
    }
  }

  private ImportAccount account() {
    TreeMap<String, Long> kinds = new TreeMap<>();
    for (WorkEvent event : events) {
      kinds.merge(kind(event), 1L, Long::sum);
    }
    return new ImportAccount(
        rowsIn, used, filtered, rejected, formed, kinds, formed - events.size(), clamped);
  }

  private static String kind(WorkEvent event) {
    return ContractSchema.kind(((GenericContainer) event.getPayload()).getSchema());
  }

  /**
   * An event as one row gives it; {@code oncePer} is null unless only the earliest of its key is
   * kept.
   */
  private record Formed(WorkEvent event, @Nullable String oncePer) {}

  private void row(SourceFile file, CSVRecord record, long line) {
    rowsIn++;
    Row row = new Row(record, file.file().nulls(), mapping.lookups());
    try {
      if (!record.isConsistent()) {
        throw new UnusableRowException(
            "it has " + record.size() + " values, and not one for each column");
      }
      List<Formed> formedHere = file.filter().test(row) ? form(file.events(), row) : List.of();
      if (formedHere.isEmpty()) {
        filtered++;
        return;
      }
      take(formedHere);
      used++;
      clamped += row.clamped();
    } catch (UnusableRowException e) {
      rejected++;
      reject(file, line, e.reason(), row);
    }
  }

  private List<Formed> form(Collection<EventTemplate> templates, Row row) {
    List<Formed> formedHere = new ArrayList<>(templates.size());
    for (EventTemplate template : templates) {
      if (!template.condition().test(row)) {
        continue;
      }
      WorkEvent event = template.form(row);
      String oncePer =
          template.oncePer() == null ? null : template.kind() + ' ' + template.oncePer().of(row);
      if (oncePer == null && ids.contains(event.getEventId())) {
        throw new UnusableRowException(
            "event_id `" + event.getEventId() + "` was given before; ids must be unique");
      }
      formedHere.add(new Formed(event, oncePer));
    }
    return formedHere;
  }

  private void take(List<Formed> formedHere) {
    for (Formed one : formedHere) {
      formed++;
      if (one.oncePer() == null) {
        ids.add(one.event().getEventId());
        events.add(one.event());
      } else {
        first.merge(
            one.oncePer(), one.event(), (a, b) -> EventFile.ORDER.compare(a, b) <= 0 ? a : b);
      }
    }
  }

  private void reject(SourceFile file, long line, String reason, Row row) {
    try {
      JsonGenerator json = JSON.createGenerator(rejects);
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      json.writeStartObject();
      json.writeStringField("file", file.file().path().getFileName().toString());
      json.writeNumberField("line", line);
      json.writeStringField("reason", reason);
      json.writePOJOField("row", row.values());
      json.writeEndObject();
      json.close();
      rejects.write('\n');
    } catch (IOException e) {
      throw new UncheckedIOException("the rejects cannot be written", e);
    }
  }
}
