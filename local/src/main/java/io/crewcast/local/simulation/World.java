package io.crewcast.local.simulation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Who is there, and the causes that no event tells: effects on the logarithm of actual over planned
 * minutes. A model can learn them only from what the workers, crews and projects did before.
 */
record World(List<Company> companies) {
  /** Phases of every project, with how far plans fall short in each. */
  enum Phase {
    DESIGN(-0.05),
    CODE(0.08),
    REVIEW(-0.18),
    TEST(0.10),
    DEPLOY(0.00);

    final double effect;

    Phase(double effect) {
      this.effect = effect;
    }

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  record Company(String id, List<Project> projects, List<Crew> crews) {
    List<Worker> workers() {
      return crews.stream().flatMap(crew -> crew.workers().stream()).toList();
    }
  }

  /**
   * A project is harder the greater its complexity, planned with more or less optimism, and not as
   * hard in all its components.
   */
  @SuppressWarnings("ArrayRecordComponent") // known by its id
  record Project(String id, int complexity, double effect, double[] effectByComponent) {
    String component(int number) {
      return id + "-part-" + (number + 1);
    }
  }

  /** A crew whose people get on, or do not. */
  record Crew(String id, double chemistry, List<Worker> workers) {}

  /** A worker who is better at some phases than at others. */
  @SuppressWarnings("ArrayRecordComponent") // known by its id
  record Worker(String id, double[] effectByPhase) {
    double effect(Phase phase) {
      return effectByPhase[phase.ordinal()];
    }
  }

  private static final List<String> COMPANIES =
      List.of("acme", "birch", "cobalt", "delta", "ember");
  static final int COMPONENTS = 6;
  private static final int CREW_SIZE = 7;

  static World make(SimulationOptions options, SplittableRandom random) {
    List<Company> companies = new ArrayList<>();
    for (int c = 0; c < options.companies(); c++) {
      String id = c < COMPANIES.size() ? COMPANIES.get(c) : "company-" + (c + 1);
      int projects = share(options.projects(), options.companies(), c);
      int workers = share(options.workers(), options.companies(), c);
      companies.add(new Company(id, projects(projects, random), crews(workers, random)));
    }
    return new World(companies);
  }

  private static int share(int total, int parts, int part) {
    return total / parts + (part < total % parts ? 1 : 0);
  }

  private static List<Project> projects(int count, SplittableRandom random) {
    List<Project> projects = new ArrayList<>();
    for (int p = 0; p < count; p++) {
      int complexity = 1 + random.nextInt(5);
      double optimism = 0.12 * random.nextGaussian();
      double[] components = new double[COMPONENTS];
      Arrays.setAll(components, component -> 0.12 * random.nextGaussian());
      double effect = 0.07 * (complexity - 3) + optimism;
      projects.add(new Project("project-" + (p + 1), complexity, effect, components));
    }
    return projects;
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
      effects[phase.ordinal()] = phase.effect - skill + 0.32 * random.nextGaussian();
    }
    return new Worker("worker-" + number, effects);
  }
}
