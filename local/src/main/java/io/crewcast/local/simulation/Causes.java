package io.crewcast.local.simulation;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Month;
import java.time.ZoneOffset;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What follows from what, beside chance.
 *
 * <p>The logarithm of actual over planned minutes is normal: causes with a standard deviation of
 * about 0.47, chance with {@value #CHANCE}. Knowing all causes, the best possible AUC for "over
 * 1.25 times plan" is about 0.78.
 */
final class Causes {
  static final double CHANCE = 0.65;

  private static final double BIAS = -0.05;
  private static final double FATIGUE_PER_HOUR = 0.012;
  private static final double RESTED_HOURS = 30;
  private static final List<String> PRIORITIES = List.of("low", "normal", "high", "urgent");

  private Causes() {}

  /**
   * Who does a task, and in which state.
   *
   * @param weekHours worked in the last seven days
   */
  record Hands(World.Worker worker, World.Crew crew, double weekHours) {}

  /**
   * How a task goes.
   *
   * @param minutes it takes
   * @param blockedAfter minutes; 0 when it is not blocked
   * @param blockedFor how long it is then blocked
   */
  record Course(int minutes, int blockedAfter, Duration blockedFor) {}

  /** The mean of the logarithm of actual over planned minutes. */
  static double effort(TaskPlan plan, Hands hands, Instant at) {
    LiveProject.Causes project = plan.project().causes;
    return BIAS
        + hands.worker().effect(plan.phase())
        + project.effect()
        + project.effectByComponent()[plan.component()]
        + hands.crew().chemistry()
        + FATIGUE_PER_HOUR * Math.max(-10, hands.weekHours() - RESTED_HOURS)
        + season(at);
  }

  static Course course(TaskPlan plan, Hands hands, Instant at, SplittableRandom chance) {
    int minutes =
        Math.max(
            1,
            (int)
                Math.round(
                    plan.minutes()
                        * StrictMath.exp(
                            effort(plan, hands, at) + CHANCE * chance.nextGaussian())));
    boolean blocked = chance.nextDouble() < blockedShare(plan, hands);
    int before = (int) (minutes * (0.1 + 0.6 * chance.nextDouble()));
    Duration spell = Duration.ofMinutes(60 + (long) (exponential(chance) * 1500));
    return new Course(minutes, blocked ? Math.max(1, before) : 0, spell);
  }

  /** Some components are in trouble, some crews cannot agree, and who depends on others waits. */
  private static double blockedShare(TaskPlan plan, Hands hands) {
    return probability(
        -2.8
            + plan.project().causes.troubleByComponent()[plan.component()]
            + 4 * hands.crew().chemistry()
            + 0.8 * plan.dependsOn().size());
  }

  /** Quality of a result, 0 to 1. */
  static double quality(TaskPlan plan, World.Worker worker, SplittableRandom chance) {
    double skill = plan.phase().effect - worker.effect(plan.phase());
    double quality =
        0.75 + 0.25 * skill - 0.04 * (plan.project().complexity - 3) + 0.07 * chance.nextGaussian();
    return Math.round(100 * Math.max(0, Math.min(1, quality))) / 100.0;
  }

  /** The probability that the result has a defect that somebody will find; only of code. */
  static double defective(TaskPlan plan, World.Worker worker) {
    double skill = plan.phase().effect - worker.effect(plan.phase());
    return plan.phase() == World.Phase.CODE
        ? probability(-1.3 + 0.25 * (plan.project().complexity - 3) - 2 * skill)
        : 0;
  }

  /**
   * What somebody says when a task is assigned: the nearer its end by its plan, the more complex
   * its project and the later its phase, the more urgent; so is what others depend on.
   */
  static String priority(TaskPlan plan, Instant created, SplittableRandom chance) {
    double minutesToDue = Duration.between(created, plan.dueAt()).toMinutes();
    double room = StrictMath.log(Math.max(1, minutesToDue / plan.minutes()));
    double urgency =
        -1.0 * (room - 3.0)
            + 0.3 * (plan.project().complexity - 3)
            + plan.phase().urgency
            + (plan.isGroundwork() ? 0.8 : 0)
            + 0.6 * chance.nextGaussian();
    int place = urgency < -0.8 ? 0 : urgency < 0.6 ? 1 : urgency < 1.6 ? 2 : 3;
    return PRIORITIES.get(place);
  }

  /** Minutes from the start of a task to its due date, at a usual pace several times its plan. */
  static long minutesUntilDue(LiveProject project, int planned, SplittableRandom chance) {
    double times =
        StrictMath.exp(1.9 - 0.45 * project.causes.tightness() + 0.45 * chance.nextGaussian());
    return Math.max(30, Math.round(planned * times));
  }

  /** Summer and the end of the year are slow. */
  private static double season(Instant at) {
    return switch (month(at)) {
      case JULY, AUGUST -> 0.12;
      case DECEMBER -> 0.18;
      case MARCH, OCTOBER -> -0.08;
      default -> 0.0;
    };
  }

  /** How much longer pauses are in summer and at the end of the year. */
  static double slackOfSeason(Instant at) {
    return switch (month(at)) {
      case JULY, AUGUST -> 2.2;
      case DECEMBER -> 1.8;
      default -> 0.8;
    };
  }

  private static Month month(Instant at) {
    return LocalDate.ofInstant(at, ZoneOffset.UTC).getMonth();
  }

  /** With mean 1. */
  static double exponential(SplittableRandom chance) {
    return -StrictMath.log(1 - chance.nextDouble());
  }

  private static double probability(double logit) {
    return 1 / (1 + StrictMath.exp(-logit));
  }
}
