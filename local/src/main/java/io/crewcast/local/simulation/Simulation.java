package io.crewcast.local.simulation;

import io.crewcast.local.ingest.BrokenRecord;
import io.crewcast.local.ingest.EventFile;
import io.crewcast.schemas.CrewMembership;
import io.crewcast.schemas.Defect;
import io.crewcast.schemas.MembershipAction;
import io.crewcast.schemas.Project;
import io.crewcast.schemas.ProjectStatus;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.TimeEntry;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.Worker;
import io.crewcast.schemas.WorkerStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Work of companies that do not exist, told as events. The worker whose clock is earliest takes the
 * next task; how long it takes follows from the causes in {@link World}, from fatigue and season,
 * and from chance; then what sources of such events do is done to them: entries come late, are
 * corrected to another worker or project, are voided, repeat.
 *
 * <p>The logarithm of actual over planned minutes is normal: causes with a standard deviation of
 * about 0.47, chance with {@value #CHANCE}. Knowing all causes, the best possible AUC for "over
 * 1.25 times plan" is about 0.78.
 */
public final class Simulation {
  private static final double CHANCE = 0.65;
  private static final double BIAS = -0.08;
  private static final double FATIGUE_PER_HOUR = 0.012;
  private static final double RESTED_HOURS = 30;
  private static final double EVENTS_A_TASK = 6.4;
  private static final double PLANNED_DAYS_A_TASK = 1.05;
  private static final int LONGEST_SPELL_MINUTES = 240;
  private static final List<String> PRIORITIES = List.of("low", "normal", "normal", "high");

  private final SimulationOptions options;
  private final SplittableRandom random;
  private final List<WorkEvent> events = new ArrayList<>();
  private final double pauseDays;
  private int tasks;
  private int entries;
  private int defects;

  private Simulation(SimulationOptions options) {
    this.options = options;
    this.random = new SplittableRandom(options.seed());
    double days = options.span().toMinutes() / 1440.0;
    double tasksOfAWorker = options.events() / EVENTS_A_TASK / options.workers();
    this.pauseDays = Math.max(0.05, days / Math.max(1, tasksOfAWorker) - PLANNED_DAYS_A_TASK);
  }

  /** The simulated events, sorted, and the broken records to publish among them. */
  public record Outcome(List<WorkEvent> events, List<BrokenRecord> broken) {}

  public static Outcome run(SimulationOptions options) {
    Simulation simulation = new Simulation(options);
    World world = World.make(options, simulation.random.split());
    simulation.introduce(world);
    simulation.work(world);
    List<WorkEvent> sorted = simulation.events;
    sorted.sort(EventFile.ORDER);
    List<WorkEvent> kept =
        List.copyOf(sorted.subList(0, Math.min(options.events(), sorted.size())));
    return new Outcome(kept, BrokenRecords.among(kept, options, simulation.random.split()));
  }

  /** A worker at work: who, with whom, for whom, and when. */
  private record Desk(
      World.Company company,
      World.Crew crew,
      World.Worker worker,
      WorkClock clock,
      SplittableRandom random) {}

  private void introduce(World world) {
    for (World.Company company : world.companies()) {
      for (World.Project project : company.projects()) {
        Instant at = options.start().plus(Duration.ofMinutes(random.nextInt(300)));
        Project payload =
            Project.newBuilder()
                .setProjectId(project.id())
                .setStatus(ProjectStatus.ACTIVE)
                .setType(project.complexity() > 3 ? "platform" : "application")
                .setComplexity((double) project.complexity())
                .setPhases(Arrays.stream(World.Phase.values()).map(World.Phase::label).toList())
                .setBudgetMinutes(240_000L * project.complexity())
                .setBudgetCents(32_000_000L * project.complexity())
                .setScope("first")
                .setStartedAt(at)
                .setDueAt(at.plus(Duration.ofDays(180)))
                .build();
        add(company, project.id() + "-active", at, at, payload);
      }
      for (World.Crew crew : company.crews()) {
        crew.workers().forEach(worker -> introduce(company, crew, worker));
      }
    }
  }

  private void introduce(World.Company company, World.Crew crew, World.Worker worker) {
    Instant at = options.start().plus(Duration.ofMinutes(random.nextInt(300)));
    List<String> skills =
        Arrays.stream(World.Phase.values())
            .filter(phase -> worker.effect(phase) < phase.effect)
            .map(World.Phase::label)
            .toList();
    add(
        company,
        worker.id() + "-profile",
        at,
        at,
        Worker.newBuilder()
            .setWorkerId(worker.id())
            .setStatus(WorkerStatus.ACTIVE)
            .setSkills(skills)
            .setCertifications(skills.stream().limit(1).toList())
            .setWeeklyMinutes(2400L)
            .build());
    add(
        company,
        worker.id() + "-joined-" + crew.id(),
        at,
        at,
        CrewMembership.newBuilder()
            .setWorkerId(worker.id())
            .setCrewId(crew.id())
            .setAction(MembershipAction.JOINED)
            .setSkills(skills)
            .build());
  }

  private void work(World world) {
    PriorityQueue<Desk> desks =
        new PriorityQueue<>(
            Comparator.comparing((Desk desk) -> desk.clock().now())
                .thenComparing(desk -> desk.company().id())
                .thenComparing(desk -> desk.worker().id()));
    for (World.Company company : world.companies()) {
      for (World.Crew crew : company.crews()) {
        for (World.Worker worker : crew.workers()) {
          SplittableRandom own = random.split();
          WorkClock clock = new WorkClock(options.start().plus(Duration.ofDays(1)), own.split());
          clock.pause(own.nextDouble() * pauseDays * 2);
          desks.add(new Desk(company, crew, worker, clock, own));
        }
      }
    }
    // What is made beyond the number asked for fills the end: tasks are made whole, and then cut at
    // one moment.
    long enough = options.events() + options.events() / 12 + 40L * options.workers();
    while (events.size() < enough) {
      Desk desk = desks.remove();
      doTask(desk);
      desk.clock().pause(-StrictMath.log(1 - desk.random().nextDouble()) * pauseDays);
      desks.add(desk);
    }
  }

  /** A task as all its events tell it. */
  private record Plan(
      String id,
      World.Project project,
      int component,
      World.Phase phase,
      int minutes,
      String priority,
      Instant dueAt) {}

  private void doTask(Desk desk) {
    SplittableRandom chance = desk.random();
    List<World.Project> projects = desk.company().projects();
    // A crew has a home among the projects and visits the others.
    int home = Math.floorMod(desk.crew().id().hashCode(), projects.size());
    World.Project project =
        projects.get(chance.nextDouble() < 0.6 ? home : chance.nextInt(projects.size()));
    World.Phase phase = World.Phase.values()[chance.nextInt(World.Phase.values().length)];
    int planned =
        Math.max(
            30,
            Math.min(
                2400,
                (int) Math.round(StrictMath.exp(5.4 + 0.6 * chance.nextGaussian()) / 15) * 15));
    Instant start = desk.clock().now();
    Plan plan =
        new Plan(
            "task-" + ++tasks,
            project,
            chance.nextInt(World.COMPONENTS),
            phase,
            planned,
            PRIORITIES.get(chance.nextInt(PRIORITIES.size())),
            start.plus(Duration.ofMinutes(9L * planned)));
    announce(desk, plan, start);
    int actual = actualMinutes(desk, plan);
    Instant end = log(desk, plan, actual);
    add(
        desk.company(),
        plan.id() + "-completed",
        end,
        recorded(end, chance),
        task(plan, TaskStatus.COMPLETED, desk.worker().id(), desk.crew().id()));
    if (phase == World.Phase.CODE && chance.nextDouble() < 0.12 + 0.04 * project.complexity()) {
      defect(desk, plan, end);
    }
  }

  private void announce(Desk desk, Plan plan, Instant start) {
    SplittableRandom chance = desk.random();
    Instant assigned = earlier(start, -StrictMath.log(1 - chance.nextDouble()) * 2880);
    if (chance.nextDouble() < 0.1) {
      Instant created = earlier(assigned, 600);
      add(
          desk.company(),
          plan.id() + "-created",
          created,
          created,
          task(plan, TaskStatus.CREATED, null, null));
    }
    List<World.Worker> colleagues = desk.company().workers();
    World.Worker before = colleagues.get(chance.nextInt(colleagues.size()));
    if (chance.nextDouble() < options.reassignmentShare() && !before.equals(desk.worker())) {
      Instant first = earlier(assigned, 1440);
      Instant begun = first.plus(Duration.between(first, assigned).dividedBy(2));
      add(
          desk.company(),
          plan.id() + "-assigned-first",
          first,
          first,
          task(plan, TaskStatus.ASSIGNED, before.id(), null));
      add(
          desk.company(),
          plan.id() + "-started-first",
          begun,
          begun,
          task(plan, TaskStatus.STARTED, before.id(), null));
      entry(
          desk,
          plan,
          before.id(),
          null,
          new WorkClock.Spell(begun, begun.plusSeconds(1800), 30, 0));
    }
    add(
        desk.company(),
        plan.id() + "-assigned",
        assigned,
        assigned,
        task(plan, TaskStatus.ASSIGNED, desk.worker().id(), desk.crew().id()));
    add(
        desk.company(),
        plan.id() + "-started",
        start,
        start,
        task(plan, TaskStatus.STARTED, desk.worker().id(), desk.crew().id()));
  }

  private Instant earlier(Instant than, double minutes) {
    Instant earlier = than.minusSeconds(60 + (long) (minutes * 60));
    return earlier.isBefore(options.start()) ? options.start() : earlier;
  }

  private int actualMinutes(Desk desk, Plan plan) {
    double fatigue =
        FATIGUE_PER_HOUR * Math.max(-10, desk.clock().hoursInLastWeek() - RESTED_HOURS);
    double causes =
        BIAS
            + desk.worker().effect(plan.phase())
            + plan.project().effect()
            + plan.project().effectByComponent()[plan.component()]
            + desk.crew().chemistry()
            + fatigue
            + season(desk.clock().now());
    return Math.max(
        1,
        (int)
            Math.round(
                plan.minutes() * StrictMath.exp(causes + CHANCE * desk.random().nextGaussian())));
  }

  /** Summer and the end of the year are slow. */
  private static double season(Instant at) {
    return switch (LocalDate.ofInstant(at, ZoneOffset.UTC).getMonth()) {
      case JULY, AUGUST -> 0.12;
      case DECEMBER -> 0.18;
      case MARCH, OCTOBER -> -0.08;
      default -> 0.0;
    };
  }

  private Instant log(Desk desk, Plan plan, int minutes) {
    int left = minutes;
    WorkClock.Spell spell = desk.clock().work(Math.min(left, spell(desk)));
    while (true) {
      entry(desk, plan, desk.worker().id(), desk.crew().id(), spell);
      left -= spell.minutes();
      if (left <= 0) {
        return spell.end();
      }
      spell = desk.clock().work(Math.min(left, spell(desk)));
    }
  }

  private static int spell(Desk desk) {
    return LONGEST_SPELL_MINUTES / 3 + desk.random().nextInt(LONGEST_SPELL_MINUTES * 2 / 3);
  }

  private void entry(
      Desk desk, Plan plan, String worker, @Nullable String crew, WorkClock.Spell spell) {
    SplittableRandom chance = desk.random();
    String id = "entry-" + ++entries;
    TimeEntry entry =
        TimeEntry.newBuilder()
            .setTimeEntryId(id)
            .setWorkerId(worker)
            .setProjectId(plan.project().id())
            .setCrewId(crew)
            .setTaskId(plan.id())
            .setMinutes(spell.minutes())
            .setOvertimeMinutes(spell.overtimeMinutes())
            .setBreakMinutes(chance.nextInt(4) == 0 ? chance.nextInt(30) : 0)
            .setCostCents(spell.minutes() * 125L + spell.overtimeMinutes() * 60L)
            .setPhase(plan.phase().label())
            .build();
    boolean late = chance.nextDouble() < options.lateShare();
    Instant recorded =
        late
            ? spell.end().plusSeconds(3600 + (long) (chance.nextDouble() * 7 * 86_400))
            : recorded(spell.end(), chance);
    add(desk.company(), id + "-1", spell.end(), recorded, entry);
    if (chance.nextDouble() < options.correctionShare()) {
      Instant corrected = recorded.plusSeconds(1800 + (long) (chance.nextDouble() * 10 * 86_400));
      add(desk.company(), id + "-2", spell.end(), corrected, corrected(desk, entry));
    } else if (chance.nextDouble() < options.voidShare()) {
      // Half of them soon enough that a disordered replay brings the void before what it voids.
      long seconds =
          chance.nextBoolean() ? 60 + chance.nextInt(900) : 3600 + chance.nextInt(5 * 86_400);
      addVoid(desk.company(), id + "-void", spell.end(), recorded.plusSeconds(seconds), entry);
    }
  }

  private static TimeEntry corrected(Desk desk, TimeEntry entry) {
    SplittableRandom chance = desk.random();
    TimeEntry.Builder corrected = TimeEntry.newBuilder(entry);
    double kind = chance.nextDouble();
    if (kind < 0.4) {
      long minutes = Math.max(1, entry.getMinutes() + 15L * (chance.nextInt(9) - 4));
      return corrected
          .setMinutes(minutes)
          .setOvertimeMinutes(Math.min(minutes, entry.getOvertimeMinutes()))
          .build();
    }
    if (kind < 0.8) {
      List<World.Worker> crew = desk.crew().workers();
      corrected.setWorkerId(crew.get(chance.nextInt(crew.size())).id());
    }
    if (kind >= 0.6) {
      List<World.Project> projects = desk.company().projects();
      corrected.setProjectId(projects.get(chance.nextInt(projects.size())).id()).setTaskId(null);
    }
    return corrected.build();
  }

  private void defect(Desk desk, Plan plan, Instant end) {
    SplittableRandom chance = desk.random();
    String id = "defect-" + ++defects;
    Instant found = end.plusSeconds(3600 + (long) (chance.nextDouble() * 20 * 86_400));
    Defect defect =
        Defect.newBuilder()
            .setDefectId(id)
            .setProjectId(plan.project().id())
            .setWorkerId(desk.worker().id())
            .setTaskId(plan.id())
            .setFixMinutes(5.0 + chance.nextInt(240))
            .setComponentId(plan.project().component(plan.component()))
            .setPhase(World.Phase.TEST.label())
            .build();
    add(desk.company(), id + "-1", found, recorded(found, chance), defect);
    if (chance.nextDouble() < options.voidShare()) {
      addVoid(desk.company(), id + "-void", found, found.plusSeconds(86_400), defect);
    }
  }

  private static Task task(
      Plan plan, TaskStatus status, @Nullable String worker, @Nullable String crew) {
    return Task.newBuilder()
        .setTaskId(plan.id())
        .setStatus(status)
        .setProjectId(plan.project().id())
        .setWorkerId(worker)
        .setCrewId(crew)
        .setComponentId(plan.project().component(plan.component()))
        .setPlannedMinutes((double) plan.minutes())
        .setPhase(plan.phase().label())
        .setPriority(plan.priority())
        .setComplexity((double) plan.project().complexity())
        .setStoryPoints(Math.ceil(plan.minutes() / 240.0))
        .setRequiredSkills(List.of(plan.phase().label()))
        .setDueAt(plan.dueAt())
        .setQuality(status == TaskStatus.COMPLETED ? quality(plan) : null)
        .build();
  }

  /** What a review gives: less where the project is complex, otherwise as it happens. */
  private static double quality(Plan plan) {
    return (100 - 5 * plan.project().complexity() - Math.floorMod(plan.id().hashCode(), 30))
        / 100.0;
  }

  private static Instant recorded(Instant occurred, SplittableRandom chance) {
    return occurred.plusSeconds(chance.nextInt(600));
  }

  private void add(
      World.Company company, String id, Instant occurred, Instant recorded, Object payload) {
    add(event(company, id, occurred, recorded, payload, false));
  }

  private void addVoid(
      World.Company company, String id, Instant occurred, Instant recorded, Object payload) {
    add(event(company, id, occurred, recorded, payload, true));
  }

  private void add(WorkEvent event) {
    events.add(event);
    if (random.nextDouble() < options.repeatShare()) {
      events.add(event);
    }
  }

  private static WorkEvent event(
      World.Company company,
      String id,
      Instant occurred,
      Instant recorded,
      Object payload,
      boolean voided) {
    return WorkEvent.newBuilder()
        .setEventId(id)
        .setCompanyId(company.id())
        .setOccurredAt(occurred)
        .setRecordedAt(recorded)
        .setSource("simulation")
        .setVoided(voided)
        .setPayload(payload)
        .build();
  }
}
