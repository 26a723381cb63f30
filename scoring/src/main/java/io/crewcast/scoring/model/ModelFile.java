package io.crewcast.scoring.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.ValueType;
import io.crewcast.schemas.expression.Expression;
import io.crewcast.schemas.expression.FactFields;
import io.crewcast.schemas.expression.InvalidExpressionException;
import io.crewcast.scoring.yaml.YamlFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads one file of {@code flink-conf/models}; every fault names file, line and what to do. */
final class ModelFile {

  /** What the gate allows a score where {@code serve} sets no budget. */
  private static final Duration BUDGET = Duration.ofMillis(5);

  /** What an expression can say of time alone. */
  private static final Set<String> CALENDAR = Set.of(ModelSpec.AS_OF, "occurred_at", "recorded_at");

  private final YamlFile<InvalidModelException> file;
  private final Map<EntityType, FeatureSchema> schemas;

  private ModelFile(YamlFile<InvalidModelException> file, Map<EntityType, FeatureSchema> schemas) {
    this.file = file;
    this.schemas = schemas;
  }

  /** The file as it is written. */
  private record Yaml(
      @Nullable String model,
      @Nullable String about,
      @Nullable String scores,
      @Nullable TriggerSection trigger,
      @Nullable LabelSection label,
      @Nullable LinkedHashMap<String, JsonNode> inputs,
      @Nullable TrainSection train,
      @Nullable ServeSection serve,
      @Nullable RolloutSection rollout,
      @Nullable GateSection gate,
      @Nullable MonitorSection monitor) {}

  static List<ModelSpec> loadAll(Path models, Map<EntityType, FeatureSchema> schemas) {
    if (!Files.isDirectory(models)) {
      throw new InvalidModelException(
          models + " is no directory; point --definitions at the folder that holds models/");
    }
    return YamlFile.in(models).stream().map(file -> load(file, schemas)).toList();
  }

  static ModelSpec load(Path path, Map<EntityType, FeatureSchema> schemas) {
    YamlFile<InvalidModelException> file =
        YamlFile.open(path, "models", InvalidModelException::new);
    return new ModelFile(file, schemas).check(file.read(Yaml.class));
  }

  private ModelSpec check(Yaml yaml) {
    String name = required(yaml.model, "model");
    file.requireOwnName("model", name);
    EntityType scores = entity(required(yaml.scores, "scores"));
    ModelSpec.Trigger trigger = required(yaml.trigger, "trigger").checked(this);
    FactKind from = trigger.from();
    if (!from.canName(scores)) {
      throw fault("scores", "a %s names no %s to score".formatted(from.yamlName(), yaml.scores));
    }
    Map<String, ValueType> fields = FactFields.types(from);
    Map<String, ValueType> columns = new LinkedHashMap<>();
    schemas
        .values()
        .forEach(
            schema ->
                schema
                    .columns()
                    .forEach(c -> columns.put(schema.name() + "." + c.name(), c.type())));
    List<ModelSpec.Input> inputs =
        inputs(required(yaml.inputs, "inputs"), derivedScope(fields, columns), trigger, scores);
    Label label =
        yaml.label == null ? new Label.None() : yaml.label.checked(columns, inputs, trigger, this);
    ModelSpec.Train train =
        required(yaml.train, "train").checked(label, inputs, longestWindow(inputs), this);
    ModelSpec.Serve serve =
        required(yaml.serve, "serve").checked(label, train.outputs(label), this);
    return new ModelSpec(
        name,
        required(yaml.about, "about"),
        scores,
        trigger.readFor(label),
        label,
        inputs,
        train,
        serve,
        yaml.rollout == null
            ? RolloutSection.NONE
            : yaml.rollout.checked(from, derivedScope(fields, columns), this),
        yaml.gate == null
            ? null
            : yaml.gate.checked(
                inputs, trigger, train, serve.budget() == null ? BUDGET : serve.budget(), this),
        (yaml.monitor == null ? MonitorSection.NONE : yaml.monitor).checked(train.problem(), this),
        new EnumMap<>(schemas));
  }

  private static Map<String, ValueType> derivedScope(
      Map<String, ValueType> fields, Map<String, ValueType> columns) {
    Map<String, ValueType> scope = new HashMap<>(fields);
    scope.putAll(columns);
    scope.put(ModelSpec.AS_OF, ValueType.INSTANT);
    return scope;
  }

  private List<ModelSpec.Input> inputs(
      Map<String, JsonNode> declared,
      Map<String, ValueType> scope,
      ModelSpec.Trigger trigger,
      EntityType scores) {
    List<ModelSpec.Input> inputs = new ArrayList<>();
    declared.forEach(
        (group, node) -> {
          if (group.equals("derived")) {
            node.properties()
                .forEach(
                    derived ->
                        inputs.add(derived(derived.getKey(), derived.getValue(), scope, scores)));
          } else {
            requireNamed(entity(group), trigger, scores);
            node.forEach(column -> inputs.add(column(group + "." + column.asText())));
          }
        });
    if (inputs.isEmpty()) {
      throw fault("inputs", "inputs is empty; name a column");
    }
    Map<String, Long> names =
        inputs.stream()
            .collect(Collectors.groupingBy(ModelSpec.Input::column, Collectors.counting()));
    names.forEach(
        (name, count) -> {
          if (count > 1) {
            throw fault("inputs", "input " + name + " is named twice; remove one");
          }
        });
    return inputs;
  }

  private void requireNamed(EntityType entity, ModelSpec.Trigger trigger, EntityType scores) {
    String name = FeatureSchema.nameOf(entity);
    boolean isOfPair = scores == EntityType.WORKER_PROJECT && entity != EntityType.CREW;
    if (!trigger.from().canName(entity)) {
      throw fault(name, "a %s names no %s".formatted(trigger.from().yamlName(), name));
    } else if (trigger.schedule() != null && entity != scores && !isOfPair) {
      throw fault(
          "inputs",
          name,
          "a schedule names only the %s that it scores, and no %s; remove its inputs"
              .formatted(FeatureSchema.nameOf(scores), name));
    }
  }

  private ModelSpec.Input derived(
      String name, JsonNode source, Map<String, ValueType> scope, EntityType scores) {
    requireName("inputs", name);
    Expression expression = expression(source.asText(), scope);
    return input(
        "derived." + name,
        expression.type(),
        source.asText(),
        new ModelSpec.Value.Derived(expression),
        owner(expression, scores));
  }

  /** A fact's own fields are the scored entity's, but for when it happened. */
  private @Nullable EntityType owner(Expression expression, EntityType scores) {
    Set<EntityType> owners =
        expression.names().stream()
            .filter(name -> !CALENDAR.contains(name))
            .map(name -> name.contains(".") ? entity(name.substring(0, name.indexOf('.'))) : scores)
            .collect(Collectors.toSet());
    return owners.size() > 1 ? scores : owners.stream().findAny().orElse(null);
  }

  ModelSpec.Input column(String name) {
    String[] path = name.split("\\.", 2);
    EntityType entity = entity(path[0]);
    FeatureSchema schema = schemas.get(entity);
    int index = schema == null || path.length == 1 ? -1 : schema.indexOf(path[1]);
    if (schema == null || index < 0) {
      String known =
          schema == null
              ? "no file declares features of " + path[0]
              : schema.columns().stream()
                  .map(FeatureSchema.Column::name)
                  .collect(Collectors.joining(", "));
      throw fault(
          path.length == 1 ? name : path[1],
          "%s has no column '%s'; it has %s"
              .formatted(path[0], path.length == 1 ? "" : path[1], known));
    }
    FeatureSchema.Column column = schema.columns().get(index);
    return input(
        name, column.type(), column.doc(), new ModelSpec.Value.Column(entity, index), entity);
  }

  private ModelSpec.Input input(
      String name,
      ValueType type,
      String about,
      ModelSpec.Value value,
      @Nullable EntityType owner) {
    if (type == ValueType.INSTANT || type.isList()) {
      throw fault(
          name.substring(name.indexOf('.') + 1),
          "%s is %s, which a model cannot take; derive a number, such as %s"
              .formatted(
                  name,
                  type.withArticle(),
                  type.isList() ? "size(" + name + ")" : "days(as_of - " + name + ")"));
    }
    return new ModelSpec.Input(name, type, about, value, owner);
  }

  /** Over all columns that the inputs are made of. */
  private Duration longestWindow(List<ModelSpec.Input> inputs) {
    Set<String> names = new HashSet<>();
    for (ModelSpec.Input input : inputs) {
      if (input.value() instanceof ModelSpec.Value.Derived derived) {
        names.addAll(derived.expression().names());
      } else {
        names.add(input.name());
      }
    }
    Duration longest = Duration.ZERO;
    for (FeatureSchema schema : schemas.values()) {
      for (FeatureSchema.Column column : schema.columns()) {
        Duration window = column.window();
        if (window != null
            && window.compareTo(longest) > 0
            && names.contains(schema.name() + "." + column.name())) {
          longest = window;
        }
      }
    }
    return longest;
  }

  double share(String percent, String section, String mention) {
    return file.share(percent, section, mention);
  }

  Duration duration(String text) {
    return file.duration(text);
  }

  /** As {@link #duration}, and refuses none at all. */
  Duration span(String text) {
    return file.span(text);
  }

  void requireName(String section, String name) {
    file.requireName(section, name);
  }

  /** Over the fields of a fact. */
  Expression condition(String source, FactKind kind) {
    return read(
        source,
        () -> FactFields.checked(Expression.condition(source, FactFields.types(kind)), kind));
  }

  Expression condition(String source, Map<String, ValueType> scope) {
    return read(source, () -> Expression.condition(source, scope));
  }

  Expression expression(String source, Map<String, ValueType> scope) {
    return read(source, () -> Expression.compile(source, scope));
  }

  private Expression read(String source, Supplier<Expression> compiled) {
    try {
      return compiled.get();
    } catch (InvalidExpressionException e) {
      throw fault(source, String.valueOf(e.getMessage()));
    }
  }

  EntityType entity(String name) {
    return Arrays.stream(EntityType.values())
        .filter(entity -> FeatureSchema.nameOf(entity).equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                fault(
                    name,
                    "no entity '%s'; use one of %s"
                        .formatted(
                            name,
                            Arrays.stream(EntityType.values())
                                .map(FeatureSchema::nameOf)
                                .collect(Collectors.joining(", ")))));
  }

  FactKind kind(String name) {
    return Arrays.stream(FactKind.values())
        .filter(kind -> kind.yamlName().equals(name))
        .findFirst()
        .orElseThrow(() -> fault(name, "no facts '" + name + "'; use " + FactKind.names()));
  }

  <T> T required(@Nullable T value, String name) {
    return required("", value, name);
  }

  /** What must stand in a section; the line of a fault is that of the section. */
  <T> T required(String section, @Nullable T value, String name) {
    return file.required(section, value, name);
  }

  /** The line is that of the first mention of what is wrong. */
  InvalidModelException fault(String mention, String message) {
    return fault("", mention, message);
  }

  /** The line is that of the first mention within a section such as {@code gate}. */
  InvalidModelException fault(String section, String mention, String message) {
    return file.fault(section, mention, message);
  }
}
