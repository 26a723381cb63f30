package io.crewcast.local.demo;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.scoring.rollout.Bucketing;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Something that goes wrong while the model serves, and the one alert that tells of it. */
public enum Scenario {
  /** Tasks are planned twice as long as before. */
  DRIFT("have drifted", "task.planned_minutes") {
    @Override
    List<WorkEvent> happenTo(List<WorkEvent> events) {
      return changed(
          events,
          task -> {
            if (task.getPlannedMinutes() != null) {
              task.setPlannedMinutes(2 * task.getPlannedMinutes());
            }
          });
    }
  },

  /** Producers no longer send the priority of a task. */
  BROKEN_FIELD("task.priority of", "missing share") {
    @Override
    List<WorkEvent> happenTo(List<WorkEvent> events) {
      return changed(events, task -> task.setPriority(null));
    }
  },

  /** A version is tried that was trained on labels which say the contrary. */
  BAD_CHALLENGER("overridden of challenger is worse than control", "serves all again"),

  /** What happens to some tasks of the challenger never arrives: 45/55 take part, not 50/50. */
  SRM("sample ratio mismatch", "serves all again") {
    @Override
    List<WorkEvent> happenTo(List<WorkEvent> events) {
      return events.stream().filter(event -> !isOfALostTask(event)).toList();
    }

    /** The test of the split needs some thousand tasks, and the model what it can learn from. */
    @Override
    double learnedShare() {
      return 0.6;
    }

    @Override
    public int events() {
      return 170_000;
    }
  };

  /** How many events are simulated where nobody says it. */
  public static final int EVENTS = 100_000;

  /** The share of events before it begins: the model has served for a while. */
  private static final double BEFORE = 0.8;

  /** The challenger has the places from 1/2 on: those up to here are 45 % of what is left. */
  private static final double LOST_FROM = 10.0 / 11;

  private final List<String> told;

  Scenario(String... told) {
    this.told = List.of(told);
  }

  /**
   * Lets it happen.
   *
   * @param events by the time when they were recorded; some may be changed
   * @return what is left of them
   */
  List<WorkEvent> happenTo(List<WorkEvent> events) {
    return events;
  }

  /** Changes what is recorded from a while after the model began to serve on. */
  private static List<WorkEvent> changed(List<WorkEvent> events, Consumer<Task> change) {
    Instant begin = events.get((int) (BEFORE * events.size())).getRecordedAt();
    for (WorkEvent event : events) {
      if (event.getPayload() instanceof Task task && !event.getRecordedAt().isBefore(begin)) {
        change.accept(task);
      }
    }
    return events;
  }

  private static boolean isOfALostTask(WorkEvent event) {
    String task = FactKind.entityId(event, EntityType.TASK);
    return task != null
        && Bucketing.place(TrialFile.NAME, FeatureSchema.key(event.getCompanyId(), task))
            >= LOST_FROM;
  }

  /** How many events it takes. */
  public int events() {
    return EVENTS;
  }

  /** The share of the events that the model learns from. */
  double learnedShare() {
    return EventStream.LEARNED_SHARE;
  }

  /** Whether it goes wrong with a second version that is tried. */
  boolean isTrial() {
    return this == BAD_CHALLENGER || this == SRM;
  }

  /**
   * What is not as it should be; nothing if the alert came, no other did, and a trial was rolled
   * back.
   *
   * @param after what came of a trial; null where there was none
   */
  List<String> faults(List<ToldAlert> alerts, @Nullable Aftermath after) {
    List<String> faults = new ArrayList<>();
    if (!isTold(alerts)) {
      faults.add("not its one alert came");
    }
    if (isTrial()) {
      faults.addAll(after == null ? List.of("nothing was tried") : after.faults());
    }
    return faults;
  }

  private boolean isTold(List<ToldAlert> alerts) {
    return alerts.size() == 1 && told.stream().allMatch(alerts.get(0).message()::contains);
  }

  /** What is to be said of it. */
  String inWords(List<String> faults) {
    if (!faults.isEmpty()) {
      return String.join("; ", faults);
    }
    return isTrial()
        ? "its one alert came, and none but the champion has answered since the rollback"
        : "its one alert came";
  }

  /** {@code broken-field}: as the command line names it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
