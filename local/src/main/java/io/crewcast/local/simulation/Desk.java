package io.crewcast.local.simulation;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A worker at work: who, with whom, for whom, when, and what lies on the desk. */
final class Desk {
  /** How much of the demand of one pause is there at the next. */
  private static final double DEMAND_KEPT = 0.85;

  /** What a time card of the worker says; the task's project and phase make the cost code. */
  record Card(int place, World.Phase phase) {}

  final World.Company company;
  final World.Crew crew;
  final World.Worker worker;
  final WorkClock clock;
  final SplittableRandom random;
  private final PriorityQueue<BlockedTask> blocked =
      new PriorityQueue<>(
          Comparator.comparing(BlockedTask::until).thenComparing(task -> task.plan().id()));
  private final Deque<Card> cards = new ArrayDeque<>();
  private double demand;

  /**
   * A task that waits.
   *
   * @param until when it can go on
   * @param minutes that are left of it
   */
  record BlockedTask(TaskPlan plan, Instant until, int minutes) {}

  Desk(
      World.Company company,
      World.Crew crew,
      World.Worker worker,
      WorkClock clock,
      SplittableRandom random) {
    this.company = company;
    this.crew = crew;
    this.worker = worker;
    this.clock = clock;
    this.random = random;
  }

  void block(BlockedTask task) {
    blocked.add(task);
  }

  /** A task that can go on by now; null when there is none. */
  @Nullable BlockedTask unblocked() {
    BlockedTask first = blocked.peek();
    return first == null || first.until().isAfter(clock.now()) ? null : blocked.remove();
  }

  /** What the worker did last but so many; null when that is nothing. */
  @Nullable Card lastBut(int others) {
    return cards.stream().skip(others).findFirst().orElse(null);
  }

  void remember(Card card) {
    cards.remove(card);
    cards.addFirst(card);
    if (cards.size() > 4) {
      cards.removeLast();
    }
  }

  /** Pauses, the longer the less the worker is in demand. */
  void pause(double usualDays) {
    demand = DEMAND_KEPT * demand + 0.25 * random.nextGaussian();
    clock.pause(
        usualDays
            * worker.leisure()
            * Causes.slackOfSeason(clock.now())
            * StrictMath.exp(demand - 0.05)
            * (0.5 + random.nextDouble()));
  }
}
