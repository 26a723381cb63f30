package io.crewcast.local.simulation;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** What a worker takes up next. */
final class Planning {
  private static final double AT_HOME = 0.6;
  private static final double STALLED_AVOIDED = 0.4;
  private static final double GROUNDWORK = 0.25;
  private static final double DEPENDENT = 0.3;
  private static final int SHORTEST = 30;
  private static final int LONGEST = 2400;

  private int tasks;

  /** The next task: mostly like the last, else like the one before, else something new. */
  TaskPlan next(Desk desk, Portfolio portfolio) {
    SplittableRandom chance = desk.random;
    Instant now = desk.clock.now();
    Desk.Card card = card(desk, portfolio.places());
    if (portfolio.at(card.place(), now).stallAt(now) != null
        && chance.nextDouble() < STALLED_AVOIDED) {
      card = somethingNew(desk, portfolio.places());
    }
    desk.remember(card);
    LiveProject project = portfolio.at(card.place(), now);
    int minutes = minutes(chance);
    boolean groundwork = chance.nextDouble() < GROUNDWORK;
    List<String> dependsOn =
        chance.nextDouble() < DEPENDENT ? project.groundwork(chance) : List.of();
    TaskPlan plan =
        new TaskPlan(
            "task-" + ++tasks,
            project,
            chance.nextInt(LiveProject.COMPONENTS),
            card.phase(),
            minutes,
            null,
            groundwork,
            dependsOn,
            now.plus(Duration.ofMinutes(Causes.minutesUntilDue(project, minutes, chance))),
            null);
    if (groundwork) {
      project.lay(plan.id());
    }
    return plan;
  }

  private static Desk.Card card(Desk desk, int places) {
    double habit = desk.worker.habit();
    double u = desk.random.nextDouble();
    Desk.@Nullable Card likely =
        u < habit ? desk.lastBut(0) : u < habit + 0.55 * (1 - habit) ? desk.lastBut(1) : null;
    return likely == null ? somethingNew(desk, places) : likely;
  }

  /** A crew has a home among the projects and visits the others. */
  private static Desk.Card somethingNew(Desk desk, int places) {
    SplittableRandom chance = desk.random;
    int place =
        chance.nextDouble() < AT_HOME ? desk.company.home(desk.crew) : chance.nextInt(places);
    World.Phase[] phases = World.Phase.values();
    return new Desk.Card(place, phases[chance.nextInt(phases.length)]);
  }

  private static int minutes(SplittableRandom chance) {
    double usual = StrictMath.exp(5.4 + 0.6 * chance.nextGaussian());
    return Math.max(SHORTEST, Math.min(LONGEST, (int) Math.round(usual / 15) * 15));
  }
}
