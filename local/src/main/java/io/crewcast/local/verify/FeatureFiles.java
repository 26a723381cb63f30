package io.crewcast.local.verify;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * Reads the feature files for the recomputation: only what SQL is made of. That they are right is
 * checked where jobs read them.
 */
final class FeatureFiles {

  /** In the order in which a fact visits them. */
  static final List<String> ENTITIES =
      List.of("task", "project", "crew", "worker", "worker_project");

  private static final Map<String, Long> UNITS = Map.of("minutes", 1L, "hours", 60L, "days", 1440L);
  private static final int MOST_SHARES = 256;
  private static final int MOST_DISTINCT = 4096;

  private final Path file;

  private FeatureFiles(Path file) {
    this.file = file;
  }

  /**
   * Reads {@code features/*.yaml} below a folder, in the order of the visits.
   *
   * @throws IllegalArgumentException with one line that names the file
   */
  static List<EntityFile> read(Path definitions) throws IOException {
    Path folder = definitions.resolve("features");
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException(
          folder + " is no folder: point --definitions at the folder that holds features/");
    }
    List<EntityFile> files = new ArrayList<>();
    try (Stream<Path> listed = Files.list(folder)) {
      for (Path file : listed.filter(f -> f.toString().endsWith(".yaml")).sorted().toList()) {
        files.add(new FeatureFiles(file).entity());
      }
    }
    if (files.isEmpty()) {
      throw new IllegalArgumentException(folder + " holds no .yaml file: add one an entity");
    }
    files.sort(Comparator.comparingInt(file -> ENTITIES.indexOf(file.entity())));
    return files;
  }

  private EntityFile entity() throws IOException {
    Map<String, Object> root = root();
    String entity = text(root, "entity");
    if (!ENTITIES.contains(entity)) {
      throw fault("no entity '" + entity + "': use one of " + String.join(", ", ENTITIES));
    }
    Map<String, ObservedFact> facts = new LinkedHashMap<>();
    map(root, "facts").forEach((name, line) -> facts.put(name, fact(name, entries(name, line))));
    List<DefinedFeature> features = new ArrayList<>();
    map(root, "features")
        .forEach((name, line) -> features.add(feature(name, entries(name, line), facts)));
    Map<String, String> derived = new LinkedHashMap<>();
    map(root, "derived")
        .forEach((name, line) -> derived.put(name, text(entries(name, line), "is")));
    return new EntityFile(
        entity, facts, features, derived, new LinkedHashSet<>(list(root, "retired")));
  }

  private Map<String, Object> root() throws IOException {
    try (Reader reader = Files.newBufferedReader(file)) {
      Object root = new Yaml(new SafeConstructor(new LoaderOptions())).load(reader);
      return entries("the file", root);
    } catch (YAMLException e) {
      throw fault(String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", " "));
    }
  }

  private ObservedFact fact(String name, Map<String, Object> line) {
    Map<String, String> let = new LinkedHashMap<>();
    map(line, "let").forEach((value, expression) -> let.put(value, String.valueOf(expression)));
    Object condition = line.containsKey("when") ? line.get("when") : line.get("while");
    String kind = text(line, "from");
    if (!EventFields.KINDS.contains(kind)) {
      throw fault("no facts '" + kind + "': use one of " + String.join(", ", EventFields.KINDS));
    }
    return new ObservedFact(name, kind, condition == null ? null : String.valueOf(condition), let);
  }

  private DefinedFeature feature(
      String name, Map<String, Object> line, Map<String, ObservedFact> facts) {
    Aggregate aggregate =
        line.keySet().stream()
            .flatMap(key -> Aggregate.named(key).stream())
            .findFirst()
            .orElseThrow(() -> fault("'" + name + "' has no aggregation that SQL is known for"));
    String[] path = text(line, aggregate.yamlName()).split("\\.", 2);
    if (!facts.containsKey(path[0])) {
      throw fault("'" + name + "' observes '" + path[0] + "', which stands not under facts");
    }
    Object unit = line.getOrDefault("unit", "minutes");
    Long divisor = UNITS.get(String.valueOf(unit));
    if (divisor == null) {
      throw fault("'" + name + "' has no known unit: use minutes, hours or days");
    }
    String by = textOrNull(line, "by");
    if (by != null && !aggregate.isAdditive()) {
      throw fault("'" + name + "': by goes with count, sum, mean and stddev alone");
    }
    int most = aggregate == Aggregate.DISTINCT ? MOST_DISTINCT : MOST_SHARES;
    return new DefinedFeature(
        name,
        aggregate,
        path[0],
        path.length == 1 ? "" : path[1],
        by,
        divisor,
        windows(name, line),
        line.get("at") instanceof Number at ? at.doubleValue() : 0.5,
        line.get("n") instanceof Number n ? (Integer) n.intValue() : null,
        textOrNull(line, "of"),
        line.get("at_most") instanceof Number atMost ? atMost.intValue() : most);
  }

  private List<FeatureWindow> windows(String name, Map<String, Object> line) {
    List<String> windows = list(line, "windows");
    if (windows.isEmpty()) {
      return List.of(FeatureWindow.LIFETIME);
    }
    String hop = textOrNull(line, "hop");
    try {
      return windows.stream()
          .map(FeatureWindow::of)
          .map(window -> hop == null ? window : window.hopping(hop))
          .toList();
    } catch (IllegalArgumentException e) {
      throw fault("'" + name + "': " + e.getMessage());
    }
  }

  private Map<String, Object> map(Map<String, Object> of, String name) {
    Object value = of.get(name);
    return value == null ? Map.of() : entries(name, value);
  }

  private Map<String, Object> entries(String name, @Nullable Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      throw fault("name: value pairs are needed under '" + name + "'");
    }
    Map<String, Object> entries = new LinkedHashMap<>();
    map.forEach((key, entry) -> entries.put(String.valueOf(key), entry));
    return entries;
  }

  private static List<String> list(Map<String, Object> of, String name) {
    return of.get(name) instanceof List<?> items
        ? items.stream().map(String::valueOf).toList()
        : List.of();
  }

  private String text(Map<String, Object> of, String name) {
    String text = textOrNull(of, name);
    if (text == null) {
      throw fault("'" + name + "' is missing");
    }
    return text;
  }

  private static @Nullable String textOrNull(Map<String, Object> of, String name) {
    Object value = of.get(name);
    return value == null ? null : String.valueOf(value);
  }

  private IllegalArgumentException fault(String message) {
    return new IllegalArgumentException(file + ": " + message);
  }
}
