package io.crewcast.scoring.operator;

import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.RolloutStage;
import io.crewcast.schemas.serde.Feed.Published;
import io.crewcast.scoring.experiment.Assignment;
import io.crewcast.scoring.experiment.ExperimentSpec;
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
  private final List<ExperimentSpec> experiments;
  private final Timeline timeline = new Timeline();
  private final Map<Asked, LoadedModels.Lease> leases = new ConcurrentHashMap<>();

  /** Of a rollout whose activation has not come yet; null when there is none. */
  private volatile @Nullable ModelRollout prepared;

  private final Map<Asked, Ready> ready = new HashMap<>();

  /** Versions that cannot serve, by what asked for them: tried once, not at every event. */
  private final Map<String, List<Refusal>> refusals = new LinkedHashMap<>();

  private @Nullable Lineup last;

  /** A version and who named it: what was wrong with it then stays so, whoever mends it later. */
  private record Asked(String rolloutId, int version) {}

  /** A version that can be asked. */
  record Ready(int version, ServedModel model, Scorer scorer) {}

  /** A version that cannot serve, and the rollout that asked for it. */
  record Refusal(Lineup lineup, int version, String why) {

    String inWords() {
      return "%s asked for version %d, which cannot serve: %s. What served before goes on, or the fallback where nothing did; roll another version out"
          .formatted(lineup.rolloutId(), version, why);
    }
  }

  ServedVersions(ModelSpec spec, ServingOptions options) {
    this.spec = spec;
    this.models = options.models() == null ? null : FlinkModelStore.directory(options.models());
    this.fixed = lineup(options.pins().get(spec.name()));
    this.initial = lineup(options.initial().get(spec.name()));
    this.budgets = options.budgets();
    this.experiments = options.experiments();
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
   * Loads what answers first, and before that nothing of what only answered long ago.
   *
   * @param now when rollouts have been read to their end
   * @throws InvalidModelException if it is pinned and cannot serve
   */
  void open(Instant now) {
    forget(now);
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
    asked(Lineup.of(rollout, Instant.MAX)).forEach(this::lease);
  }

  /** Whom a line-up serves what. */
  Assignment assignment(Lineup lineup) {
    return Assignment.of(lineup, spec, experiments);
  }

  private Stream<Asked> asked(Lineup lineup) {
    return Stream.concat(assignment(lineup).versions().stream(), lineup.shadows().stream())
        .map(version -> new Asked(lineup.rolloutId(), version));
  }

  private LoadedModels.Lease lease(Asked asked) {
    if (models == null) {
      throw new IllegalStateException("no model directory to load a version from");
    }
    ModelDirectory directory = models;
    return leases.computeIfAbsent(
        asked, some -> LoadedModels.lease(directory, spec, some.version()));
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
    return assignment(lineup).versions().stream()
        .allMatch(version -> ready(lineup, version) != null);
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
    Asked asked = new Asked(lineup.rolloutId(), version);
    Ready known = ready.get(asked);
    if (known != null) {
      return known;
    }
    List<Refusal> before = refusals.getOrDefault(lineup.rolloutId(), List.of());
    if (before.stream().anyMatch(refusal -> refusal.version() == version)) {
      return null;
    }
    try {
      assignment(lineup)
          .unfit(version)
          .ifPresent(
              why -> {
                throw new InvalidModelException(why);
              });
      Ready made = ready(version, lease(asked).await(LOADING));
      ready.put(asked, made);
      return made;
    } catch (InvalidModelException e) {
      release(asked); // another rollout may find it mended
      Refusal refusal = new Refusal(lineup, version, String.valueOf(e.getMessage()));
      LOG.error("{}: {}", spec.name(), refusal.inWords());
      refusals.computeIfAbsent(lineup.rolloutId(), absent -> new ArrayList<>()).add(refusal);
      return null;
    }
  }

  /** The same for all who asked for the same model. */
  private Ready ready(int version, ServedModel model) {
    for (Ready known : ready.values()) {
      if (known.model() == model) {
        return known;
      }
    }
    Budget budget = new Budget(budgets ? spec.serve().budget() : null, System::nanoTime);
    return new Ready(version, model, model.scorer(spec.serve().explain() > 0, budget));
  }

  private void release(Asked asked) {
    Ready unused = ready.remove(asked);
    if (unused != null && !ready.containsValue(unused)) {
      unused.scorer().close();
    }
    LoadedModels.Lease lease = leases.remove(asked);
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
    asked(asked).forEach(version -> ready(asked, version.version()));
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

  /** What answers events recorded then, shadows too, as far as it was asked. */
  List<Ready> answering(Instant now) {
    Optional<Lineup> lineup =
        fixed == null ? timeline.at(now, this::isNotRefused) : Optional.of(fixed);
    return lineup.or(() -> Optional.ofNullable(initial)).stream()
        .flatMap(this::asked)
        .map(ready::get)
        .filter(Objects::nonNull)
        .toList();
  }

  private boolean isNotRefused(Lineup lineup) {
    return refusals.getOrDefault(lineup.rolloutId(), List.of()).stream()
        .noneMatch(refusal -> assignment(lineup).versions().contains(refusal.version()));
  }

  /** All that can be asked. */
  Collection<Ready> ready() {
    return ready.values();
  }

  /** Gives back versions that no event will ask for that is recorded after an instant. */
  void forget(Instant before) {
    Set<Asked> used = new HashSet<>();
    Stream.of(Optional.ofNullable(fixed), Optional.ofNullable(initial), Optional.ofNullable(last))
        .flatMap(Optional::stream)
        .forEach(lineup -> asked(lineup).forEach(used::add));
    timeline.since(before).forEach(lineup -> asked(lineup).forEach(used::add));
    ModelRollout next = prepared;
    if (next != null) {
      asked(Lineup.of(next, Instant.MAX)).forEach(used::add);
    }
    for (Asked asked : List.copyOf(leases.keySet())) {
      if (!used.contains(asked)) {
        release(asked);
      }
    }
  }

  @Override
  public void close() {
    List.copyOf(leases.keySet()).forEach(this::release);
  }
}
