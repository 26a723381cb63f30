package io.crewcast.scoring.operator;

import io.crewcast.schemas.Alert;
import io.crewcast.schemas.AlertSeverity;
import io.crewcast.schemas.Contribution;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.scoring.model.ModelSpec;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Alerts when the score of an entity comes above what its model's file allows, and again when that
 * is over. Keyed by {@link #KEY}.
 */
public final class AlertOnScores extends KeyedProcessFunction<String, Prediction, Alert> {

  /** What is scored, and by which model. */
  public static final KeySelector<Prediction, String> KEY =
      prediction ->
          String.join(
              "\u0001", prediction.getCompanyId(), prediction.getModel(), prediction.getEntityId());

  private final TreeMap<String, Double> thresholds = new TreeMap<>();

  private transient ValueState<Alert> standing;

  @SuppressWarnings("NullAway.Init") // transient fields are set in open()
  public AlertOnScores(List<ModelSpec> models) {
    for (ModelSpec model : models) {
      Double threshold = model.serve().alertAbove();
      if (threshold != null) {
        thresholds.put(model.name(), threshold);
      }
    }
  }

  @Override
  public void open(OpenContext context) {
    standing =
        getRuntimeContext()
            .getState(new ValueStateDescriptor<>("standing", new AvroTypeInfo<>(Alert.class)));
  }

  @Override
  public void processElement(Prediction prediction, Context context, Collector<Alert> out)
      throws Exception {
    Double threshold = thresholds.get(prediction.getModel());
    Double score = prediction.getOutputs().get("score");
    if (threshold == null
        || score == null
        || prediction.getRole() == PredictionRole.SHADOW
        || prediction.getRequestId() != null) { // a question may be about what never comes
      return;
    }
    Alert before = standing.value();
    if (before != null && prediction.getAsOf().isBefore(before.getAsOf())) {
      return; // older than what opened it
    }
    if (score > threshold && before == null) {
      Alert alert = alert(prediction, score, threshold);
      standing.update(alert);
      out.collect(alert);
    } else if (score <= threshold && before != null) {
      standing.clear();
      out.collect(
          Alert.newBuilder(before)
              .setResolved(true)
              .setValue(score)
              .setAsOf(prediction.getAsOf())
              .setMessage(
                  "over: %s of %s is %.3f"
                      .formatted(prediction.getModel(), prediction.getEntityId(), score))
              .build());
    }
  }

  private static Alert alert(Prediction prediction, double score, double threshold) {
    String id = prediction.getPredictionId() + " above";
    return Alert.newBuilder()
        .setAlertId(UUID.nameUUIDFromBytes(id.getBytes(StandardCharsets.UTF_8)).toString())
        .setSeverity(AlertSeverity.WARNING)
        .setSubject("model." + prediction.getModel())
        .setCompanyId(prediction.getCompanyId())
        .setMessage(
            "%s of %s %s is %.3f, above %s%s"
                .formatted(
                    prediction.getModel(),
                    prediction.getEntity(),
                    prediction.getEntityId(),
                    score,
                    threshold,
                    reasons(prediction.getContributions())))
        .setValue(score)
        .setThreshold(threshold)
        .setAsOf(prediction.getAsOf())
        .build();
  }

  private static String reasons(List<Contribution> contributions) {
    return contributions.isEmpty()
        ? ""
        : contributions.stream()
            .map(of -> of.getFeature() + " " + of.getValue())
            .collect(Collectors.joining(", ", ": ", ""));
  }
}
