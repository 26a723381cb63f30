package io.crewcast.scoring.model;

import io.crewcast.schemas.Instants;
import io.crewcast.schemas.TrainingExample;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A change seen beside the trigger that waits for its label: what the expressions of a label read.
 *
 * @param now what is known at the change
 * @param recordedAt when the source knew of the change
 * @param then the trigger
 * @param inputs of the model, in the order of the trigger's
 */
public record Hindsight(
    Situation now, Instant recordedAt, TrainingExample then, List<ModelSpec.Input> inputs)
    implements Function<String, @Nullable Object> {

  /** What stands before the name of an input, or {@code as_of}, of the trigger. */
  static final String THEN = "then.";

  /** {@code task.status}, {@code as_of}, {@code then.worker.hours_7d} or {@code then.as_of}. */
  @Override
  public @Nullable Object apply(String name) {
    return name.startsWith(THEN) ? then(name.substring(THEN.length())) : now.apply(name);
  }

  private @Nullable Object then(String name) {
    if (name.equals(ModelSpec.AS_OF)) {
      return Instants.micros(then.getAsOf());
    }
    for (int i = 0; i < inputs.size(); i++) {
      if (inputs.get(i).name().equals(name)) {
        return then.getInputs().get(i);
      }
    }
    return null;
  }
}
