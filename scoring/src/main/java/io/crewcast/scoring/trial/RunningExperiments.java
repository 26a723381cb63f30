package io.crewcast.scoring.trial;

import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.scoring.experiment.ExperimentSpec;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The experiments that a job follows, and which records have to do with which of them. */
public final class RunningExperiments implements Serializable {

  private final List<ExperimentSpec> specs;

  public RunningExperiments(List<ExperimentSpec> specs) {
    this.specs = new ArrayList<>(specs);
  }

  /** The experiment of that name; null where there is none any more. */
  @Nullable ExperimentSpec named(@Nullable String name) {
    for (ExperimentSpec spec : specs) {
      if (spec.name().equals(name)) {
        return spec;
      }
    }
    return null;
  }

  /** Those that an observation of that name counts in. */
  List<ExperimentSpec> observing(String name) {
    return specs.stream().filter(spec -> spec.observes(name)).toList();
  }

  /**
   * The experiment that a prediction exposes its unit in; null where it exposes none: a shadow is
   * not served, and before the start and after the end nobody takes part.
   */
  @Nullable ExperimentSpec exposing(Prediction prediction) {
    ExperimentSpec spec = named(prediction.getExperiment());
    return spec != null
            && prediction.getRole() != PredictionRole.SHADOW
            && prediction.getUnitId() != null
            && prediction.getModel().equals(spec.model())
            && spec.variationNames().contains(String.valueOf(prediction.getVariation()))
            && spec.runsAt(prediction.getAsOf())
        ? spec
        : null;
  }
}
