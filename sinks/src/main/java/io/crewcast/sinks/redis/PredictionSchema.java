package io.crewcast.sinks.redis;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureSchema.Column;
import io.crewcast.schemas.ValueType;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * What is kept online of a model's predictions: the Feast view {@code <model>_predictions}, under
 * the join keys of the entity that it scores.
 *
 * @param model its name
 * @param entity that it scores
 * @param outputs names of what it answers: {@code score}, or {@code p10}, or a class each
 */
public record PredictionSchema(String model, EntityType entity, List<String> outputs)
    implements Serializable {

  static final String PREDICTION_ID = "prediction_id";
  static final String EVENT_ID = "event_id";
  static final String REQUEST_ID = "request_id";
  static final String MODEL_VERSION = "model_version";
  static final String ROLE = "role";
  static final String CONFIDENCE = "confidence";
  static final String CONTRIBUTING = "contributing_features";
  static final String CONTRIBUTIONS = "contributions";
  static final String SCORED_AT = "scored_at";

  /** What comes before the outputs. */
  static final List<Column> ABOUT =
      List.of(
          new Column(PREDICTION_ID, ValueType.STRING, "The same for the same event"),
          new Column(EVENT_ID, ValueType.STRING, "The event that triggered it"),
          new Column(REQUEST_ID, ValueType.STRING, "The request that asked for it, if one did"),
          new Column(MODEL_VERSION, ValueType.LONG, "Version that answered; 0 for a fallback"),
          new Column(ROLE, ValueType.STRING, "CHAMPION, CHALLENGER or FALLBACK"),
          new Column(CONFIDENCE, ValueType.DOUBLE, "0 to 1"),
          new Column(CONTRIBUTING, ValueType.STRINGS, "What moved it the most, greatest first"),
          new Column(CONTRIBUTIONS, ValueType.DOUBLES, "By how much each did"),
          new Column(SCORED_AT, ValueType.INSTANT, "When it was scored, by the clock"));

  public PredictionSchema {
    outputs = List.copyOf(outputs);
  }

  /** The columns of the view, in the order of its rows. */
  List<Column> columns() {
    List<Column> columns = new ArrayList<>(ABOUT);
    outputs.forEach(
        output -> columns.add(new Column(output, ValueType.DOUBLE, "Output of the model")));
    return columns;
  }

  FeastView view() {
    return new FeastView(model + "_predictions", FeatureSchema.idFields(entity), columns());
  }
}
