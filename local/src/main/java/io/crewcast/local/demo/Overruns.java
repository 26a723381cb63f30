package io.crewcast.local.demo;

import io.crewcast.local.ingest.EventFile;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.TimeEntry;
import io.crewcast.schemas.WorkEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.avro.file.DataFileReader;

/**
 * The tasks of an event file that took more than 1.25 times their plan in the end, by the standing
 * versions of their time entries.
 *
 * @param tasks their keys
 */
record Overruns(Set<String> tasks) {

  private static final double OVER = 1.25;

  /** What a time entry says by its newest version. */
  private record Entry(String task, long minutes) {}

  static Overruns in(Path file) throws IOException {
    Map<String, Entry> entries = new HashMap<>();
    Map<String, Double> planned = new HashMap<>();
    try (DataFileReader<WorkEvent> events = EventFile.open(file)) {
      for (WorkEvent event : events) { // in the order in which they became known
        String company = event.getCompanyId();
        if (event.getPayload() instanceof TimeEntry entry && entry.getTaskId() != null) {
          entries.put(
              FeatureSchema.key(company, entry.getTimeEntryId()),
              new Entry(
                  FeatureSchema.key(company, entry.getTaskId()),
                  event.getVoided() ? 0 : entry.getMinutes()));
        } else if (event.getPayload() instanceof Task task && task.getPlannedMinutes() != null) {
          planned.put(FeatureSchema.key(company, task.getTaskId()), task.getPlannedMinutes());
        }
      }
    }
    Map<String, Long> logged =
        entries.values().stream()
            .collect(Collectors.groupingBy(Entry::task, Collectors.summingLong(Entry::minutes)));
    return new Overruns(
        planned.entrySet().stream()
            .filter(task -> logged.getOrDefault(task.getKey(), 0L) > OVER * task.getValue())
            .map(Map.Entry::getKey)
            .collect(Collectors.toSet()));
  }
}
