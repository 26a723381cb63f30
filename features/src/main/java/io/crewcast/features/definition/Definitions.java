package io.crewcast.features.definition;

import static java.util.stream.Collectors.joining;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.ValueType;
import io.crewcast.schemas.expression.Expression;
import io.crewcast.schemas.expression.FactFields;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All feature files, read and checked: every name, type, window and expression. The single source
 * of state, schemas, Redis views, documentation and training columns.
 */
public final class Definitions implements Serializable {

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,62}");
  private static final List<String> RESERVED =
      List.of("company_id", "as_of", "sequence", "event_id", "date");

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

  private static final List<String> FACTS = List.of("from", "when", "while", "let", "fresh_within");

  private static final List<String> DERIVED = List.of("is", "unit", "about");

  private static EntityDefinition define(
      EntityType entity, YamlFile root, Map<EntityType, EntityDefinition> visited) {
    Map<String, YamlFile> fields = root.entries(ROOT);
    Map<String, FactSource> sources = new LinkedHashMap<>();
    root.field(ROOT, "facts")
        .entries(null)
        .forEach((name, node) -> sources.put(name, source(name, node, entity, visited)));

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
      derivations
          .entries(null)
          .forEach(
              (name, node) -> {
                Expression is =
                    node.checked(
                        () -> Expression.compile(node.field(DERIVED, "is").text(), columns));
                YamlFile unit = node.entries(DERIVED).get("unit");
                derived.add(
                    new Derived(
                        name,
                        is,
                        unit == null ? "" : unit.text(),
                        node.field(DERIVED, "about").text()));
                column(name, is.type(), node, entity, columns);
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
        requireName(name.text(), name);
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
    requireName(name, node);
    if (RESERVED.contains(name) || name.equals(FeatureSchema.nameOf(entity) + "_id")) {
      throw node.fault("'" + name + "' is a column of every row; choose another name");
    }
    if (columns.put(name, type) != null) {
      throw node.fault("'" + name + "' is a column already; choose another name");
    }
  }

  private static void requireName(String name, YamlFile node) {
    if (!NAME.matcher(name).matches()) {
      throw node.fault("'" + name + "' is no column name; use a to z, 0 to 9 and _");
    } else if (Expression.isReserved(name)) {
      throw node.fault("'" + name + "' is a word of expressions; choose another name");
    }
  }

  private static FactSource source(
      String name, YamlFile node, EntityType entity, Map<EntityType, EntityDefinition> visited) {
    Map<String, YamlFile> fields = node.entries(FACTS);
    YamlFile from = fields.get("from");
    if (from == null) {
      throw node.fault("'" + name + "' needs from: one of " + FactKind.names());
    }
    FactKind kind =
        Arrays.stream(FactKind.values())
            .filter(candidate -> candidate.yamlName().equals(from.text()))
            .findFirst()
            .orElseThrow(() -> from.fault("no facts '" + from.text() + "'; " + FactKind.names()));
    if (!kind.canName(entity)) {
      throw from.fault(
          "a " + kind.yamlName() + " names no " + FeatureSchema.nameOf(entity) + "; remove it");
    }
    if (fields.containsKey("when") && fields.containsKey("while")) {
      throw node.fault("'" + name + "' has when and while; keep one");
    }
    Map<String, ValueType> own = FactFields.types(kind);
    YamlFile condition = fields.getOrDefault("when", fields.get("while"));
    Expression when =
        condition == null
            ? null
            : condition.checked(() -> Expression.condition(condition.text(), own));
    Map<String, ValueType> scope = new HashMap<>(own);
    visited.values().stream()
        .filter(definition -> kind.canName(definition.entity()))
        .forEach(definition -> addColumns(definition, scope));
    Map<String, Expression> let = new LinkedHashMap<>();
    YamlFile lets = fields.get("let");
    if (lets != null) {
      lets.entries(null)
          .forEach(
              (value, expression) -> {
                if (own.containsKey(value)) {
                  throw expression.fault("'" + value + "' is a field already; rename it");
                }
                let.put(
                    value, expression.checked(() -> Expression.compile(expression.text(), scope)));
              });
    }
    return new FactSource(name, kind, when, fields.containsKey("while"), let, freshWithin(fields));
  }

  private static void addColumns(EntityDefinition definition, Map<String, ValueType> scope) {
    String prefix = FeatureSchema.nameOf(definition.entity()) + ".";
    definition.schema().columns().forEach(c -> scope.put(prefix + c.name(), c.type()));
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
