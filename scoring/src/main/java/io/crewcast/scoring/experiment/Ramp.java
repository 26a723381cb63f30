package io.crewcast.scoring.experiment;

import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;

/**
 * How the units on trial become more, and who acts on what is found.
 *
 * @param steps shares of the units, ascending, above 0 to 1; none: their share stays as it is
 * @param hold how long a step lasts before the next
 * @param isAutomatic whether rollouts are published; else it is only told which should be
 */
public record Ramp(List<Double> steps, Duration hold, boolean isAutomatic) implements Serializable {

  /** Where a file says nothing of it. */
  public static final Ramp NONE = new Ramp(List.of(), Duration.ofDays(1), false);

  /** The step after a share; nothing after the last. */
  OptionalDouble after(double coverage) {
    return steps.stream().mapToDouble(Double::doubleValue).filter(s -> s > coverage).findFirst();
  }
}
