package io.crewcast.local.simulation;

import io.crewcast.schemas.EntityRef;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.PredictionRequested;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.WorkEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Requests to rank workers or crews for a task that nobody has yet, and what each candidate would
 * have made of it. Who then does the task is whoever is free: the causes did not choose.
 */
final class Requests {
  static final String FOR_WORKERS = "task_assignment";
  static final String FOR_CREWS = "crew_optimizer";

  private static final int FEWEST_WORKERS = 5;
  private static final int MOST_WORKERS = 8;
  private static final int DRAWS = 128;
  private static final double GRADES = 4;
  private static final double WEIGHT_OF_TIME = 0.4;
  private static final double WEIGHT_OF_EFFORT = 0.3;
  private static final double WEIGHT_OF_QUALITY = 0.3;

  private final int most;
  private final double share;
  private final Chronicle chronicle;
  private final List<Desk> desks;
  private final List<PotentialOutcome> outcomes = new ArrayList<>();
  private int asked;

  /**
   * Requests for a share of the tasks.
   *
   * @param most how many at most
   * @param share of the tasks
   * @param desks of all workers
   */
  Requests(int most, double share, Chronicle chronicle, List<Desk> desks) {
    this.most = most;
    this.share = share;
    this.chronicle = chronicle;
    this.desks = desks;
  }

  /** Those of the requests that are among the events. */
  List<PotentialOutcome> outcomesOf(List<WorkEvent> events) {
    Set<String> told =
        events.stream()
            .map(WorkEvent::getPayload)
            .filter(PredictionRequested.class::isInstance)
            .map(request -> ((PredictionRequested) request).getRequestId())
            .collect(Collectors.toSet());
    return outcomes.stream().filter(outcome -> told.contains(outcome.requestId())).toList();
  }

  /** The id of a request for the next task; null when nobody asks. */
  @Nullable String chance(SplittableRandom chance) {
    return asked < most && chance.nextDouble() < share ? "request-" + ++asked : null;
  }

  /** Asks who should do a task that starts later. */
  void ask(String id, Desk chosen, TaskPlan plan, Instant at, Instant start) {
    boolean forCrews = asked % 2 == 0;
    List<EntityRef> candidates = new ArrayList<>();
    SplittableRandom own = chosen.random.split();
    if (forCrews) {
      for (World.Crew crew : chosen.company.crews()) {
        candidates.add(new EntityRef(EntityType.CREW, crew.id()));
        List<Desk> members = desks(chosen).stream().filter(d -> d.crew.equals(crew)).toList();
        double grade =
            members.stream()
                .mapToDouble(member -> expectedGrade(plan, member, start, own.split()))
                .average()
                .orElseThrow();
        outcome(id, chosen, EntityType.CREW, crew.id(), grade);
      }
    } else {
      for (Desk candidate : candidates(chosen, own)) {
        candidates.add(new EntityRef(EntityType.WORKER, candidate.worker.id()));
        double grade = expectedGrade(plan, candidate, start, own.split());
        outcome(id, chosen, EntityType.WORKER, candidate.worker.id(), grade);
      }
    }
    chronicle.tell(
        chosen.company,
        id,
        at,
        PredictionRequested.newBuilder()
            .setRequestId(id)
            .setModel(forCrews ? FOR_CREWS : FOR_WORKERS)
            .setEntities(candidates)
            .setTask(plan.told(TaskStatus.CREATED, null, null))
            .build());
  }

  private void outcome(String id, Desk chosen, EntityType entity, String entityId, double grade) {
    outcomes.add(new PotentialOutcome(id, chosen.company.id(), entity, entityId, grade));
  }

  private List<Desk> desks(Desk chosen) {
    return desks.stream().filter(desk -> desk.company.equals(chosen.company)).toList();
  }

  /** The chosen one among others, in no order. */
  private List<Desk> candidates(Desk chosen, SplittableRandom chance) {
    List<Desk> others = new ArrayList<>(desks(chosen));
    others.remove(chosen);
    int count = FEWEST_WORKERS + chance.nextInt(MOST_WORKERS - FEWEST_WORKERS + 1);
    List<Desk> candidates = new ArrayList<>();
    while (candidates.size() < count - 1 && !others.isEmpty()) {
      candidates.add(others.remove(chance.nextInt(others.size())));
    }
    candidates.add(chance.nextInt(candidates.size() + 1), chosen);
    return candidates;
  }

  /** By many draws of how the task might go in these hands; 0 to 4. */
  private static double expectedGrade(
      TaskPlan plan, Desk desk, Instant start, SplittableRandom chance) {
    Causes.Hands hands = new Causes.Hands(desk.worker, desk.crew, desk.clock.hoursInLastWeek());
    double sum = 0;
    for (int draw = 0; draw < DRAWS; draw++) {
      Causes.Course course = Causes.course(plan, hands, start, chance);
      WorkClock clock = new WorkClock(start, desk.worker.dayMinutes(), chance);
      Instant end = clock.workOff(course.minutes());
      if (course.blockedAfter() > 0) {
        end = end.plus(course.blockedFor());
      }
      sum +=
          WEIGHT_OF_TIME * (end.isAfter(plan.dueAt()) ? 0 : 1)
              + WEIGHT_OF_EFFORT * Math.min(1, 1.0 * plan.minutes() / course.minutes())
              + WEIGHT_OF_QUALITY * Causes.quality(plan, desk.worker, chance);
    }
    return GRADES * sum / DRAWS;
  }
}
