package io.crewcast.local.simulation;

import io.crewcast.schemas.Defect;
import io.crewcast.schemas.TaskStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Tasks from their announcement to their end, each as its worker's time goes by. */
final class TaskWork {
  private static final double CREATED_SHARE = 0.85;
  private static final double CANCELLED_SHARE = 0.01;
  private static final double REOPENED_SHARE = 0.015;
  private static final double BLOCKED_IN_A_STALL = 0.8;
  private static final double DAYS_AHEAD = 3;

  private final SimulationOptions options;
  private final Chronicle chronicle;
  private final TimeCards cards;
  private final Requests requests;
  private final List<KnownCauses> known = new ArrayList<>();
  private int defects;

  TaskWork(SimulationOptions options, Chronicle chronicle, TimeCards cards, Requests requests) {
    this.options = options;
    this.chronicle = chronicle;
    this.cards = cards;
    this.requests = requests;
  }

  /** Of all tasks that were begun. */
  List<KnownCauses> known() {
    return known;
  }

  /** Does a task until it ends or is blocked. */
  void begin(Desk desk, TaskPlan planned, Portfolio portfolio) {
    Instant start = desk.clock.now();
    TaskPlan plan = announce(desk, planned, start);
    if (desk.random.nextDouble() < CANCELLED_SHARE) {
      tell(desk, plan, TaskStatus.CANCELLED, "-cancelled", start);
      return;
    }
    tell(desk, plan, TaskStatus.STARTED, "-started", start);
    Causes.Hands hands = new Causes.Hands(desk.worker, desk.crew, desk.clock.hoursInLastWeek());
    Causes.Course course = stalled(desk, plan, Causes.course(plan, hands, start, desk.random));
    known.add(
        new KnownCauses(
            desk.company.id(),
            plan.id(),
            Causes.effort(plan, hands, start),
            Causes.defective(plan, desk.worker)));
    portfolio.take(plan.project(), course.minutes(), start);
    if (course.blockedAfter() == 0 || course.blockedAfter() >= course.minutes()) {
      finish(desk, plan, cards.log(desk, plan, course.minutes()));
      return;
    }
    Instant at = cards.log(desk, plan, course.blockedAfter());
    tell(desk, plan, TaskStatus.BLOCKED, "-blocked", at);
    desk.block(
        new Desk.BlockedTask(
            plan, at.plus(course.blockedFor()), course.minutes() - course.blockedAfter()));
  }

  /** Goes on with a task that was blocked. */
  void resume(Desk desk, Desk.BlockedTask task) {
    tell(desk, task.plan(), TaskStatus.STARTED, "-unblocked", desk.clock.now());
    finish(desk, task.plan(), cards.log(desk, task.plan(), task.minutes()));
  }

  private static Causes.Course stalled(Desk desk, TaskPlan plan, Causes.Course usual) {
    Instant now = desk.clock.now();
    Stall stall = plan.project().stallAt(now);
    if (stall == null || desk.random.nextDouble() >= BLOCKED_IN_A_STALL) {
      return usual;
    }
    Duration rest = Duration.between(now, stall.to());
    return new Causes.Course(usual.minutes(), Math.max(1, usual.minutes() / 5), rest);
  }

  /** Tells that it is created and assigned, both before it starts; sometimes it changes hands. */
  private TaskPlan announce(Desk desk, TaskPlan planned, Instant start) {
    SplittableRandom chance = desk.random;
    long room = Duration.between(planned.project().startedAt, start).toSeconds();
    long wanted = 900 + (long) (Causes.exponential(chance) * DAYS_AHEAD * 86_400);
    Instant created = start.minusSeconds(Math.max(300, Math.min(wanted, room)));
    Instant assigned = between(created, start, 0.5 + 0.4 * chance.nextDouble());
    TaskPlan plan = planned;
    String request = requests.chance(chance);
    if (request != null || chance.nextDouble() < CREATED_SHARE) {
      chronicle.tell(
          desk.company, plan.id() + "-created", created, plan.told(TaskStatus.CREATED, null, null));
    }
    if (request != null) {
      requests.ask(request, desk, plan, between(created, assigned, 0.9), start);
      plan = plan.withRequest(request);
    }
    plan = plan.withPriority(Causes.priority(plan, created, chance));
    List<World.Worker> colleagues = desk.company.workers();
    World.Worker before = colleagues.get(chance.nextInt(colleagues.size()));
    if (chance.nextDouble() < options.reassignmentShare() && !before.equals(desk.worker)) {
      anotherBegins(desk, plan, before, created, assigned);
    }
    tell(desk, plan, TaskStatus.ASSIGNED, "-assigned", assigned);
    return plan;
  }

  private void anotherBegins(
      Desk desk, TaskPlan plan, World.Worker before, Instant created, Instant assigned) {
    Instant first = between(created, assigned, 0.3);
    Instant begun = between(created, assigned, 0.6);
    chronicle.tell(
        desk.company,
        plan.id() + "-assigned-first",
        first,
        plan.told(TaskStatus.ASSIGNED, before.id(), null));
    chronicle.tell(
        desk.company,
        plan.id() + "-started-first",
        begun,
        plan.told(TaskStatus.STARTED, before.id(), null));
    cards.entry(
        desk, plan, before.id(), null, new WorkClock.Spell(begun, begun.plusSeconds(1800), 30, 0));
  }

  private static Instant between(Instant from, Instant to, double share) {
    return from.plusSeconds((long) (share * Duration.between(from, to).toSeconds()));
  }

  private void finish(Desk desk, TaskPlan plan, Instant end) {
    SplittableRandom chance = desk.random;
    plan.project().finish(end);
    complete(desk, plan, "-completed", end);
    if (chance.nextDouble() < Causes.defective(plan, desk.worker)) {
      defect(desk, plan, end);
    }
    if (chance.nextDouble() < REOPENED_SHARE) {
      Instant reopened = desk.clock.now().plusSeconds(1200);
      tell(desk, plan, TaskStatus.REOPENED, "-reopened", reopened);
      desk.clock.pauseUntil(reopened.plusSeconds(86_400));
      tell(desk, plan, TaskStatus.STARTED, "-started-again", desk.clock.now());
      complete(desk, plan, "-completed-again", cards.log(desk, plan, 30 + chance.nextInt(90)));
    }
  }

  private void complete(Desk desk, TaskPlan plan, String what, Instant end) {
    double quality = Causes.quality(plan, desk.worker, desk.random);
    chronicle.tell(
        desk.company,
        plan.id() + what,
        end,
        TimeCards.recorded(end, desk.random),
        plan.told(TaskStatus.COMPLETED, desk.worker.id(), desk.crew.id(), quality));
  }

  private void defect(Desk desk, TaskPlan plan, Instant end) {
    SplittableRandom chance = desk.random;
    String id = "defect-" + ++defects;
    Instant found = end.plusSeconds(3600 + (long) (chance.nextDouble() * 20 * 86_400));
    Defect defect =
        Defect.newBuilder()
            .setDefectId(id)
            .setProjectId(plan.project().id)
            .setWorkerId(desk.worker.id())
            .setTaskId(plan.id())
            .setFixMinutes(5.0 + chance.nextInt(240))
            .setComponentId(plan.project().component(plan.component()))
            .setPhase(World.Phase.TEST.label())
            .build();
    chronicle.tell(desk.company, id + "-1", found, TimeCards.recorded(found, chance), defect);
    if (chance.nextDouble() < options.voidShare()) {
      chronicle.takeBack(desk.company, id + "-void", found, found.plusSeconds(86_400), defect);
    }
  }

  private void tell(Desk desk, TaskPlan plan, TaskStatus status, String what, Instant at) {
    chronicle.tell(
        desk.company, plan.id() + what, at, plan.told(status, desk.worker.id(), desk.crew.id()));
  }
}
