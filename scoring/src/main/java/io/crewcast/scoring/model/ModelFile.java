package io.crewcast.scoring.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.ValueType;
import io.crewcast.schemas.expression.Expression;
import io.crewcast.schemas.expression.FactFields;
import io.crewcast.schemas.expression.InvalidExpressionException;
import io.crewcast.scoring.rollout.Lineup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
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
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,62}");
  private static final Pattern DAYS = Pattern.compile("(\\d{1,4})([hd])");
  private static final Pattern PERIOD = Pattern.compile("([1-9]\\d{0,3})([mhd])");
  private static final Pattern MILLIS = Pattern.compile("([1-9]\\d{0,4})ms");

  private static final Duration DEADLINE = Duration.ofSeconds(1);

  /** What the gate allows a score where {@code serve} sets no budget. */
  private static final Duration BUDGET = Duration.ofMillis(5);

  private static final Pattern PERCENT = Pattern.compile("(\\d{1,2})%");
  private static final int MOST_EXPLAINED = 100;
  private static final List<Double> EQUAL_WEIGHTS = List.of(0.5, 0.5);

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
      @Nullable TriggerYaml trigger,
      @Nullable LabelSection label,
      @Nullable LinkedHashMap<String, JsonNode> inputs,
      @Nullable TrainSection train,
      @Nullable ServeYaml serve,
      @Nullable RolloutYaml rollout,
      @Nullable GateSection gate,
      @Nullable JsonNode monitor) {}

  private record TriggerYaml(
      @Nullable String from,
      @Nullable String when,
      @JsonProperty("once_per") @Nullable String oncePer,
      @Nullable String every,
      @JsonProperty("active_within") @Nullable String activeWithin) {}

  private record ServeYaml(
      @Nullable Integer explain,
      @Nullable String budget,
      @Nullable String deadline,
      @Nullable String best,
      @Nullable List<JsonNode> fallback,
      @JsonProperty("alert_above") @Nullable Double alertAbove) {}

  private record RolloutYaml(
      @Nullable String unit,
      @Nullable String audience,
      @Nullable LinkedHashMap<String, String> weights) {}

  static List<ModelSpec> loadAll(Path models, Map<EntityType, FeatureSchema> schemas) {
    if (!Files.isDirectory(models)) {
      throw new InvalidModelException(
          models + " is no directory; point --definitions at the folder that holds models/");
    }
    try (Stream<Path> files = Files.list(models)) {
      return files
          .filter(file -> file.toString().endsWith(".yaml"))
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
      throw new InvalidModelException(file + ":" + line + ": " + e.getOriginalMessage(), e);
    }
  }

  private static String names(Collection<Object> known) {
    return known.stream().map(String::valueOf).sorted().collect(Collectors.joining(", "));
  }

  private ModelSpec check(Yaml yaml) {
    String name = required(yaml.model, "model");
    if (!NAME.matcher(name).matches() || !file.getFileName().toString().equals(name + ".yaml")) {
      throw fault(name, "model '" + name + "' must be snake_case and the name of its file");
    }
    EntityType scores = entity(required(yaml.scores, "scores"));
    TriggerYaml trigger = required(yaml.trigger, "trigger");
    FactKind from =
        trigger.every == null
            ? kind(required(trigger.from, "from"))
            : FactKind.PREDICTION_REQUESTED;
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
        inputs(required(yaml.inputs, "inputs"), derivedScope(fields, columns), from);
    ModelSpec.Trigger triggering = trigger(trigger, from, fields);
    Label label =
        yaml.label == null
            ? new Label.None()
            : yaml.label.checked(columns, inputs, triggering, this);
    ModelSpec.Train train =
        required(yaml.train, "train").checked(label, inputs, longestWindow(inputs), this);
    ModelSpec.Serve serve = serve(required(yaml.serve, "serve"), label, train.outputs(label));
    return new ModelSpec(
        name,
        required(yaml.about, "about"),
        scores,
        triggering.readFor(label),
        label,
        inputs,
        train,
        serve,
        rollout(yaml.rollout, from, derivedScope(fields, columns)),
        yaml.gate == null
            ? null
            : yaml.gate.checked(
                inputs, triggering, train, serve.budget() == null ? BUDGET : serve.budget(), this),
        new EnumMap<>(schemas));
  }

  private ModelSpec.Trigger trigger(
      TriggerYaml trigger, FactKind from, Map<String, ValueType> fields) {
    if (from == FactKind.PREDICTION_REQUESTED) {
      if (trigger.when != null || trigger.oncePer != null) {
        throw fault(
            "trigger",
            "requests and schedules are answered whatever holds; remove when and once_per");
      }
      return new ModelSpec.Trigger(from, null, null, schedule(trigger), Duration.ZERO);
    }
    String oncePer = trigger.oncePer;
    if (oncePer != null && fields.get(oncePer) != ValueType.STRING) {
      throw fault(oncePer, "once_per needs a text field of " + from.yamlName());
    }
    if (trigger.activeWithin != null) {
      throw fault("active_within", "active_within goes with every; remove it");
    }
    return new ModelSpec.Trigger(
        from, condition(required(trigger.when, "when"), fields), oncePer, null, Duration.ZERO);
  }

  private ModelSpec.@Nullable Schedule schedule(TriggerYaml trigger) {
    if (trigger.every == null) {
      return null;
    }
    if (trigger.from != null) {
      throw fault("trigger", "from is what triggers, every is a schedule; keep one of both");
    }
    Duration every = period(trigger.every, "every");
    Duration active =
        trigger.activeWithin == null ? every : period(trigger.activeWithin, "active_within");
    if (active.compareTo(every) < 0) {
      throw fault(
          "active_within",
          "active_within %s is shorter than every %s: an entity would be left out by chance; write %s or more"
              .formatted(trigger.activeWithin, trigger.every, trigger.every));
    }
    return new ModelSpec.Schedule(every, active);
  }

  private Duration period(String text, String name) {
    var matcher = PERIOD.matcher(text);
    if (!matcher.matches()) {
      throw fault(
          "trigger",
          name,
          "%s: '%s' is no period; write such as 5m, 1h or 7d".formatted(name, text));
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }

  private static Map<String, ValueType> derivedScope(
      Map<String, ValueType> fields, Map<String, ValueType> columns) {
    Map<String, ValueType> scope = new HashMap<>(fields);
    scope.putAll(columns);
    scope.put(ModelSpec.AS_OF, ValueType.INSTANT);
    return scope;
  }

  private List<ModelSpec.Input> inputs(
      Map<String, JsonNode> declared, Map<String, ValueType> scope, FactKind from) {
    List<ModelSpec.Input> inputs = new ArrayList<>();
    declared.forEach(
        (group, node) -> {
          if (group.equals("derived")) {
            node.properties()
                .forEach(
                    derived -> inputs.add(derived(derived.getKey(), derived.getValue(), scope)));
          } else {
            EntityType entity = entity(group);
            if (!from.canName(entity)) {
              throw fault(group, "a %s names no %s".formatted(from.yamlName(), group));
            }
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

  private ModelSpec.Input derived(String name, JsonNode source, Map<String, ValueType> scope) {
    requireName("inputs", name);
    Expression expression = expression(source.asText(), scope);
    return input(
        "derived." + name,
        expression.type(),
        source.asText(),
        new ModelSpec.Value.Derived(expression));
  }

  private ModelSpec.Input column(String name) {
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
    return input(name, column.type(), column.doc(), new ModelSpec.Value.Column(entity, index));
  }

  private ModelSpec.Input input(String name, ValueType type, String about, ModelSpec.Value value) {
    if (type == ValueType.INSTANT || type.isList()) {
      throw fault(
          name.substring(name.indexOf('.') + 1),
          "%s is %s, which a model cannot take; derive a number, such as %s"
              .formatted(
                  name,
                  type.withArticle(),
                  type.isList() ? "size(" + name + ")" : "days(as_of - " + name + ")"));
    }
    return new ModelSpec.Input(name, type, about, value);
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

  private ModelSpec.Serve serve(ServeYaml serve, Label label, List<String> outputs) {
    List<JsonNode> answers = required(serve.fallback, "fallback");
    if (answers.isEmpty()) {
      throw fault("fallback", "fallback is empty; write what answers without a model");
    }
    int explain = serve.explain == null ? 0 : serve.explain;
    if (explain < 0 || explain > MOST_EXPLAINED) {
      throw fault(
          "serve",
          "explain",
          "explain: %d inputs; write how many a prediction names, 0 to %d"
              .formatted(explain, MOST_EXPLAINED));
    }
    if (serve.alertAbove != null && !outputs.equals(ProblemType.SCORE)) {
      throw fault(
          "alert_above",
          "alert_above needs a model that answers one score, not %s; remove it"
              .formatted(String.join(", ", outputs)));
    }
    if (serve.best != null && !List.of("highest", "lowest").contains(serve.best)) {
      throw fault("serve", "best", "best: %s; write highest or lowest".formatted(serve.best));
    }
    return new ModelSpec.Serve(
        explain,
        label instanceof Label.Classes
            ? classFallback(answers, outputs)
            : numberFallback(answers, outputs),
        serve.budget == null ? null : millis(serve.budget, "budget"),
        serve.deadline == null ? DEADLINE : millis(serve.deadline, "deadline"),
        "lowest".equals(serve.best),
        serve.alertAbove);
  }

  /** Columns in order, and at the end a number. */
  private ModelSpec.Fallback numberFallback(List<JsonNode> answers, List<String> outputs) {
    List<ModelSpec.Value> values = new ArrayList<>();
    Double constant = null;
    for (JsonNode answer : answers) {
      if (answer.isNumber()) {
        constant = answer.asDouble();
      } else {
        ModelSpec.Input input = column(answer.asText());
        if (!input.type().isNumber()) {
          throw fault("fallback", input.name() + " is no number; a fallback must be one");
        }
        values.add(input.value());
      }
    }
    if (constant == null) {
      throw fault("fallback", "fallback needs a number as its last entry");
    }
    return ModelSpec.Fallback.ofNumber(values, outputs, constant);
  }

  private ModelSpec.Fallback classFallback(List<JsonNode> answers, List<String> classes) {
    String named = answers.get(0).asText();
    if (answers.size() != 1 || !classes.contains(named)) {
      throw fault(
          "fallback",
          "fallback of classes needs one of them and nothing else: [%s]"
              .formatted(String.join("] or [", classes)));
    }
    return ModelSpec.Fallback.ofClass(classes, named);
  }

  private Duration millis(String text, String name) {
    var matcher = MILLIS.matcher(text);
    if (!matcher.matches()) {
      throw fault("serve", name, "%s: '%s' is no time; write such as 5ms".formatted(name, text));
    }
    return Duration.ofMillis(Long.parseLong(matcher.group(1)));
  }

  private ModelSpec.Rollout rollout(
      @Nullable RolloutYaml rollout, FactKind from, Map<String, ValueType> scope) {
    if (rollout == null) {
      return new ModelSpec.Rollout(null, null, EQUAL_WEIGHTS);
    }
    EntityType unit = null;
    if (rollout.unit != null && !rollout.unit.equals("company")) {
      unit = entity(rollout.unit);
      if (!from.canName(unit)) {
        throw fault(
            "unit", "a %s names no %s to try versions on".formatted(from.yamlName(), rollout.unit));
      }
    }
    return new ModelSpec.Rollout(
        unit,
        rollout.audience == null ? null : condition(rollout.audience, scope),
        rollout.weights == null ? EQUAL_WEIGHTS : weights(rollout.weights));
  }

  private List<Double> weights(Map<String, String> declared) {
    if (!declared.keySet().equals(Set.copyOf(Lineup.VARIATIONS))) {
      throw fault("weights", "weights needs one share each of " + Lineup.VARIATIONS);
    }
    List<Double> weights =
        Lineup.VARIATIONS.stream()
            .map(name -> share(declared.getOrDefault(name, ""), "rollout", "weights"))
            .toList();
    if (Math.abs(weights.get(0) + weights.get(1) - 1) > 1e-9) {
      throw fault("weights", "the shares of weights do not add up to 100%");
    }
    return weights;
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

  Expression condition(String source, Map<String, ValueType> scope) {
    try {
      return Expression.condition(source, scope);
    } catch (InvalidExpressionException e) {
      throw fault(source, String.valueOf(e.getMessage()));
    }
  }

  Expression expression(String source, Map<String, ValueType> scope) {
    try {
      return Expression.compile(source, scope);
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

  private FactKind kind(String name) {
    return Arrays.stream(FactKind.values())
        .filter(kind -> kind.yamlName().equals(name))
        .findFirst()
        .orElseThrow(() -> fault(name, "no facts '" + name + "'; use " + FactKind.names()));
  }

  <T> T required(@Nullable T value, String name) {
    if (value == null) {
      throw fault("model", "'" + name + "' is missing; add it");
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
