package io.crewcast.local.ingest;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A mapping file against the folder of data that it describes: how the rows of CSV files become
 * work events. All of it is checked when it is read (names of columns, fields, kinds, formats); a
 * fault names file, line and remedy.
 */
public record Mapping(
    String name, List<SourceFile> files, Map<String, Map<String, String>> lookups) {
  private static final Set<String> KEYS =
      new TreeSet<>(
          Set.of(
              "mapping", "about", "source", "zone", "dates", "nulls", "decimal", "lookups",
              "read"));
  private static final Set<String> FILE_KEYS = fileKeys();

  public Mapping {
    files = List.copyOf(files);
  }

  /**
   * Finds a mapping by name among those that ship, or as a file.
   *
   * @param definitions the folder that holds {@code mappings/}, {@code flink-conf}
   */
  public static Path find(String nameOrFile, Path definitions) {
    Path shipped = definitions.resolve("mappings").resolve(nameOrFile + ".yaml");
    Path file = Files.isRegularFile(shipped) ? shipped : Path.of(nameOrFile);
    if (!Files.isRegularFile(file)) {
      throw new MappingException(
          "no mapping "
              + nameOrFile
              + ": neither "
              + shipped
              + " nor a file of that name; write one, cesaw.yaml shows how");
    }
    return file;
  }

  public static Mapping read(Path file, Path data) {
    Setting root = Setting.read(file);
    Map<String, Setting> entries = root.entries(KEYS);
    Setting zone = entries.get("zone");
    ZoneId local = zone == null ? ZoneOffset.UTC : Dates.zone(zone);
    Setting formats = entries.get("dates");
    Dates dates = formats == null ? Dates.iso(local) : Dates.parse(formats, local);
    Setting decimal = entries.get("decimal");
    if (decimal != null && !List.of(".", ",").contains(decimal.text())) {
      throw decimal.fault("the decimal mark is . or ,");
    }
    Setting nulls = entries.get("nulls");
    Map<String, Map<String, String>> lookups = lookups(data, entries.get("lookups"), nulls);
    Map<String, Setting> inherited = new LinkedHashMap<>();
    inherit("source", entries, inherited);
    List<SourceFile> files = new ArrayList<>();
    for (Setting item : EventTemplate.need(root, entries, "read").items()) {
      char mark = decimal == null ? '.' : decimal.text().charAt(0);
      files.add(
          file(
              data,
              item,
              nulls,
              columns -> new ValueParser(columns, lookups.keySet(), dates, mark),
              inherited));
    }
    return new Mapping(EventTemplate.need(root, entries, "mapping").text(), files, lookups);
  }

  private static void inherit(String key, Map<String, Setting> from, Map<String, Setting> into) {
    Setting given = from.get(key);
    if (given != null) {
      into.put(key, given);
    }
  }

  private interface Parsing {
    ValueParser over(Set<String> columns);
  }

  private static SourceFile file(
      Path data,
      Setting item,
      @Nullable Setting nulls,
      Parsing parsing,
      Map<String, Setting> inherited) {
    Map<String, Setting> entries = item.entries(FILE_KEYS);
    CsvFile csv = CsvFile.parse(data, item, entries, nulls);
    Set<String> columns = csv.columns();
    Map<String, Setting> shared = new LinkedHashMap<>(inherited);
    inherit("company_id", entries, shared);
    List<EventTemplate> events = new ArrayList<>();
    for (Setting event : EventTemplate.need(item, entries, "events").items()) {
      events.add(EventTemplate.parse(event, shared, parsing.over(columns), columns));
    }
    return new SourceFile(
        csv, Condition.parse(entries.get("where"), entries.get("where_not"), columns), events);
  }

  private static Map<String, Map<String, String>> lookups(
      Path data, @Nullable Setting lookups, @Nullable Setting nulls) {
    Map<String, Map<String, String>> read = new HashMap<>();
    if (lookups != null) {
      Set<String> keys = new TreeSet<>(CsvFile.KEYS);
      keys.addAll(Set.of("key", "value"));
      lookups
          .entries()
          .forEach(
              (name, setting) ->
                  read.put(name, lookup(data, setting, setting.entries(keys), nulls)));
    }
    return read;
  }

  /**
   * The first value of each key; rows where either is null say nothing, two different values are a
   * fault.
   */
  private static Map<String, String> lookup(
      Path data, Setting setting, Map<String, Setting> entries, @Nullable Setting nulls) {
    CsvFile csv = CsvFile.parse(data, setting, entries, nulls);
    Set<String> columns = csv.columns();
    Template key = Template.parse(EventTemplate.need(setting, entries, "key"), columns);
    Template value = Template.parse(EventTemplate.need(setting, entries, "value"), columns);
    Map<String, String> found = new HashMap<>();
    csv.forEach(
        (record, line) -> {
          if (!record.isConsistent()) {
            return;
          }
          Row row = new Row(record, csv.nulls(), Map.of());
          String at = key.of(row);
          String is = value.of(row);
          String before = at == null || is == null ? null : found.putIfAbsent(at, is);
          if (before != null && !before.equals(is)) {
            throw setting.fault(
                csv.path()
                    + ":"
                    + line
                    + ": `"
                    + at
                    + "` is `"
                    + is
                    + "`, and was `"
                    + before
                    + "` before; choose a key that has one value");
          }
        });
    return found;
  }

  private static Set<String> fileKeys() {
    Set<String> keys = new TreeSet<>(CsvFile.KEYS);
    keys.addAll(Set.of("where", "where_not", "company_id", "events"));
    return keys;
  }
}
