package io.crewcast.local.ingest;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/**
 * One row of a CSV file as its mapping sees it: null markers are null, clamped values are counted.
 */
final class Row {
  private final CSVRecord csv;
  private final Set<String> nulls;
  private final Map<String, Map<String, String>> lookups;
  private int clamped;

  Row(CSVRecord csv, Set<String> nulls, Map<String, Map<String, String>> lookups) {
    this.csv = csv;
    this.nulls = nulls;
    this.lookups = lookups;
  }

  @Nullable String get(String column) {
    String text = csv.get(column);
    return text == null || nulls.contains(text) ? null : text;
  }

  @Nullable String look(String lookup, String key) {
    return lookups.getOrDefault(lookup, Map.of()).get(key);
  }

  void countClamp() {
    clamped++;
  }

  int clamped() {
    return clamped;
  }

  List<String> values() {
    return List.of(csv.values());
  }
}
