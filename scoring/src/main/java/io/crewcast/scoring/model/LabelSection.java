package io.crewcast.scoring.model;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.ValueType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What stands under {@code label} in a model's file. */
record LabelSection(
    @Nullable String positive,
    @Nullable String negative,
    @Nullable String within,
    @Nullable String of) {

  private static final String SECTION = "label";

  /**
   * @param columns of all entities, by name
   * @param inputs of the model, which the label sees as they were at the trigger
   * @param from the kind of fact that triggers
   */
  Label checked(
      Map<String, ValueType> columns, List<ModelSpec.Input> inputs, FactKind from, ModelFile file) {
    Map<String, ValueType> scope = scope(columns, inputs);
    String no = file.required(negative, "negative");
    return new Label.Binary(
        file.condition(file.required(positive, "positive"), scope),
        no.equals(Label.OTHERWISE) ? null : file.condition(no, scope),
        file.duration(file.required(within, "within")),
        subject(from, file));
  }

  private static Map<String, ValueType> scope(
      Map<String, ValueType> columns, List<ModelSpec.Input> inputs) {
    Map<String, ValueType> scope = new HashMap<>(columns);
    scope.put(ModelSpec.AS_OF, ValueType.INSTANT);
    inputs.forEach(input -> scope.put(Hindsight.THEN + input.name(), input.type()));
    scope.put(Hindsight.THEN + ModelSpec.AS_OF, ValueType.INSTANT);
    return scope;
  }

  private @Nullable EntityType subject(FactKind from, ModelFile file) {
    if (of == null) {
      return null;
    }
    EntityType entity = file.entity(of);
    if (!from.canName(entity)) {
      throw file.fault(
          SECTION,
          "of:",
          "label of: %s, but a %s names none; name an entity that the trigger names"
              .formatted(of, from.yamlName()));
    }
    return entity;
  }
}
