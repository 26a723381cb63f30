package io.crewcast.scoring.operator;

import static io.crewcast.scoring.operator.RolloutHarness.at;
import static io.crewcast.scoring.operator.RolloutHarness.rollout;
import static io.crewcast.scoring.operator.ScoringHarness.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.scoring.experiment.ExperimentSpec;
import io.crewcast.scoring.fixture.HeldRollouts;
import io.crewcast.scoring.fixture.PublishedModels;
import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.serving.LoadedModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link ScoreEvents} as the files of experiments say who serves a unit. */
@SuppressWarnings("NullAway.Init")
final class ServedExperimentTest {

  @TempDir private Path directory;
  private RolloutHarness scorer;

  @BeforeEach
  void opens() throws Exception {
    scorer = new RolloutHarness(directory);
  }

  @AfterEach
  void closes() throws Exception {
    scorer.close();
  }

  @Test
  void servesEachUnitWhatTheFileOfTheExperimentSaysAndKeepsItWhileCoverageGrows() throws Exception {
    scorer.run(experiment("{old: 1, new: 2, newest: 3, none: fallback}"));
    scorer.activate(trial("small", 0.3), T0);
    scorer.activate(trial("large", 1), at(500));
    for (int unit = 0; unit < 60; unit++) {
      scorer.start("small" + unit, "p" + unit, at(100));
      scorer.start("large" + unit, "p" + unit, at(600));
    }
    List<Prediction> all = scorer.predictions();
    Map<String, Integer> served = new HashMap<>();
    for (int unit = 0; unit < 60; unit++) {
      Prediction small = all.get(2 * unit);
      Prediction large = all.get(2 * unit + 1);
      if (small.getVariation() != null) {
        assertThat(large.getVariation()).isEqualTo(small.getVariation());
        assertThat(small.getUnitId()).isEqualTo("acme:p" + unit);
      } else {
        assertThat(small.getModelVersion()).isEqualTo(1);
        assertThat(small.getExperiment()).isNull();
      }
      assertThat(large.getExperiment()).isEqualTo("trial");
      served.put(large.getVariation(), large.getModelVersion());
      if (large.getVariation().equals("none")) {
        assertThat(large.getRole()).isEqualTo(PredictionRole.FALLBACK);
        assertThat(large.getOutputs()).containsEntry("score", 0.4);
      }
    }
    assertThat(served).isEqualTo(Map.of("old", 1, "new", 2, "newest", 3, "none", 0));
    assertThat(all).extracting(Prediction::getVariation).containsNull();
  }

  @Test
  void loadsAllThatAnExperimentServesWhenItIsPrepared() throws Exception {
    scorer.run(experiment("{old: 1, new: 2, newest: 3}"));
    PublishedModels.corrupt(scorer.models(), scorer.model(), 3);
    scorer.activate(rollout(1).build(), T0);
    HeldRollouts.hand(trial("trial", 1), T0);
    try (var prepared =
        LoadedModels.lease(new ModelDirectory(scorer.models()), scorer.model(), 3)) {
      assertThatThrownBy(() -> prepared.await(Duration.ofMinutes(1)))
          .isInstanceOf(InvalidModelException.class);
    }
    PublishedModels.corrupt(scorer.models(), scorer.model(), 3);
    scorer.activate(trial("trial", 1), at(10));
    scorer.start("a", at(20));
    assertThat(scorer.predictions()).extracting(Prediction::getExperiment).containsOnlyNulls();
  }

  @Test
  void goesOnAsBeforeAndSaysWhyWhereARolloutDoesNotFitItsExperiment() throws Exception {
    scorer.run(experiment("{old: 1, new: 3}"));
    scorer.activate(rollout(1).build(), T0);
    scorer.activate(trial("unfit", 1), at(10));
    scorer.start("a", at(20));
    assertThat(scorer.predictions()).extracting(Prediction::getVariation).containsOnlyNulls();
    assertThat(scorer.predictions()).extracting(Prediction::getModelVersion).containsExactly(1);
    scorer.clock(at(40));
    assertThat(scorer.alerts())
        .singleElement()
        .satisfies(
            alert ->
                assertThat(alert.getMessage())
                    .contains(
                        "experiment trial serves old: 1, new: 3; no variation serves it, though it"
                            + " is the challenger"));
  }

  private ExperimentSpec experiment(String variations) throws Exception {
    Path file = directory.resolve("trial.yaml");
    Files.writeString(
        file,
        """
        experiment: trial
        about: Whether it helps
        model: overrun
        unit: project
        variations: %s
        start: 2024-03-01T00:00:00Z
        end: 2024-06-01T00:00:00Z
        planned_units: 400
        goals:
          overruns: {from: label, kind: ratio, per: count, window: 30d, good: decrease}
        """
            .formatted(variations));
    return ExperimentSpec.load(file, List.of(scorer.model()));
  }

  private static ModelRollout trial(String id, double coverage) {
    return rollout(1)
        .setRolloutId(id)
        .setChallenger(2)
        .setCoverage(coverage)
        .setExperiment("trial")
        .build();
  }
}
