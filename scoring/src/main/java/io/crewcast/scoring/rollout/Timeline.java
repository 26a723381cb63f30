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
import org.jspecify.annotations.Nullable;

/**
 * Who answered in one model's name when, by {@code recorded_at}: the same for whoever knows the
 * same activations, in whatever order they came. Safe for several threads.
 *
 * <p>Each rollout says what it replaces, and that counts where the activation itself is not known
 * any more: a compacted topic keeps one record a model, which may be no more than a preparation.
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

  private final Map<String, ModelRollout> activations = new TreeMap<>();

  /** Of the rollouts taken in, the first that says what it replaces. */
  private @Nullable ModelRollout first;

  /** In the order in which they take effect. */
  private volatile List<Lineup> lineups = List.of();

  /** Takes a rollout in that the broker took in at that instant. */
  public synchronized void add(ModelRollout rollout, Instant appendedAt) {
    Instant effectiveAt = rollout.getEffectiveAt();
    if (rollout.getStage() == RolloutStage.ACTIVATE && effectiveAt != null) {
      Instant noticed = appendedAt.plus(NOTICE);
      ModelRollout taken = ModelRollout.newBuilder(rollout).build();
      taken.setEffectiveAt(effectiveAt.isBefore(noticed) ? noticed : effectiveAt);
      restore(taken);
    } else {
      arrangeAfter(rollout);
    }
  }

  /** Takes back in what {@link #activations} gave out. */
  public synchronized void restore(ModelRollout activation) {
    activations.putIfAbsent(activation.getRolloutId(), activation);
    arrangeAfter(activation);
  }

  private void arrangeAfter(ModelRollout rollout) {
    if (rollout.getReplaces() != null
        && (first == null || AS_PUBLISHED.compare(rollout, first) < 0)) {
      first = rollout;
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
    ModelLineup before = first == null ? null : first.getReplaces();
    if (first != null && before != null && before.getEffectiveAt().isBefore(next)) {
      arranged.add(0, Lineup.of(before, first.getModel()));
    }
    lineups = List.copyOf(arranged);
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
