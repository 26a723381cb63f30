package io.crewcast.scoring.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.ValueType;
import io.crewcast.schemas.expression.Expression;
import io.crewcast.schemas.expression.FactFields;
import io.crewcast.schemas.expression.InvalidExpressionException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads one file of {@code flink-conf/models}; every fault names file, line and what to do. */
final class ModelFile {

  private static final ObjectMapper YAML =
      YAMLMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();
  private static final String YAML_FILE = ".yaml";
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,62}");
  private static final Pattern DAYS = Pattern.compile("(\\d{1,4})([hd])");

  /** What the gate allows a score where {@code serve} sets no budget. */
  private static final Duration BUDGET = Duration.ofMillis(5);

  /** What an expression can say of time alone. */
  private static final Set<String> CALENDAR = Set.of(ModelSpec.AS_OF, "occurred_at", "recorded_at");

  private static final Pattern PERCENT = Pattern.compile("(\\d{1,2})%");

  private final Path file;
  private final String text;
  private final Map<EntityType, FeatureSchema> schemas;

  private ModelFile(Path file, String text, Map<EntityType, FeatureSchema> schemas) {
    this.file = file;
    this.text = text;
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
    try (Stream<Path> files = Files.list(models)) {
      return files
          .filter(file -> file.toString().endsWith(YAML_FILE))
          .sorted()
          .map(file -> load(file, schemas))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ModelSpec load(Path file, Map<EntityType, FeatureSchema> schemas) {
    String text;
    try {
      text = Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new InvalidModelException(
          "%s is not there; models are %s"
              .formatted(file, names(file.toAbsolutePath().resolveSibling(""))),
          e);
    } catch (IOException e) {
      throw new InvalidModelException(file + " cannot be read: " + e.getMessage(), e);
    }
    try {
      return new ModelFile(file, text, schemas).check(YAML.readValue(text, Yaml.class));
    } catch (JsonProcessingException e) {
      if (e instanceof UnrecognizedPropertyException unknown) {
        throw new ModelFile(file, text, schemas)
            .fault(
                unknown.getPropertyName() + ":",
                "no entry '%s' here; use one of %s"
                    .formatted(unknown.getPropertyName(), names(unknown.getKnownPropertyIds())));
      }
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      throw new InvalidModelException(
          "%s:%d: %s"
              .formatted(
                  file,
                  line,
                  e instanceof MismatchedInputException mismatch
                      ? MisreadValue.inWords(mismatch)
                      : e.getOriginalMessage()),
          e);
    }
  }

  private static String names(Path models) {
    try (Stream<Path> files = Files.list(models)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(YAML_FILE))
          .map(name -> name.substring(0, name.length() - YAML_FILE.length()))
          .sorted()
          .collect(Collectors.joining(", "));
    } catch (IOException e) {
      return "nowhere: " + models + " cannot be read";
    }
  }

  private static String names(Collection<Object> known) {
    return known.stream().map(String::valueOf).sorted().collect(Collectors.joining(", "));
  }

  private ModelSpec check(Yaml yaml) {
    String name = required(yaml.model, "model");
    if (!NAME.matcher(name).matches() || !file.getFileName().toString().equals(name + YAML_FILE)) {
      throw fault(name, "model '" + name + "' must be snake_case and the name of its file");
    }
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
    var matcher = PERCENT.matcher(percent);
    if (!matcher.matches()) {
      throw fault(section, mention, "'" + percent + "' is no share; write such as 70%");
    }
    return Integer.parseInt(matcher.group(1)) / 100.0;
  }

  Duration duration(String text) {
    var matcher = DAYS.matcher(text);
    if (!matcher.matches()) {
      throw fault(text, "'" + text + "' is no duration; write such as 12h or 90d");
    }
    long amount = Long.parseLong(matcher.group(1));
    return matcher.group(2).equals("h") ? Duration.ofHours(amount) : Duration.ofDays(amount);
  }

  /** As {@link #duration}, and refuses none at all. */
  Duration span(String text) {
    Duration span = duration(text);
    if (span.isZero()) {
      throw fault(text, "'" + text + "' is no time; write such as 12h or 90d");
    }
    return span;
  }

  void requireName(String section, String name) {
    if (!NAME.matcher(name).matches()) {
      throw fault(section, name, "'" + name + "' is no name; use a to z, 0 to 9 and _");
    }
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
    if (value == null) {
      throw fault(section, section, "'" + name + "' is missing; add it");
    }
    return value;
  }

  /** The line is that of the first mention of what is wrong. */
  InvalidModelException fault(String mention, String message) {
    return fault("", mention, message);
  }

  /** The line is that of the first mention within a section such as {@code gate}. */
  InvalidModelException fault(String section, String mention, String message) {
    int from = section.isEmpty() ? 0 : Math.max(0, text.indexOf("\n" + section + ":") + 1);
    int at = Math.max(from, text.indexOf(mention, from));
    long line = 1 + text.substring(0, at).chars().filter(c -> c == '\n').count();
    return new InvalidModelException(file + ":" + line + ": " + message);
  }
}
