package io.crewcast.scoring.operator;

import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.RolloutStage;
import io.crewcast.schemas.serde.Feed.Published;
import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.rollout.Lineup;
import io.crewcast.scoring.rollout.Timeline;
import io.crewcast.scoring.serving.Budget;
import io.crewcast.scoring.serving.LoadedModels;
import io.crewcast.scoring.serving.Scorer;
import io.crewcast.scoring.serving.ServedModel;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The versions of one model as one task serves them: which answers whom when, each loaded and
 * ready.
 *
 * <p>Rollouts come in by another thread, {@link #rolledOut}, which begins to load what they name;
 * all else belongs to the task.
 */
final class ServedVersions implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ServedVersions.class);

  /** Longer than a version takes to load. A task that waits for one takes no events meanwhile. */
  private static final Duration LOADING = Duration.ofMinutes(2);

  private final ModelSpec spec;
  private final @Nullable ModelDirectory models;
  private final @Nullable Lineup fixed;
  private final @Nullable Lineup initial;
  private final boolean budgets;
  private final Timeline timeline = new Timeline();
  private final Map<Integer, LoadedModels.Lease> leases = new ConcurrentHashMap<>();

  /** Of a rollout whose activation has not come yet; null when there is none. */
  private volatile @Nullable ModelRollout prepared;

  private final Map<Integer, Ready> ready = new HashMap<>();

  /** Versions that cannot serve, by what asked for them: tried once, not at every event. */
  private final Map<String, List<Refusal>> refusals = new LinkedHashMap<>();

  private @Nullable Lineup last;

  /** A version that can be asked. */
  record Ready(int version, ServedModel model, Scorer scorer) {}

  /** A version that cannot serve, and the rollout that asked for it. */
  record Refusal(Lineup lineup, int version, String why) {

    String inWords() {
      return "%s asked for version %d, which cannot serve: %s. What served before goes on; roll another version out"
          .formatted(lineup.rolloutId(), version, why);
    }
  }

  ServedVersions(ModelSpec spec, ServingOptions options) {
    this.spec = spec;
    this.models = options.models() == null ? null : FlinkModelStore.directory(options.models());
    this.fixed = lineup(options.pins().get(spec.name()));
    this.initial = lineup(options.initial().get(spec.name()));
    this.budgets = options.budgets();
  }

  /** The line-up of a version that no rollout named. */
  private @Nullable Lineup lineup(@Nullable Integer version) {
    return version == null || models == null
        ? null
        : new Lineup("the start", Instant.MIN, version, null, 0, List.of(), spec.name());
  }

  ModelSpec spec() {
    return spec;
  }

  /**
   * Loads what answers first.
   *
   * @throws InvalidModelException if it is pinned and cannot serve
   */
  void open() {
    if (fixed != null && !canServe(fixed)) {
      throw new InvalidModelException(
          refusals(Instant.MAX).stream().map(Refusal::why).findFirst().orElse(""));
    } else if (initial != null) {
      var unused = canServe(initial);
    }
  }

  /** Whether rollouts say who answers. */
  boolean followsRollouts() {
    return models != null && fixed == null;
  }

  /** Takes a rollout in and begins to load its versions; by any thread. */
  void rolledOut(Published<ModelRollout> published) {
    ModelRollout rollout = published.value();
    if (!followsRollouts()
        || !rollout.getModel().equals(spec.name())
        || Lineup.fault(rollout).isPresent()) {
      return;
    }
    if (rollout.getStage() == RolloutStage.PREPARE) {
      prepared = rollout;
    }
    timeline.add(rollout, published.appendedAt()); // first: what it names is then not given back
    Stream.concat(
            Stream.of(rollout.getChampion(), rollout.getChallenger()),
            rollout.getShadows().stream())
        .filter(version -> version != null)
        .forEach(this::lease);
  }

  private LoadedModels.Lease lease(int version) {
    if (models == null) {
      throw new IllegalStateException("no model directory to load a version from");
    }
    ModelDirectory directory = models;
    return leases.computeIfAbsent(version, v -> LoadedModels.lease(directory, spec, v));
  }

  void restore(ModelRollout activation) {
    if (activation.getModel().equals(spec.name())) {
      timeline.restore(activation);
    }
  }

  Collection<ModelRollout> activations() {
    return timeline.activations();
  }

  /** Who answers events recorded then; empty where no version can. */
  Optional<Lineup> at(Instant recordedAt) {
    if (fixed != null) {
      return Optional.of(fixed);
    }
    Optional<Lineup> found =
        timeline
            .at(recordedAt, this::canServe)
            .or(() -> Optional.ofNullable(initial).filter(this::canServe));
    last = found.orElse(last);
    return found;
  }

  private boolean canServe(Lineup lineup) {
    return lineup.served().stream().allMatch(version -> ready(lineup, version) != null);
  }

  /** A version of a line-up that can serve. */
  Ready served(Lineup lineup, int version) {
    return Objects.requireNonNull(ready(lineup, version));
  }

  /** A version that runs along; null where it cannot. */
  @Nullable Ready shadow(Lineup lineup, int version) {
    return ready(lineup, version);
  }

  private @Nullable Ready ready(Lineup lineup, int version) {
    Ready known = ready.get(version);
    if (known != null) {
      return known;
    }
    List<Refusal> before = refusals.getOrDefault(lineup.rolloutId(), List.of());
    if (before.stream().anyMatch(refusal -> refusal.version() == version)) {
      return null;
    }
    try {
      ServedModel model = lease(version).await(LOADING);
      Budget budget = new Budget(budgets ? spec.serve().budget() : null, System::nanoTime);
      Ready made = new Ready(version, model, model.scorer(spec.serve().explain() > 0, budget));
      ready.put(version, made);
      return made;
    } catch (InvalidModelException e) {
      release(version); // another rollout may find it mended
      Refusal refusal = new Refusal(lineup, version, String.valueOf(e.getMessage()));
      LOG.error("{}: {}", spec.name(), refusal.inWords());
      refusals.computeIfAbsent(lineup.rolloutId(), absent -> new ArrayList<>()).add(refusal);
      return null;
    }
  }

  private void release(int version) {
    Ready unused = ready.remove(version);
    if (unused != null) {
      unused.scorer().close();
    }
    LoadedModels.Lease lease = leases.remove(version);
    if (lease != null) {
      lease.close();
    }
  }

  /** The versions of what is asked for at an instant that cannot serve. */
  List<Refusal> refusals(Instant now) {
    Lineup asked = fixed == null ? timeline.at(now, any -> true).orElse(initial) : fixed;
    if (asked == null) {
      return List.of();
    }
    Stream.concat(asked.served().stream(), asked.shadows().stream())
        .forEach(version -> ready(asked, version));
    return List.copyOf(refusals.getOrDefault(asked.rolloutId(), List.of()));
  }

  /** How many versions could not serve so far. */
  int refused() {
    return refusals.values().stream().mapToInt(List::size).sum();
  }

  /** The line-up that answered last; null before the first. */
  @Nullable Lineup last() {
    return last;
  }

  /** All that can be asked. */
  Collection<Ready> ready() {
    return ready.values();
  }

  /** Gives back versions that no event will ask for that is recorded after an instant. */
  void forget(Instant before) {
    Set<Integer> used = new HashSet<>();
    Stream.of(Optional.ofNullable(fixed), Optional.ofNullable(initial), Optional.ofNullable(last))
        .flatMap(Optional::stream)
        .forEach(lineup -> addAll(lineup, used));
    timeline.since(before).forEach(lineup -> addAll(lineup, used));
    ModelRollout next = prepared;
    if (next != null) {
      addAll(Lineup.of(next, Instant.MAX), used);
    }
    for (Integer version : List.copyOf(leases.keySet())) {
      if (!used.contains(version)) {
        release(version);
      }
    }
  }

  private static void addAll(Lineup lineup, Set<Integer> versions) {
    versions.addAll(lineup.served());
    versions.addAll(lineup.shadows());
  }

  @Override
  public void close() {
    for (Integer version : List.copyOf(leases.keySet())) {
      release(version);
    }
  }
}
