package io.crewcast.scoring.rollout;

import io.crewcast.schemas.ModelLineup;
import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.RolloutStage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Who answered in one model's name when, by {@code recorded_at}: the same for whoever knows the
 * same activations, in whatever order they came. Safe for several threads.
 *
 * <p>Each rollout says what it replaces, and that counts where the activation itself is not known
 * any more: a compacted topic keeps one record a model, which may be no more than a preparation.
 * Rollouts are in the order in which the broker took them in: their own {@code published_at} is by
 * as many clocks as there are publishers.
 *
 * <p>An activation takes effect at its {@code effective_at}, or {@link #NOTICE} after the broker
 * took it in where that is later: so whoever has read the topic up to an instant knows all that is
 * in effect {@link #NOTICE} after it. One that is published later takes the place of all that would
 * take effect after it.
 */
public final class Timeline {

  /** How long before it takes effect an activation can be read. */
  public static final Duration NOTICE = Duration.ofSeconds(1);

  private static final Comparator<ModelRollout> AS_PUBLISHED =
      Comparator.comparing(ModelRollout::getPublishedAt).thenComparing(ModelRollout::getRolloutId);

  /** By rollout; {@code published_at} is when the broker took it in. */
  private final Map<String, ModelRollout> activations = new TreeMap<>();

  /** By rollout. */
  private final Map<String, Replaced> replaced = new TreeMap<>();

  /**
   * What a rollout says that it replaces.
   *
   * @param before when the first rollout that says so was taken in
   */
  private record Replaced(Lineup lineup, Instant before) {}

  /** In the order in which they take effect. */
  private volatile List<Lineup> lineups = List.of();

  /** Takes a rollout in that the broker took in at that instant. */
  public synchronized void add(ModelRollout rollout, Instant appendedAt) {
    ModelRollout taken = ModelRollout.newBuilder(rollout).build();
    taken.setPublishedAt(appendedAt);
    if (rollout.getStage() == RolloutStage.ACTIVATE && rollout.getEffectiveAt() != null) {
      taken.setEffectiveAt(effectiveAt(rollout.getEffectiveAt(), appendedAt));
      activations.putIfAbsent(taken.getRolloutId(), taken);
    }
    arrangeAfter(taken);
  }

  /**
   * From when on an activation is in effect.
   *
   * @param asked its own {@code effective_at}
   * @param appendedAt when the broker took it in
   */
  public static Instant effectiveAt(Instant asked, Instant appendedAt) {
    Instant noticed = appendedAt.plus(NOTICE);
    return asked.isBefore(noticed) ? noticed : asked;
  }

  /** Takes back in what {@link #activations} gave out. */
  public synchronized void restore(ModelRollout activation) {
    activations.putIfAbsent(activation.getRolloutId(), activation);
    arrangeAfter(activation);
  }

  private void arrangeAfter(ModelRollout rollout) {
    ModelLineup before = rollout.getReplaces();
    if (before != null) {
      replaced.merge(
          before.getRolloutId(),
          new Replaced(Lineup.of(before, rollout.getModel()), rollout.getPublishedAt()),
          (one, other) -> one.before.isAfter(other.before) ? other : one);
    }
    arrange();
  }

  private void arrange() {
    List<Lineup> arranged = new ArrayList<>();
    Instant next = Instant.MAX;
    for (ModelRollout rollout :
        activations.values().stream().sorted(AS_PUBLISHED.reversed()).toList()) {
      if (rollout.getEffectiveAt().isBefore(next)) {
        next = rollout.getEffectiveAt();
        arranged.add(0, Lineup.of(rollout, next));
      }
    }
    for (Replaced known : replaced.values()) {
      Lineup lineup = known.lineup;
      if (!activations.containsKey(lineup.rolloutId())
          && lineup.effectiveAt().isBefore(firstFrom(known.before))) {
        arranged.add(lineup);
      }
    }
    arranged.sort(Comparator.comparing(Lineup::effectiveAt));
    lineups = List.copyOf(arranged);
  }

  /** When the first of those activations takes effect that were taken in at an instant or later. */
  private Instant firstFrom(Instant instant) {
    return activations.values().stream()
        .filter(rollout -> !rollout.getPublishedAt().isBefore(instant))
        .map(ModelRollout::getEffectiveAt)
        .min(Comparator.naturalOrder())
        .orElse(Instant.MAX);
  }

  /**
   * Who answers an event: the line-up in effect or, where that one cannot serve, the one before it
   * that can.
   */
  public Optional<Lineup> at(Instant recordedAt, Predicate<Lineup> canServe) {
    List<Lineup> all = lineups;
    for (int i = all.size() - 1; i >= 0; i--) {
      Lineup lineup = all.get(i);
      if (!lineup.effectiveAt().isAfter(recordedAt) && canServe.test(lineup)) {
        return Optional.of(lineup);
      }
    }
    return Optional.empty();
  }

  /** The line-ups that are in effect at an instant or later, and the one before these. */
  public List<Lineup> since(Instant instant) {
    List<Lineup> all = lineups;
    int first = 0;
    while (first + 1 < all.size() && !all.get(first + 1).effectiveAt().isAfter(instant)) {
      first++;
    }
    return all.subList(Math.max(0, first - 1), all.size());
  }

  /** The activations, for a snapshot. */
  public synchronized Collection<ModelRollout> activations() {
    return List.copyOf(activations.values());
  }
}
