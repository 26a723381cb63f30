package io.crewcast.scoring.monitor;

import io.crewcast.schemas.LabelOutcome;
import io.crewcast.schemas.Observation;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.TrainingExample;
import io.crewcast.schemas.stream.Received;
import io.crewcast.scoring.model.ModelSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.api.common.functions.FilterFunction;
import org.apache.flink.api.java.functions.KeySelector;
import org.jspecify.annotations.Nullable;

/**
 * What a prediction and its label have in common: the trigger, where the model's file declares the
 * label; the prediction's id, where observations of a name that it declares are the labels. Lets
 * through what can have a label or be one.
 */
public final class LabelKey implements KeySelector<Received, String>, FilterFunction<Received> {

  private static final String REQUEST = "request";

  /** These have a label, but of a model that learns without one. */
  private static final Set<LabelOutcome> WITH_LABEL =
      Set.of(LabelOutcome.LABELLED, LabelOutcome.LEFT_TRUNCATED);

  /**
   * By model, the name of the observations that are its labels; empty where its file's label is.
   */
  private final Map<String, String> observedBy = new HashMap<>();

  private final Map<String, Integer> inputs = new HashMap<>();
  private final Map<String, List<String>> outputs = new HashMap<>();

  public LabelKey(Map<String, ModelSpec> models) {
    models.forEach(
        (name, spec) -> {
          String observed = spec.monitor().label();
          observedBy.put(name, observed == null ? "" : observed);
          inputs.put(name, spec.inputs().size());
          outputs.put(name, spec.outputs());
        });
  }

  @Override
  public boolean filter(Received received) {
    if (received.getValue() instanceof Prediction prediction) {
      String observed = observedBy.get(prediction.getModel());
      return observed != null
          && prediction.getInputs().size() == inputs.getOrDefault(prediction.getModel(), -1)
          && prediction
              .getOutputs()
              .keySet()
              .containsAll(outputs.getOrDefault(prediction.getModel(), List.of()))
          && !(observed.isEmpty() && prediction.getTrigger().equals(REQUEST));
    } else if (received.getValue() instanceof TrainingExample example) {
      boolean isJudged = example.getLabel() != null || !WITH_LABEL.contains(example.getOutcome());
      return isJudged && "".equals(observedBy.get(example.getModel()));
    }
    return received.getValue() instanceof Observation observation
        && observation.getPredictionId() != null
        && names().contains(observation.getName());
  }

  private Set<String> names() {
    return observedBy.values().stream().filter(name -> !name.isEmpty()).collect(Collectors.toSet());
  }

  @Override
  public String getKey(Received received) {
    if (received.getValue() instanceof Prediction prediction) {
      return "".equals(observedBy.get(prediction.getModel()))
          ? trigger(
              prediction.getCompanyId(),
              prediction.getModel(),
              prediction.getEntityId(),
              prediction.getEventId())
          : observed(
              prediction.getCompanyId(),
              prediction.getPredictionId(),
              observedBy.get(prediction.getModel()));
    } else if (received.getValue() instanceof TrainingExample example) {
      return trigger(
          example.getCompanyId(), example.getModel(), example.getEntityId(), example.getEventId());
    }
    Observation observation = (Observation) received.getValue();
    return observed(
        observation.getCompanyId(), observation.getPredictionId(), observation.getName());
  }

  /** Of each name apart: what one model calls its label is none to another. */
  private static String observed(
      String company, @Nullable String predictionId, @Nullable String name) {
    return company + "\u0001" + predictionId + "\u0001" + name;
  }

  private static String trigger(String company, String model, String entity, String event) {
    return String.join("\u0001", company, model, entity, event);
  }
}
