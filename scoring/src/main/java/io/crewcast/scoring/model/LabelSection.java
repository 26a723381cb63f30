package io.crewcast.scoring.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.ValueType;
import io.crewcast.schemas.expression.Expression;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What stands under {@code label} in a model's file. */
record LabelSection(
    @Nullable String positive,
    @Nullable String negative,
    @Nullable String value,
    @Nullable LinkedHashMap<String, String> classes,
    @Nullable LinkedHashMap<String, GoalYaml> grade,
    @Nullable String when,
    @Nullable String within,
    @Nullable String after,
    @JsonProperty("percentile_within") @Nullable String percentileWithin,
    @Nullable String of) {

  private static final String SECTION = "label";

  /** How late a value may be where nothing says how often the entity is read. */
  private static final Duration GRACE = Duration.ofDays(1);

  record GoalYaml(@Nullable Double weight, @Nullable String is) {}

  /**
   * Checks the entries of the kind that they say.
   *
   * @param columns of all entities, by name
   * @param inputs of the model, which the label sees as they were at the trigger
   */
  Label checked(
      Map<String, ValueType> columns,
      List<ModelSpec.Input> inputs,
      ModelSpec.Trigger trigger,
      ModelFile file) {
    Map<String, ValueType> scope = scope(columns, inputs);
    EntityType subject = subject(trigger, file);
    if (classes != null) {
      allow(List.of("classes", "when", "within"), file);
      return classes(classes, scope, subject, file);
    } else if (grade != null) {
      allow(List.of("grade", "when", "within"), file);
      return new Label.Grade(
          goals(grade, scope, file), settling(scope, file), within(file), subject);
    } else if (value != null && after != null) {
      allow(List.of("value", "after", "percentile_within"), file);
      return atHorizon(value, after, scope, subject, trigger.every(), file);
    } else if (value != null) {
      if (when == null) {
        throw file.fault(
            SECTION, SECTION, "a label of value needs when and within, or after; add them");
      }
      allow(List.of("value", "when", "within"), file);
      return new Label.Measured(
          number(value, scope, file), settling(scope, file), within(file), subject);
    }
    allow(List.of("positive", "negative", "within"), file);
    String no = file.required(SECTION, negative, "negative");
    return new Label.Binary(
        file.condition(file.required(SECTION, positive, "positive"), scope),
        no.equals(Label.OTHERWISE) ? null : file.condition(no, scope),
        within(file),
        subject);
  }

  private static Map<String, ValueType> scope(
      Map<String, ValueType> columns, List<ModelSpec.Input> inputs) {
    Map<String, ValueType> scope = new HashMap<>(columns);
    scope.put(ModelSpec.AS_OF, ValueType.INSTANT);
    inputs.forEach(input -> scope.put(Hindsight.THEN + input.name(), input.type()));
    scope.put(Hindsight.THEN + ModelSpec.AS_OF, ValueType.INSTANT);
    return scope;
  }

  /** Refuses entries of other kinds of label. */
  private void allow(List<String> kind, ModelFile file) {
    Map<String, @Nullable Object> entries = new HashMap<>();
    entries.put("positive", positive);
    entries.put("negative", negative);
    entries.put("value", value);
    entries.put("classes", classes);
    entries.put("grade", grade);
    entries.put("when", when);
    entries.put("within", within);
    entries.put("after", after);
    entries.put("percentile_within", percentileWithin);
    for (String entry : new TreeSet<>(entries.keySet())) {
      if (entries.get(entry) != null && !kind.contains(entry)) {
        throw file.fault(
            SECTION,
            entry + ":",
            "a label of %s has no '%s'; use %s, of"
                .formatted(kind.get(0), entry, String.join(", ", kind)));
      }
    }
  }

  private Label classes(
      Map<String, String> named,
      Map<String, ValueType> scope,
      @Nullable EntityType subject,
      ModelFile file) {
    if (named.size() < 2) {
      throw file.fault(SECTION, "classes", "a label needs at least two classes; add another");
    }
    List<Expression> conditions = new ArrayList<>();
    named.forEach(
        (name, condition) -> {
          file.requireName(SECTION, name);
          conditions.add(file.condition(condition, scope));
        });
    return new Label.Classes(
        List.copyOf(named.keySet()), conditions, settling(scope, file), within(file), subject);
  }

  private static List<Label.Grade.Goal> goals(
      Map<String, GoalYaml> declared, Map<String, ValueType> scope, ModelFile file) {
    if (declared.isEmpty()) {
      throw file.fault(SECTION, "grade", "grade names no objective; add one");
    }
    List<Label.Grade.Goal> goals = new ArrayList<>();
    declared.forEach(
        (name, goal) -> {
          if (goal == null || goal.weight == null || !(goal.weight > 0) || goal.is == null) {
            throw file.fault(
                SECTION,
                name,
                "objective %s needs a weight above 0 and what it is, such as {weight: 0.5, is: task.quality}"
                    .formatted(name));
          }
          Expression reached = file.expression(goal.is, scope);
          if (reached.type() != ValueType.BOOLEAN && !reached.type().isNumber()) {
            throw file.fault(
                SECTION,
                name,
                "objective %s is %s; make it a condition or a number of 0 to 1"
                    .formatted(name, reached.type().withArticle()));
          }
          goals.add(new Label.Grade.Goal(name, goal.weight, reached));
        });
    return goals;
  }

  private Label atHorizon(
      String said,
      String horizon,
      Map<String, ValueType> scope,
      @Nullable EntityType subject,
      @Nullable Duration every,
      ModelFile file) {
    Duration span = file.span(horizon);
    if (every != null && span.toMinutes() % every.toMinutes() != 0) {
      throw file.fault(
          SECTION,
          "after",
          "after: %s is no multiple of the trigger's every: nothing would be read then"
              .formatted(horizon));
    }
    if (percentileWithin != null && !percentileWithin.equals(Label.COMPANY)) {
      throw file.fault(
          SECTION,
          percentileWithin,
          "percentile_within: %s; use %s".formatted(percentileWithin, Label.COMPANY));
    }
    return new Label.AtHorizon(
        number(said, scope, file),
        span,
        every == null ? GRACE : every,
        percentileWithin != null,
        subject);
  }

  private static Expression number(String source, Map<String, ValueType> scope, ModelFile file) {
    Expression number = file.expression(source, scope);
    if (!number.type().isNumber()) {
      throw file.fault(
          SECTION,
          source,
          "the value of a label is %s; make it a number".formatted(number.type().withArticle()));
    }
    return number;
  }

  private Expression settling(Map<String, ValueType> scope, ModelFile file) {
    return file.condition(file.required(SECTION, when, "when"), scope);
  }

  private Duration within(ModelFile file) {
    return file.span(file.required(SECTION, within, "within"));
  }

  private @Nullable EntityType subject(ModelSpec.Trigger trigger, ModelFile file) {
    if (of == null) {
      return null;
    }
    EntityType entity = file.entity(of);
    if (!trigger.from().canName(entity)) {
      throw file.fault(
          SECTION,
          "of:",
          "label of: %s, but a %s names none; name an entity that the trigger names"
              .formatted(of, trigger.from().yamlName()));
    }
    return entity;
  }
}
