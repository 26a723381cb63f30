package io.crewcast.local.simulation;

import io.crewcast.local.ingest.BrokenRecord;
import io.crewcast.local.ingest.EventFile;
import io.crewcast.schemas.CrewMembership;
import io.crewcast.schemas.MembershipAction;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.Worker;
import io.crewcast.schemas.WorkerStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/**
 * Work of companies that do not exist, told as events. The worker whose clock is earliest goes on
 * with a task that is no longer blocked, or takes the next; how that goes follows from {@link
 * Causes} and from chance; then what sources of such events do is done to them: entries come late,
 * are corrected to another worker or project, are voided, repeat. Projects begin, grow, end, and
 * others follow; now and then one stalls.
 */
public final class Simulation {
  private static final double EVENTS_A_TASK = 7.6;
  private static final double MINUTES_A_TASK = 300;
  private static final double DAYS_A_TASK = 1.05;

  private final SimulationOptions options;
  private final SplittableRandom random;
  private final Chronicle chronicle;
  private final double pauseDays;

  private Simulation(SimulationOptions options) {
    this.options = options;
    this.random = new SplittableRandom(options.seed());
    this.chronicle = new Chronicle(options.repeatShare(), random.split());
    double tasksOfAWorker = tasks(options) / options.workers();
    this.pauseDays = Math.max(0.05, days(options) / Math.max(1, tasksOfAWorker) - DAYS_A_TASK);
  }

  private static double days(SimulationOptions options) {
    return options.span().toMinutes() / 1440.0;
  }

  private static double tasks(SimulationOptions options) {
    return options.events() / EVENTS_A_TASK;
  }

  /**
   * What was simulated.
   *
   * @param events sorted
   * @param broken records to publish among them
   * @param stalls of projects, which an observer of the events may find
   * @param potentialOutcomes of the candidates of all requests
   * @param causes of the tasks that were begun
   */
  public record Outcome(
      List<WorkEvent> events,
      List<BrokenRecord> broken,
      List<Stall> stalls,
      List<PotentialOutcome> potentialOutcomes,
      List<KnownCauses> causes) {}

  public static Outcome run(SimulationOptions options) {
    return new Simulation(options).run();
  }

  private Outcome run() {
    World world = World.make(options, random.split());
    List<Desk> desks = introduce(world);
    Map<String, Portfolio> portfolios = portfolios(world);
    Requests requests =
        new Requests(options.requests(), options.requests() / tasks(options), chronicle, desks);
    TaskWork tasks = new TaskWork(options, chronicle, new TimeCards(options, chronicle), requests);
    work(desks, portfolios, tasks);
    portfolios.values().forEach(Portfolio::close);
    List<WorkEvent> sorted = new ArrayList<>(chronicle.events());
    sorted.sort(EventFile.ORDER);
    List<WorkEvent> kept =
        List.copyOf(sorted.subList(0, Math.min(options.events(), sorted.size())));
    Instant last = EventFile.recordedAt(kept.get(kept.size() - 1));
    return new Outcome(
        kept,
        BrokenRecords.among(kept, options, random.split()),
        portfolios.values().stream()
            .flatMap(portfolio -> portfolio.stalls().stream())
            .filter(stall -> stall.from().isBefore(last))
            .toList(),
        requests.outcomesOf(kept),
        tasks.known());
  }

  private Map<String, Portfolio> portfolios(World world) {
    double minutesADay = tasks(options) * MINUTES_A_TASK / days(options) / options.projects();
    Map<String, Portfolio> portfolios = new LinkedHashMap<>();
    for (World.Company company : world.companies()) {
      portfolios.put(
          company.id(),
          new Portfolio(company, options.start(), minutesADay, chronicle, random.split()));
    }
    return portfolios;
  }

  private List<Desk> introduce(World world) {
    List<Desk> desks = new ArrayList<>();
    for (World.Company company : world.companies()) {
      for (World.Crew crew : company.crews()) {
        for (World.Worker worker : crew.workers()) {
          introduce(company, crew, worker);
          SplittableRandom own = random.split();
          Instant tomorrow = options.start().plus(Duration.ofDays(1));
          WorkClock clock = WorkClock.fromMorning(tomorrow, worker.dayMinutes(), own.split());
          clock.pause(own.nextDouble() * pauseDays * 2);
          desks.add(new Desk(company, crew, worker, clock, own));
        }
      }
    }
    return desks;
  }

  private void introduce(World.Company company, World.Crew crew, World.Worker worker) {
    Instant at = options.start().plus(Duration.ofMinutes(random.nextInt(300)));
    List<String> skills =
        Arrays.stream(World.Phase.values())
            .filter(phase -> worker.effect(phase) < phase.effect)
            .map(World.Phase::label)
            .toList();
    chronicle.tell(
        company,
        worker.id() + "-profile",
        at,
        Worker.newBuilder()
            .setWorkerId(worker.id())
            .setStatus(WorkerStatus.ACTIVE)
            .setSkills(skills)
            .setCertifications(skills.stream().limit(1).toList())
            .setWeeklyMinutes(5L * worker.dayMinutes())
            .build());
    chronicle.tell(
        company,
        worker.id() + "-joined-" + crew.id(),
        at,
        CrewMembership.newBuilder()
            .setWorkerId(worker.id())
            .setCrewId(crew.id())
            .setAction(MembershipAction.JOINED)
            .setSkills(skills)
            .build());
  }

  private void work(List<Desk> all, Map<String, Portfolio> portfolios, TaskWork tasks) {
    PriorityQueue<Desk> desks =
        new PriorityQueue<>(
            Comparator.comparing((Desk desk) -> desk.clock.now())
                .thenComparing(desk -> desk.company.id())
                .thenComparing(desk -> desk.worker.id()));
    desks.addAll(all);
    Planning planning = new Planning();
    // What is made beyond the number asked for fills the end: tasks are made whole, and then cut at
    // one moment.
    long enough = options.events() + options.events() / 12 + 40L * options.workers();
    while (chronicle.events().size() < enough) {
      Desk desk = desks.remove();
      Desk.BlockedTask unblocked = desk.unblocked();
      if (unblocked == null) {
        Portfolio portfolio = Objects.requireNonNull(portfolios.get(desk.company.id()));
        tasks.begin(desk, planning.next(desk, portfolio), portfolio);
      } else {
        tasks.resume(desk, unblocked);
      }
      desk.pause(pauseDays);
      desks.add(desk);
    }
  }
}
