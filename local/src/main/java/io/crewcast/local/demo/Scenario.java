package io.crewcast.local.demo;

import io.crewcast.schemas.Task;
import io.crewcast.schemas.WorkEvent;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** Something that goes wrong while the model serves, and the one alert that tells of it. */
public enum Scenario {
  /** Tasks are planned twice as long as before. */
  DRIFT("have drifted", "task.planned_minutes") {
    @Override
    void change(Task task) {
      if (task.getPlannedMinutes() != null) {
        task.setPlannedMinutes(2 * task.getPlannedMinutes());
      }
    }
  },

  /** Producers no longer send the priority of a task. */
  BROKEN_FIELD("task.priority of", "missing share") {
    @Override
    void change(Task task) {
      task.setPriority(null);
    }
  };

  /** The share of events before it begins: the model has served for a while. */
  private static final double BEFORE = 0.8;

  private final List<String> told;

  Scenario(String... told) {
    this.told = List.of(told);
  }

  abstract void change(Task task);

  /**
   * Changes what is recorded from a while after the model began to serve on.
   *
   * @param events by the time when they were recorded
   */
  void happenTo(List<WorkEvent> events) {
    Instant begin = events.get((int) (BEFORE * events.size())).getRecordedAt();
    for (WorkEvent event : events) {
      if (event.getPayload() instanceof Task task && !event.getRecordedAt().isBefore(begin)) {
        change(task);
      }
    }
  }

  /** Whether that alert came, and no other. */
  boolean isTold(List<String> alerts) {
    return alerts.size() == 1 && told.stream().allMatch(alerts.get(0)::contains);
  }

  /** {@code broken-field}: as the command line names it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
