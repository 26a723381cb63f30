package io.crewcast.scoring.experiment;

import java.time.Instant;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** What is to be done about an experiment that serves. */
public sealed interface Move {

  /**
   * Nothing.
   *
   * @param until when that is to be looked at again even if nothing happens; null: never
   */
  record Hold(@Nullable Instant until) implements Move {}

  /** More units are to be on trial. */
  record Grow(double coverage) implements Move {}

  /** The champion is to serve all. */
  record Stop(Objection because) implements Move {}

  /**
   * The move at an instant of event time. An objection stops at any time; without one a share grows
   * when it has been held long enough, while units are exposed.
   *
   * @param coverage share of the units on trial
   * @param since when it came to that
   * @param objection what the newest look raised; null: nothing
   */
  static Move at(
      Instant now,
      ExperimentSpec experiment,
      double coverage,
      Instant since,
      @Nullable Objection objection) {
    if (objection != null) {
      return new Stop(objection);
    }
    Instant began = since.isBefore(experiment.start()) ? experiment.start() : since;
    Instant due = began.plus(experiment.ramp().hold());
    OptionalDouble next = experiment.ramp().after(coverage);
    if (next.isEmpty() || !due.isBefore(experiment.end()) || !now.isBefore(experiment.end())) {
      return new Hold(null);
    }
    return now.isBefore(due) ? new Hold(due) : new Grow(next.getAsDouble());
  }
}
