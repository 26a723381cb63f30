package io.crewcast.scoring.experiment;

import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.rollout.Lineup;
import io.crewcast.scoring.rollout.Variation;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whom a line-up serves what: as the file of the experiment says that it names or, where there is
 * no such file, the model's own. How many of the units are on trial is the line-up's to say, so
 * that a ramp never changes weights.
 *
 * @param units whom the trial is split by
 * @param experiment null where the model's own file says it
 */
public record Assignment(
    Lineup lineup,
    ModelSpec.Rollout units,
    List<Variation> variations,
    @Nullable ExperimentSpec experiment) {

  /**
   * What a line-up serves.
   *
   * @param experiments of which one may be named, and of the model
   */
  public static Assignment of(Lineup lineup, ModelSpec model, List<ExperimentSpec> experiments) {
    if (lineup.isTrial()) {
      for (ExperimentSpec experiment : experiments) {
        if (experiment.name().equals(lineup.experiment())
            && experiment.model().equals(model.name())) {
          return new Assignment(lineup, experiment.units(), experiment.variations(), experiment);
        }
      }
    }
    return new Assignment(
        lineup, model.rollout(), lineup.variations(model.rollout().weights()), null);
  }

  /**
   * Who answers a unit.
   *
   * @param unitId null where the event names none that is of the audience
   */
  public Lineup.Slot slot(@Nullable String unitId) {
    return lineup.slot(unitId, variations);
  }

  /** All versions that it takes to answer, the champion first. */
  public List<Integer> versions() {
    return Stream.concat(
            lineup.served().stream(),
            variations.stream().map(Variation::version).filter(Objects::nonNull))
        .distinct()
        .toList();
  }

  /** Why a version has no place in it, and what to do; nothing where it has one. */
  public Optional<String> unfit(int version) {
    if (experiment == null) {
      return lineup.isTrial() && lineup.challenger() == null && version == lineup.champion()
          ? Optional.of(
              "experiment %s has no file of this model, and no challenger is named: name one"
                  .formatted(lineup.experiment()))
          : Optional.empty();
    }
    List<Integer> tried =
        variations.stream().map(Variation::version).filter(Objects::nonNull).toList();
    Integer control = experiment.control().version();
    String wrong = null;
    if (version == lineup.champion() && !tried.contains(version)) {
      wrong = "no variation serves it, though it is the champion";
    } else if (version == lineup.champion() && control != null && control != version) {
      wrong = "its control is version %d, and that must be the champion".formatted(control);
    } else if (Objects.equals(version, lineup.challenger()) && !tried.contains(version)) {
      wrong = "no variation serves it, though it is the challenger";
    } else if (lineup.challenger() == null
        && tried.contains(version)
        && version != lineup.champion()) {
      wrong = "a variation serves it: name it, or another that is tried, as the challenger";
    }
    return Optional.ofNullable(wrong)
        .map(
            why ->
                "experiment %s serves %s; %s"
                    .formatted(experiment.name(), experiment.servedInWords(), why));
  }
}
