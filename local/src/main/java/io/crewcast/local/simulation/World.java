package io.crewcast.local.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Who is there, and the causes that no event tells. Effects are on the logarithm of actual over
 * planned minutes: a model can learn them only from what the workers, crews and projects did
 * before.
 */
record World(List<Company> companies) {
  /** Phases of every project, with how far plans fall short in each, and how urgent it is. */
  enum Phase {
    DESIGN(-0.05, -0.5),
    CODE(0.08, -0.2),
    REVIEW(-0.18, 0.0),
    TEST(0.10, 0.3),
    DEPLOY(0.00, 0.7);

    final double effect;
    final double urgency;

    Phase(double effect, double urgency) {
      this.effect = effect;
      this.urgency = urgency;
    }

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A company.
   *
   * @param projects how many it always has at once
   */
  record Company(String id, int projects, List<Crew> crews) {
    List<Worker> workers() {
      return crews.stream().flatMap(crew -> crew.workers().stream()).toList();
    }

    /** The place among the company's projects on which a crew works most. */
    int home(Crew crew) {
      return Math.floorMod(crew.id().hashCode(), projects);
    }
  }

  /** A crew whose people get on, or do not: then plans fall short and tasks get blocked. */
  record Crew(String id, double chemistry, List<Worker> workers) {}

  /**
   * A worker who is better at some phases than at others.
   *
   * @param skill in all phases; it lowers effort and defects, and raises quality
   * @param effectByPhase on effort, skill included
   * @param dayMinutes that the worker agreed to work a day
   * @param leisure how long pauses are, over those of others
   * @param habit how likely the next task is like the last
   */
  @SuppressWarnings("ArrayRecordComponent") // known by its id
  record Worker(
      String id,
      double skill,
      double[] effectByPhase,
      int dayMinutes,
      double leisure,
      double habit) {
    double effect(Phase phase) {
      return effectByPhase[phase.ordinal()];
    }
  }

  private static final List<String> COMPANIES =
      List.of("acme", "birch", "cobalt", "delta", "ember");
  private static final List<Integer> DAYS = List.of(300, 360, 420, 480, 480, 480, 480);
  private static final int CREW_SIZE = 7;

  static World make(SimulationOptions options, SplittableRandom random) {
    List<Company> companies = new ArrayList<>();
    for (int c = 0; c < options.companies(); c++) {
      String id = c < COMPANIES.size() ? COMPANIES.get(c) : "company-" + (c + 1);
      int projects = share(options.projects(), options.companies(), c);
      int workers = share(options.workers(), options.companies(), c);
      companies.add(new Company(id, projects, crews(workers, random)));
    }
    return new World(companies);
  }

  private static int share(int total, int parts, int part) {
    return total / parts + (part < total % parts ? 1 : 0);
  }

  private static List<Crew> crews(int workers, SplittableRandom random) {
    int count = Math.max(1, workers / CREW_SIZE);
    List<Crew> crews = new ArrayList<>();
    int worker = 0;
    for (int c = 0; c < count; c++) {
      List<Worker> members = new ArrayList<>();
      for (int m = share(workers, count, c); m > 0; m--) {
        members.add(worker(++worker, random));
      }
      crews.add(new Crew("crew-" + (c + 1), 0.12 * random.nextGaussian(), members));
    }
    return crews;
  }

  private static Worker worker(int number, SplittableRandom random) {
    double skill = 0.20 * random.nextGaussian();
    double[] effects = new double[Phase.values().length];
    for (Phase phase : Phase.values()) {
      effects[phase.ordinal()] = phase.effect - skill + 0.36 * random.nextGaussian();
    }
    return new Worker(
        "worker-" + number,
        skill,
        effects,
        DAYS.get(random.nextInt(DAYS.size())),
        StrictMath.exp(0.6 * random.nextGaussian() - 0.08),
        0.3 + 0.35 * random.nextDouble());
  }
}
