package io.crewcast.scoring.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.ValueType;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.rollout.Lineup;
import io.crewcast.scoring.rollout.Lineup.Slot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AssignmentTest {

  private static final int UNITS = 20_000;
  private static final String MODEL =
      """
      model: overrun
      about: Probability of an overrun
      scores: task
      trigger: {from: task, when: status == "STARTED", once_per: task_id}
      label: {positive: task.logged_minutes > 10.0, negative: task.logged_minutes < 0.0, within: 90d}
      inputs: {task: [logged_minutes]}
      train: {objective: "binary:logistic", split: {train: 70%, validate: 15%, test: 15%}}
      serve: {fallback: [0.28]}
      rollout: {unit: worker}
      """;
  private static final String TRIAL =
      """
      experiment: trial
      about: Whether it helps
      model: overrun
      unit: project
      variations: {old: 4, new: 5, newest: 6, none: fallback}
      weights: {old: 40%, new: 30%, newest: 20%, none: 10%}
      start: 2026-01-05T00:00:00Z
      end: 2026-02-05T00:00:00Z
      planned_units: 400
      goals:
        overruns: {from: label, kind: ratio, per: count, window: 30d, good: decrease}
      """;

  @TempDir private Path directory;
  private ModelSpec model;
  private List<ExperimentSpec> experiments;

  @BeforeEach
  void defines() throws IOException {
    Path file = Files.writeString(directory.resolve("overrun.yaml"), MODEL);
    var column = new FeatureSchema.Column("logged_minutes", ValueType.LONG, "Logged");
    model =
        ModelSpec.load(
            file,
            Map.of(EntityType.TASK, new FeatureSchema(EntityType.TASK, "A task", List.of(column))));
    Path trial = Files.writeString(directory.resolve("trial.yaml"), TRIAL);
    experiments = List.of(ExperimentSpec.load(trial, List.of(model)));
  }

  private Assignment assignment(
      int champion, @Nullable Integer challenger, double coverage, @Nullable String experiment) {
    return Assignment.of(
        new Lineup(
            "r",
            Instant.EPOCH,
            champion,
            challenger,
            coverage,
            List.of(),
            experiment == null ? "overrun:" + challenger : experiment),
        model,
        experiments);
  }

  private Assignment trial(double coverage) {
    return assignment(4, 5, coverage, "trial");
  }

  @Test
  void neverMovesAUnitThatIsInWhileCoverageGrowsOverAllVariationsOfTheFile() {
    Map<String, Slot> in = new HashMap<>();
    for (double coverage : new double[] {0.01, 0.05, 0.1, 0.25, 0.5, 1}) {
      Assignment assignment = trial(coverage);
      in.forEach((unit, slot) -> assertThat(assignment.slot(unit)).isEqualTo(slot));
      for (int i = 0; i < UNITS; i++) {
        Slot slot = assignment.slot("acme:p" + i);
        if (slot.variation() != null) {
          in.put("acme:p" + i, slot);
        } else {
          assertThat(slot).isEqualTo(new Slot(4, PredictionRole.CHAMPION, null, null, null));
        }
      }
      assertThat(in.size() / (double) UNITS).isCloseTo(coverage, within(0.012));
    }
    assertThat(in).hasSize(UNITS);
  }

  @Test
  void splitsByTheWeightsOfTheFileAtAnyCoverage() {
    for (double coverage : new double[] {0.2, 1}) {
      Map<String, Integer> served = new HashMap<>();
      for (int i = 0; i < UNITS; i++) {
        served.merge(
            String.valueOf(trial(coverage).slot("acme:p" + i).variation()), 1, Integer::sum);
      }
      for (var weight : Map.of("old", 0.4, "new", 0.3, "newest", 0.2, "none", 0.1).entrySet()) {
        assertThat(served.get(weight.getKey()) / (double) UNITS / coverage)
            .as("%s at %s", weight.getKey(), coverage)
            .isCloseTo(weight.getValue(), within(0.03));
      }
    }
  }

  @Test
  void servesAVariationWhatTheFileSays() {
    Map<String, Slot> one = new HashMap<>();
    for (int i = 0; i < 100; i++) {
      Slot slot = trial(1).slot("acme:p" + i);
      one.put(slot.variation(), slot);
      assertThat(slot.experiment()).isEqualTo("trial");
      assertThat(slot.unitId()).isEqualTo("acme:p" + i);
    }
    assertThat(one.get("old").version()).isEqualTo(4);
    assertThat(one.get("old").role()).isEqualTo(PredictionRole.CHAMPION);
    assertThat(one.get("newest").version()).isEqualTo(6);
    assertThat(one.get("newest").role()).isEqualTo(PredictionRole.CHALLENGER);
    assertThat(one.get("none").version()).isZero();
    assertThat(one.get("none").role()).isEqualTo(PredictionRole.FALLBACK);
    assertThat(trial(1).units().unit()).isEqualTo(EntityType.PROJECT);
    assertThat(trial(1).versions()).containsExactly(4, 5, 6);
  }

  @Test
  void goesByTheModelsOwnFileWhereTheRolloutNamesNoExperimentOfIt() {
    for (String named : new String[] {null, "another"}) {
      Assignment own = assignment(4, 5, 1, named);
      assertThat(own.units().unit()).isEqualTo(EntityType.WORKER);
      assertThat(own.slot("acme:w1").variation()).isIn("champion", "challenger");
      assertThat(own.versions()).containsExactly(4, 5);
      assertThat(own.unfit(4)).isEmpty();
    }
    assertThat(assignment(4, null, 0, "trial").slot("acme:p1").variation()).isNull();
  }

  @Test
  void saysInALineWhyAVersionHasNoPlaceInTheExperiment() {
    String file = "experiment trial serves old: 4, new: 5, newest: 6, none: fallback; ";
    assertThat(trial(1).unfit(4)).isEmpty();
    assertThat(trial(1).unfit(5)).isEmpty();
    assertThat(trial(1).unfit(6)).isEmpty();
    assertThat(assignment(3, 5, 1, "trial").unfit(3))
        .contains(file + "no variation serves it, though it is the champion");
    assertThat(assignment(5, 4, 1, "trial").unfit(5))
        .contains(file + "its control is version 4, and that must be the champion");
    assertThat(assignment(4, 7, 1, "trial").unfit(7))
        .contains(file + "no variation serves it, though it is the challenger");
    assertThat(assignment(4, null, 1, "trial").unfit(6))
        .contains(
            file + "a variation serves it: name it, or another that is tried, as the challenger");
    assertThat(assignment(4, null, 1, "another").unfit(4))
        .isEqualTo(
            Optional.of(
                "experiment another has no file of this model, and no challenger is named: name"
                    + " one"));
  }
}
