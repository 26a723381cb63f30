package io.crewcast.features.definition;

import static java.util.stream.Collectors.joining;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.ValueType;
import io.crewcast.schemas.expression.Expression;
import io.crewcast.schemas.expression.FactFields;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One entry under {@code facts:}, read and checked. */
final class FactEntry {

  private static final List<String> ALLOWED =
      List.of("from", "when", "while", "let", "fresh_within");

  private final YamlFile node;
  private final Map<String, YamlFile> fields;
  private final EntityType entity;
  private final FactKind kind;
  private final Map<String, ValueType> own;
  private final List<EntityDefinition> visited;

  /**
   * Reads one source of facts.
   *
   * @param entity that counts them
   * @param visited the entities that a fact visits before it
   * @throws InvalidDefinitionException with file, line and what to do
   */
  static FactSource read(
      String name, YamlFile node, EntityType entity, Collection<EntityDefinition> visited) {
    return new FactEntry(name, node, entity, visited).source(name);
  }

  private FactEntry(
      String name, YamlFile node, EntityType entity, Collection<EntityDefinition> visited) {
    this.node = node;
    this.fields = node.entries(ALLOWED);
    this.entity = entity;
    this.kind = kind(name);
    this.own = FactFields.types(kind);
    this.visited = visited.stream().filter(other -> kind.canName(other.entity())).toList();
  }

  private FactKind kind(String name) {
    YamlFile from = fields.get("from");
    if (from == null) {
      throw node.fault("'" + name + "' needs from: one of " + FactKind.names());
    }
    FactKind named =
        Arrays.stream(FactKind.values())
            .filter(candidate -> candidate.yamlName().equals(from.text()))
            .findFirst()
            .orElseThrow(() -> from.fault("no facts '" + from.text() + "'; " + FactKind.names()));
    if (!named.changesEntities()) {
      throw from.fault("a " + named.yamlName() + " reads entities and changes none; remove it");
    }
    if (!named.canName(entity)) {
      throw from.fault(
          "a " + named.yamlName() + " names no " + FeatureSchema.nameOf(entity) + "; remove it");
    }
    return named;
  }

  private FactSource source(String name) {
    if (fields.containsKey("when") && fields.containsKey("while")) {
      throw node.fault("'" + name + "' has when and while; keep one");
    }
    YamlFile condition = fields.getOrDefault("when", fields.get("while"));
    Expression when =
        condition == null
            ? null
            : condition.expression(
                text -> FactFields.checked(Expression.condition(text, own), kind),
                FactEntry::whyNoCondition);
    YamlFile fresh = fields.get("fresh_within");
    return new FactSource(
        name,
        kind,
        when,
        fields.containsKey("while"),
        let(),
        fresh == null ? null : fresh.checked(() -> Window.duration(fresh.text())));
  }

  private Map<String, Expression> let() {
    Map<String, Expression> let = new LinkedHashMap<>();
    YamlFile lets = fields.get("let");
    if (lets == null) {
      return let;
    }
    Map<String, ValueType> scope = new HashMap<>(own);
    for (EntityDefinition other : visited) {
      other.schema().columns().forEach(c -> scope.put(other.name() + "." + c.name(), c.type()));
    }
    Map<String, YamlFile> values = lets.entries(null);
    values.forEach(
        (value, expression) -> {
          if (own.containsKey(value)) {
            throw expression.fault("'" + value + "' is a field already; rename it");
          }
          let.put(
              value,
              expression.expression(
                  text -> FactFields.checked(Expression.compile(text, scope), kind),
                  unknown -> whyNoLet(unknown, values.keySet())));
        });
    return let;
  }

  private static Optional<String> whyNoCondition(String unknown) {
    return entityOf(unknown)
        .map(
            other ->
                "'%s' is a feature, and which facts count is told by their own fields; take a field"
                        .formatted(unknown)
                    + ", or compute with it under let");
  }

  /** A name may be there, but not for a value that is computed before this entity is visited. */
  private Optional<String> whyNoLet(String unknown, Collection<String> lets) {
    if (lets.contains(unknown)) {
      return Optional.of(
          "'%s' is a let too, and none uses another; write out what it is".formatted(unknown));
    }
    return entityOf(unknown)
        .filter(other -> visited.stream().noneMatch(before -> before.entity() == other))
        .map(
            other ->
                "'%s' is not known before the %s is visited; use fields of the %s%s"
                    .formatted(
                        unknown, FeatureSchema.nameOf(entity), kind.yamlName(), featuresOfThose()));
  }

  private String featuresOfThose() {
    return visited.isEmpty()
        ? ""
        : visited.stream()
            .map(EntityDefinition::name)
            .collect(joining(", ", " and features of ", ""));
  }

  /** The entity of which a name would be a feature. */
  private static Optional<EntityType> entityOf(String name) {
    return Arrays.stream(EntityType.values())
        .filter(entity -> name.startsWith(FeatureSchema.nameOf(entity) + "."))
        .findFirst();
  }
}
