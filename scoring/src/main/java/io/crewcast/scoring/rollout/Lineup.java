package io.crewcast.scoring.rollout;

import io.crewcast.schemas.ModelLineup;
import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.PredictionRole;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who answers in a model's name: the champion, of units on trial the challenger, and shadows beside
 * them.
 *
 * @param rolloutId of the rollout that said so
 * @param effectiveAt events recorded from then on are answered so
 * @param challenger null where nothing is on trial
 * @param coverage share of the units on trial, all variations together
 * @param experiment seeds the assignment of units and names it
 */
public record Lineup(
    String rolloutId,
    Instant effectiveAt,
    int champion,
    @Nullable Integer challenger,
    double coverage,
    List<Integer> shadows,
    String experiment) {

  /** The two variations of a trial, in the order of their weights. */
  public static final List<String> VARIATIONS = List.of("champion", "challenger");

  /**
   * Who answers one unit.
   *
   * @param version 0: none, but the fallback
   * @param experiment null, as {@code variation}, where the unit is not on trial
   */
  public record Slot(
      int version,
      PredictionRole role,
      @Nullable String experiment,
      @Nullable String variation,
      @Nullable String unitId) {}

  /** The line-up that a rollout asks for, from that instant on. */
  public static Lineup of(ModelRollout rollout, Instant effectiveAt) {
    return new Lineup(
        rollout.getRolloutId(),
        effectiveAt,
        rollout.getChampion(),
        rollout.getChallenger(),
        rollout.getCoverage(),
        List.copyOf(rollout.getShadows()),
        seed(rollout.getModel(), rollout.getChallenger(), rollout.getExperiment()));
  }

  /** The line-up that a rollout says it replaces. */
  static Lineup of(ModelLineup replaced, String model) {
    return new Lineup(
        replaced.getRolloutId(),
        replaced.getEffectiveAt(),
        replaced.getChampion(),
        replaced.getChallenger(),
        replaced.getCoverage(),
        List.copyOf(replaced.getShadows()),
        seed(model, replaced.getChallenger(), replaced.getExperiment()));
  }

  /** What a rollout that takes its place says of it. */
  public ModelLineup record() {
    return new ModelLineup(
        rolloutId, effectiveAt, champion, challenger, coverage, shadows, experiment);
  }

  /** The same whatever the coverage, so that a growing trial keeps its units. */
  private static String seed(
      String model, @Nullable Integer challenger, @Nullable String experiment) {
    return experiment == null ? model + ':' + challenger : experiment;
  }

  /** The versions that it names to answer. */
  public List<Integer> served() {
    return Stream.of(champion, challenger).filter(Objects::nonNull).distinct().toList();
  }

  /**
   * Who answers a unit.
   *
   * @param unitId null where the event names none, or one that is not of the audience: the champion
   *     answers, outside of the trial
   * @param variations of the trial; none where nothing is on trial
   */
  public Slot slot(@Nullable String unitId, List<Variation> variations) {
    if (unitId != null && !variations.isEmpty()) {
      int place =
          Bucketing.variation(
              Bucketing.place(experiment, unitId),
              Bucketing.ranges(
                  variations.size(),
                  coverage,
                  variations.stream().map(Variation::weight).toList()));
      if (place >= 0) {
        Variation variation = variations.get(place);
        Integer version = variation.version();
        return new Slot(
            version == null ? 0 : version, role(version), experiment, variation.name(), unitId);
      }
    }
    return new Slot(champion, PredictionRole.CHAMPION, null, null, null);
  }

  private PredictionRole role(@Nullable Integer version) {
    return version == null
        ? PredictionRole.FALLBACK
        : version == champion ? PredictionRole.CHAMPION : PredictionRole.CHALLENGER;
  }

  /** Whether units are on trial. */
  public boolean isTrial() {
    return challenger != null || coverage > 0;
  }

  /**
   * What units on trial are served where no file of an experiment says it; nothing where nothing is
   * on trial.
   *
   * @param weights of the champion's and the challenger's variation
   */
  public List<Variation> variations(List<Double> weights) {
    return challenger == null
        ? List.of()
        : List.of(
            new Variation(VARIATIONS.get(0), champion, weights.get(0)),
            new Variation(VARIATIONS.get(1), challenger, weights.get(1)));
  }

  /** What is wrong with a rollout as it was published, in words, or nothing. */
  public static Optional<String> fault(ModelRollout rollout) {
    String wrong = null;
    Integer challenger = rollout.getChallenger();
    if (rollout.getModel().isEmpty() || rollout.getRolloutId().isEmpty()) {
      wrong = "model and rollout_id must not be empty";
    } else if (rollout.getChampion() < 1 || (challenger != null && challenger < 1)) {
      wrong =
          "champion %d, challenger %s: versions begin at 1"
              .formatted(rollout.getChampion(), challenger);
    } else if (!(rollout.getCoverage() >= 0 && rollout.getCoverage() <= 1)) {
      wrong = "coverage %s is outside of 0 to 1".formatted(rollout.getCoverage());
    } else if (challenger == null && rollout.getCoverage() > 0 && rollout.getExperiment() == null) {
      wrong = "coverage %s without a challenger".formatted(rollout.getCoverage());
    } else if (Objects.equals(challenger, rollout.getChampion())) {
      wrong = "champion and challenger are both version %d".formatted(challenger);
    } else if (IntStream.range(0, rollout.getShadows().size())
        .anyMatch(i -> rollout.getShadows().get(i) < 1)) {
      wrong = "shadows %s: versions begin at 1".formatted(rollout.getShadows());
    } else if (rollout.getShadows().stream().distinct().count() < rollout.getShadows().size()) {
      wrong = "shadows %s: name each version once".formatted(rollout.getShadows());
    } else if (switch (rollout.getStage()) {
      case PREPARE -> rollout.getEffectiveAt() != null;
      case ACTIVATE -> rollout.getEffectiveAt() == null;
    }) {
      wrong =
          "effective_at %s in stage %s: ACTIVATE has one, PREPARE has none"
              .formatted(rollout.getEffectiveAt(), rollout.getStage());
    }
    return Optional.ofNullable(wrong);
  }
}
