package io.crewcast.local.simulation;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A project from its beginning to its end, which comes when its true size is worked off. That is
 * its budget times what complexity, optimism, the crew at home in it and chance make of it, times
 * the growth of each scope change.
 */
final class LiveProject {
  static final int COMPONENTS = 6;

  private static final double USUAL_BUDGET_MINUTES = 50_000;
  private static final double STALL_SHARE = 0.15;

  /** Tasks that a later one may depend on. */
  private static final int REMEMBERED = 8;

  /** A change of scope when a share of the first size is worked off, and by how much it grows. */
  record ScopeChange(double atShare, double growth) {}

  /**
   * What no event tells.
   *
   * @param effect on the effort of all its tasks
   * @param effectByComponent on effort, beside that
   * @param troubleByComponent on how likely tasks get blocked
   * @param tightness of its tasks' due dates
   */
  @SuppressWarnings("ArrayRecordComponent") // one a project
  record Causes(
      double effect, double[] effectByComponent, double[] troubleByComponent, double tightness) {}

  final String id;
  final World.Company company;
  final Instant startedAt;
  final int complexity;
  final Causes causes;
  final long budgetMinutes;
  private final double firstSize;
  private final Deque<ScopeChange> scopeChanges;
  private final double stallsAtShare;
  private final Deque<String> groundwork = new ArrayDeque<>();
  private double size;
  private double taken;
  private int tasksInHand;
  private int scope;
  private Instant lastEnd;
  private @Nullable Stall stall;

  LiveProject(
      String id,
      World.Company company,
      double crewEffect,
      Instant startedAt,
      SplittableRandom random) {
    this.id = id;
    this.company = company;
    this.startedAt = startedAt;
    this.lastEnd = startedAt;
    this.complexity = 1 + random.nextInt(5);
    double optimism = 0.12 * random.nextGaussian();
    this.causes =
        new Causes(
            0.07 * (complexity - 3) + optimism,
            random.doubles(COMPONENTS).map(u -> 0.42 * (u - 0.5)).toArray(),
            random.doubles(COMPONENTS).map(u -> 2.4 * (u - 0.5)).toArray(),
            random.nextGaussian());
    this.budgetMinutes =
        60
            * Math.round(
                USUAL_BUDGET_MINUTES
                    / 60
                    * (0.7 + 0.1 * complexity)
                    * StrictMath.exp(0.35 * random.nextGaussian()));
    this.firstSize =
        budgetMinutes
            * StrictMath.exp(
                -0.12
                    + 0.08 * (complexity - 3)
                    + 1.5 * optimism
                    + crewEffect
                    + 0.12 * random.nextGaussian());
    this.size = firstSize;
    this.scopeChanges = scopeChanges(complexity, random);
    this.stallsAtShare =
        random.nextDouble() < STALL_SHARE ? 0.3 + 0.4 * random.nextDouble() : Double.MAX_VALUE;
  }

  private static Deque<ScopeChange> scopeChanges(int complexity, SplittableRandom random) {
    Deque<ScopeChange> changes = new ArrayDeque<>();
    double at = 0.2;
    while (changes.size() < 3 && random.nextDouble() < 0.15 + 0.05 * complexity) {
      at += 0.25 * random.nextDouble();
      changes.add(new ScopeChange(at, 1.12 + 0.2 * random.nextDouble()));
    }
    return changes;
  }

  /** Takes work in hand. */
  void take(int minutes) {
    taken += minutes;
    tasksInHand++;
  }

  void finish(Instant end) {
    tasksInHand--;
    lastEnd = end.isAfter(lastEnd) ? end : lastEnd;
  }

  /** Whether all of it is in hand, so that nobody begins another task. */
  boolean isAllTaken() {
    return taken >= size && scopeChanges.isEmpty();
  }

  /** When the last of its work ended; null while some of it has not. */
  @Nullable Instant end() {
    return isAllTaken() && tasksInHand == 0 ? lastEnd : null;
  }

  /** Whether the next change of scope is due; it then counts. */
  boolean changesScope() {
    ScopeChange next = scopeChanges.peek();
    if (next == null || taken < next.atShare() * firstSize) {
      return false;
    }
    size *= next.growth();
    scopeChanges.remove();
    scope++;
    return true;
  }

  /** How often its scope has changed. */
  int scope() {
    return scope;
  }

  /** A stall that begins now; null mostly. */
  @Nullable Stall stallsFrom(Instant now, SplittableRandom random) {
    if (stall != null || taken < stallsAtShare * firstSize) {
      return null;
    }
    Duration length = Duration.ofHours(240 + random.nextInt(120));
    stall = new Stall(company.id(), id, now, now.plus(length));
    return stall;
  }

  /** The stall that holds at that time; null mostly. */
  @Nullable Stall stallAt(Instant at) {
    return stall != null && stall.holds(at) ? stall : null;
  }

  /** Remembers a task that others will depend on. */
  void lay(String task) {
    groundwork.addLast(task);
    if (groundwork.size() > REMEMBERED) {
      groundwork.removeFirst();
    }
  }

  /** One or two tasks that others depend on, or none where there are none. */
  List<String> groundwork(SplittableRandom random) {
    List<String> laid = new ArrayList<>(groundwork);
    if (laid.isEmpty()) {
      return List.of();
    }
    int first = random.nextInt(laid.size());
    int second = random.nextInt(laid.size());
    return first == second || random.nextBoolean()
        ? List.of(laid.get(first))
        : List.of(laid.get(first), laid.get(second));
  }

  String component(int number) {
    return id + "-part-" + (number + 1);
  }
}
