package io.crewcast.features.definition;

import static java.util.stream.Collectors.joining;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.ValueType;
import io.crewcast.schemas.expression.Expression;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All feature files, read and checked: every name, type, window and expression. The single source
 * of state, schemas, Redis views, documentation and training columns.
 */
public final class Definitions implements Serializable {

  private final EnumMap<EntityType, EntityDefinition> entities;

  private Definitions(EnumMap<EntityType, EntityDefinition> entities) {
    this.entities = entities;
  }

  /**
   * Reads {@code features/*.yaml} below a directory.
   *
   * @throws InvalidDefinitionException with file, line and what to do
   */
  public static Definitions load(Path directory) throws IOException {
    Path features = directory.resolve("features");
    if (!Files.isDirectory(features)) {
      throw new InvalidDefinitionException(
          features + " is no directory; point --definitions at the folder that holds features/");
    }
    List<Path> files;
    try (Stream<Path> listed = Files.list(features)) {
      files = listed.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
    EnumMap<EntityType, YamlFile> roots = new EnumMap<>(EntityType.class);
    for (Path file : files) {
      YamlFile root = YamlFile.read(file);
      YamlFile name = root.field(ROOT, "entity");
      EntityType entity = entity(name);
      if (roots.put(entity, root) != null) {
        throw name.fault("'" + name.text() + "' has a file already; keep one");
      }
    }
    if (roots.isEmpty()) {
      throw new InvalidDefinitionException(features + " holds no .yaml file; add one an entity");
    }
    // in the order of the visits, because an expression may use the vectors of those before
    EnumMap<EntityType, EntityDefinition> entities = new EnumMap<>(EntityType.class);
    roots.forEach((entity, root) -> entities.put(entity, define(entity, root, entities)));
    return new Definitions(entities);
  }

  /** The entities that have a file, in the order in which a fact visits them. */
  public List<EntityDefinition> entities() {
    return List.copyOf(entities.values());
  }

  /** The columns of every entity, by entity. */
  public Map<EntityType, FeatureSchema> schemas() {
    EnumMap<EntityType, FeatureSchema> schemas = new EnumMap<>(EntityType.class);
    entities.forEach((entity, definition) -> schemas.put(entity, definition.schema()));
    return schemas;
  }

  /** What is later than this is a dead letter: the longest window and its hop. */
  public Duration lateAfter() {
    Duration longest =
        entities.values().stream()
            .map(EntityDefinition::longestWindow)
            .filter(length -> length != null)
            .max(Duration::compareTo)
            .orElse(Duration.ofDays(365));
    return longest.plusMinutes(Hop.of(longest).minutes());
  }

  private static final List<String> ROOT =
      List.of("entity", "about", "fresh_within", "facts", "features", "derived", "retired");

  private static final List<String> DERIVED = List.of("is", "unit", "about");

  private static EntityDefinition define(
      EntityType entity, YamlFile root, Map<EntityType, EntityDefinition> visited) {
    Map<String, YamlFile> fields = root.entries(ROOT);
    Map<String, FactSource> sources = new LinkedHashMap<>();
    root.field(ROOT, "facts")
        .entries(null)
        .forEach(
            (name, node) ->
                sources.put(name, FactEntry.read(name, node, entity, visited.values())));

    Map<String, ValueType> columns = new LinkedHashMap<>();
    List<Feature> features = new ArrayList<>();
    root.field(ROOT, "features")
        .entries(null)
        .forEach(
            (name, node) -> {
              Feature feature = FeatureEntry.read(name, node, sources);
              features.add(feature);
              feature
                  .windows()
                  .forEach(w -> column(w.column(name), feature.type(), node, entity, columns));
            });
    List<Derived> derived = new ArrayList<>();
    YamlFile derivations = fields.get("derived");
    if (derivations != null) {
      Map<String, YamlFile> all = derivations.entries(null);
      all.forEach(
          (name, node) -> {
            Derived read = derived(name, node, columns, all.keySet());
            derived.add(read);
            column(name, read.is().type(), node, entity, columns);
          });
    }
    return new EntityDefinition(
        entity,
        root.field(ROOT, "about").text(),
        freshWithin(fields),
        sources,
        features,
        derived,
        retired(fields.get("retired"), columns));
  }

  private static Derived derived(
      String name, YamlFile node, Map<String, ValueType> columns, Set<String> all) {
    Expression is =
        node.field(DERIVED, "is")
            .expression(
                text -> Expression.compile(text, columns),
                unknown -> Optional.of(unknown).filter(all::contains).map(n -> whyNotYet(n, name)));
    YamlFile unit = node.entries(DERIVED).get("unit");
    return new Derived(
        name, is, unit == null ? "" : unit.text(), node.field(DERIVED, "about").text());
  }

  private static String whyNotYet(String unknown, String name) {
    return unknown.equals(name)
        ? "'%s' would be made of itself; use other columns".formatted(name)
        : "'%1$s' stands further down; move it above '%2$s', or, if it is made of '%2$s' in turn, make one of them of other columns"
            .formatted(unknown, name);
  }

  private static @Nullable Duration freshWithin(Map<String, YamlFile> fields) {
    YamlFile said = fields.get("fresh_within");
    return said == null ? null : said.checked(() -> Window.duration(said.text()));
  }

  private static Set<String> retired(@Nullable YamlFile names, Map<String, ValueType> columns) {
    Set<String> retired = new LinkedHashSet<>();
    if (names != null) {
      for (YamlFile name : names.items()) {
        if (columns.containsKey(name.text())) {
          throw name.fault(
              "'" + name.text() + "' is retired and a column; give the column another name");
        }
        ColumnName.requireForm(name.text(), name);
        if (!retired.add(name.text())) {
          throw name.fault("'" + name.text() + "' is retired twice; remove one");
        }
      }
    }
    return retired;
  }

  private static void column(
      String name,
      ValueType type,
      YamlFile node,
      EntityType entity,
      Map<String, ValueType> columns) {
    ColumnName.require(name, entity, node);
    if (columns.put(name, type) != null) {
      throw node.fault("'" + name + "' is a column already; choose another name");
    }
  }

  private static EntityType entity(YamlFile name) {
    return Arrays.stream(EntityType.values())
        .filter(entity -> FeatureSchema.nameOf(entity).equals(name.text()))
        .findFirst()
        .orElseThrow(
            () ->
                name.fault(
                    "no entity '%s'; use %s"
                        .formatted(
                            name.text(),
                            Arrays.stream(EntityType.values())
                                .map(FeatureSchema::nameOf)
                                .collect(joining(", ")))));
  }
}
