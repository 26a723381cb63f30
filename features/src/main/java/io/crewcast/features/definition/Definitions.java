package io.crewcast.features.definition;

import io.crewcast.features.aggregate.Aggregation;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.ValueType;
import io.crewcast.schemas.expression.Expression;
import io.crewcast.schemas.expression.FactFields;
import io.crewcast.schemas.expression.InvalidExpressionException;
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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
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
  private static final Map<String, Long> UNITS = Map.of("minutes", 1L, "hours", 60L, "days", 1440L);

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
      YamlFile name = field(root, ROOT, "entity");
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
      List.of("entity", "about", "fresh_within", "facts", "features", "derived");

  private static EntityDefinition define(
      EntityType entity, YamlFile root, Map<EntityType, EntityDefinition> visited) {
    Map<String, YamlFile> fields = root.entries(ROOT);
    Map<String, FactSource> sources = new LinkedHashMap<>();
    field(root, ROOT, "facts")
        .entries(null)
        .forEach((name, node) -> sources.put(name, source(name, node, entity, visited)));

    Map<String, ValueType> columns = new LinkedHashMap<>();
    List<Feature> features = new ArrayList<>();
    field(root, ROOT, "features")
        .entries(null)
        .forEach(
            (name, node) -> {
              Feature feature = feature(name, node, sources);
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
                Expression is = checked(node, () -> Expression.compile(text(node, "is"), columns));
                derived.add(new Derived(name, is, text(node, "about")));
                column(name, is.type(), node, entity, columns);
              });
    }
    YamlFile fresh = fields.get("fresh_within");
    return new EntityDefinition(
        entity,
        text(root, ROOT, "about"),
        fresh == null ? null : checked(fresh, () -> Window.parse(fresh.text())).length(),
        sources,
        features,
        derived);
  }

  private static void column(
      String name,
      ValueType type,
      YamlFile node,
      EntityType entity,
      Map<String, ValueType> columns) {
    if (!NAME.matcher(name).matches()) {
      throw node.fault("'" + name + "' is no column name; use a to z, 0 to 9 and _");
    }
    if (RESERVED.contains(name) || name.equals(FeatureSchema.nameOf(entity) + "_id")) {
      throw node.fault("'" + name + "' is a column of every row; choose another name");
    }
    if (columns.put(name, type) != null) {
      throw node.fault("'" + name + "' is a column already; choose another name");
    }
  }

  private static FactSource source(
      String name, YamlFile node, EntityType entity, Map<EntityType, EntityDefinition> visited) {
    Map<String, YamlFile> fields = node.entries(List.of("from", "when", "while", "let"));
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
            : checked(condition, () -> Expression.condition(condition.text(), own));
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
                    value, checked(expression, () -> Expression.compile(expression.text(), scope)));
              });
    }
    return new FactSource(name, kind, when, fields.containsKey("while"), let);
  }

  private static void addColumns(EntityDefinition definition, Map<String, ValueType> scope) {
    String prefix = FeatureSchema.nameOf(definition.entity()) + ".";
    definition.schema().columns().forEach(c -> scope.put(prefix + c.name(), c.type()));
  }

  private static Feature feature(String name, YamlFile node, Map<String, FactSource> sources) {
    List<String> aggregations =
        Arrays.stream(Aggregation.values()).map(Aggregation::yamlName).toList();
    List<String> allowed = new ArrayList<>(List.of("unit", "windows", "by", "about"));
    allowed.addAll(aggregations);
    Map<String, YamlFile> fields = node.entries(allowed);
    List<Aggregation> named =
        Arrays.stream(Aggregation.values()).filter(a -> fields.containsKey(a.yamlName())).toList();
    if (named.size() != 1) {
      throw node.fault("'" + name + "' needs exactly one of " + String.join(", ", aggregations));
    }
    Aggregation aggregation = named.get(0);
    YamlFile input = required(fields, aggregation.yamlName(), node);
    String[] path = input.text().split("\\.", 2);
    FactSource source = sources.get(path[0]);
    if (source == null) {
      throw input.fault(
          "no facts '" + path[0] + "'; declared are " + String.join(", ", sources.keySet()));
    }
    ValueType inputType = inputType(aggregation, source, path, input);
    if (!aggregation.accepts(inputType)) {
      throw input.fault(
          "'"
              + input.text()
              + "' is a "
              + inputType
              + ", which "
              + aggregation.yamlName()
              + " cannot take");
    }
    YamlFile windows = fields.get("windows");
    if (windows != null && source.held()) {
      throw windows.fault(
          "'" + source.name() + "' counts while it stands and has no windows; remove windows");
    }
    List<Window> lasting =
        windows == null
            ? List.of(Window.LIFETIME)
            : windows.items().stream().map(w -> checked(w, () -> Window.parse(w.text()))).toList();
    if (path.length > 1
        && source.let().containsKey(path[1])
        && source.readsOthers()
        && lasting.stream().anyMatch(Window::isLifetime)) {
      throw input.fault(
          "'%s' depends on other entities, which is remembered for %d days and not for a lifetime; give '%s' windows of at most 365d"
              .formatted(input.text(), EntityDefinition.CORRECTABLE_FOR.toDays(), name));
    }
    return new Feature(
        name,
        aggregation,
        source,
        path.length == 1 ? "" : path[1],
        inputType,
        by(fields.get("by"), aggregation, source),
        divisor(fields.get("unit"), aggregation, input),
        lasting,
        text(node, allowed, "about"));
  }

  private static ValueType inputType(
      Aggregation aggregation, FactSource source, String[] path, YamlFile input) {
    if (path.length == 1) {
      if (aggregation != Aggregation.COUNT) {
        throw input.fault("name what to aggregate, such as " + path[0] + ".minutes");
      }
      return ValueType.LONG;
    }
    if (aggregation == Aggregation.COUNT) {
      throw input.fault("count takes facts, not a field; write " + path[0]);
    }
    Expression let = source.let().get(path[1]);
    if (let != null) {
      return let.type();
    }
    ValueType type = FactFields.types(source.kind()).get(path[1]);
    if (type == null) {
      throw input.fault(
          "a "
              + source.kind().yamlName()
              + " has no '"
              + path[1]
              + "'; it has "
              + String.join(", ", FactFields.types(source.kind()).keySet()));
    }
    return type;
  }

  private static @Nullable String by(
      @Nullable YamlFile by, Aggregation aggregation, FactSource source) {
    if (by == null) {
      return null;
    }
    if (aggregation.isKeyed()) {
      throw by.fault("by goes with count, sum and mean; remove it");
    }
    if (FactFields.types(source.kind()).get(by.text()) != ValueType.STRING) {
      throw by.fault("by needs a text field of " + source.kind().yamlName());
    }
    return by.text();
  }

  private static long divisor(@Nullable YamlFile unit, Aggregation aggregation, YamlFile input) {
    if (unit == null) {
      return 1;
    }
    Long divisor = UNITS.get(unit.text());
    if (divisor == null) {
      throw unit.fault("no unit '" + unit.text() + "'; use minutes, hours or days");
    }
    boolean additive = aggregation == Aggregation.SUM || aggregation == Aggregation.MEAN;
    if (!additive || !input.text().endsWith("minutes")) {
      throw unit.fault("a unit converts sums and means of minutes; remove it");
    }
    return divisor;
  }

  private static EntityType entity(YamlFile name) {
    return Arrays.stream(EntityType.values())
        .filter(entity -> FeatureSchema.nameOf(entity).equals(name.text()))
        .findFirst()
        .orElseThrow(
            () ->
                name.fault("no entity '" + name.text() + "'; use " + Set.of(EntityType.values())));
  }

  private static YamlFile field(YamlFile node, List<String> allowed, String name) {
    return required(node.entries(allowed), name, node);
  }

  private static YamlFile required(Map<String, YamlFile> fields, String name, YamlFile node) {
    YamlFile field = fields.get(name);
    if (field == null) {
      throw node.fault("'" + name + "' is missing here");
    }
    return field;
  }

  private static String text(YamlFile node, List<String> allowed, String name) {
    return field(node, allowed, name).text();
  }

  private static String text(YamlFile node, String name) {
    return text(node, List.of("is", "about"), name);
  }

  private static <T> T checked(YamlFile node, Supplier<T> read) {
    try {
      return read.get();
    } catch (InvalidExpressionException e) {
      throw node.fault(String.valueOf(e.getMessage()));
    } catch (InvalidDefinitionException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw node.fault(String.valueOf(e.getMessage()));
    }
  }
}
