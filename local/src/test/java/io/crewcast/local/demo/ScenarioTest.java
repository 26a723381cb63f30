package io.crewcast.local.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crewcast.local.simulation.Simulation;
import io.crewcast.local.simulation.SimulationOptions;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.ModelLineup;
import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.RolloutStage;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.TimeEntry;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.serde.Feed.Published;
import io.crewcast.scoring.rollout.Bucketing;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ScenarioTest {

  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final ToldAlert HARM =
      alert(
          "newer_warnings: overridden of challenger is worse than control by more than the margin."
              + " Version 1 of task_overrun serves all again (stop-1)");
  private static final ToldAlert SPLIT =
      alert(
          "newer_warnings: sample ratio mismatch (p 0.0009). Version 1 of task_overrun serves all"
              + " again (stop-1)");

  private static ToldAlert alert(String message) {
    return new ToldAlert(NOW, message);
  }

  private static Published<ModelRollout> rollout(RolloutStage stage, String replaced) {
    return new Published<>(
        ModelRollout.newBuilder()
            .setModel("task_overrun")
            .setRolloutId("stop-1")
            .setStage(stage)
            .setChampion(1)
            .setPublishedAt(NOW)
            .setEffectiveAt(stage == RolloutStage.ACTIVATE ? NOW : null)
            .setReplaces(new ModelLineup(replaced, NOW, 1, 2, 1.0, List.of(), "newer_warnings"))
            .build(),
        NOW);
  }

  private static Prediction answer(PredictionRole role, int version, Instant at) {
    return Prediction.newBuilder()
        .setPredictionId("p")
        .setCompanyId("acme")
        .setEntity("task")
        .setEntityId("task-1")
        .setEventId("e")
        .setTrigger("task")
        .setModel("task_overrun")
        .setModelVersion(version)
        .setRole(role)
        .setOutputs(Map.of())
        .setInputs(List.of())
        .setAsOf(at)
        .setScoredAt(at)
        .build();
  }

  private static Aftermath after(List<Prediction> predictions) {
    Rollback rollback =
        Rollback.of("trial", List.of(rollout(RolloutStage.ACTIVATE, "trial"))).orElseThrow();
    return Aftermath.of(rollback, predictions);
  }

  private static Aftermath kept() {
    return after(
        List.of(
            answer(PredictionRole.CHALLENGER, 2, NOW),
            answer(PredictionRole.CHAMPION, 1, NOW.plusSeconds(1))));
  }

  @Test
  void isAsItShouldBeWhenItsOneAlertCameAndOnlyTheChampionAnsweredAfterwards() {
    assertThat(Scenario.BAD_CHALLENGER.faults(List.of(HARM), kept())).isEmpty();
    assertThat(Scenario.SRM.faults(List.of(SPLIT), kept())).isEmpty();
    assertThat(kept().inWords().get(2)).contains("1 answers of version 1", "0 of others");
  }

  @Test
  void refusesAnotherAlertNoneAndOneMore() {
    List<ToldAlert> both = List.of(HARM, alert("auc is 0.4"));
    for (List<ToldAlert> told : List.of(both, List.<ToldAlert>of(), List.of(SPLIT))) {
      assertThat(Scenario.BAD_CHALLENGER.faults(told, kept()))
          .containsExactly("not its one alert came");
    }
    assertThat(Scenario.SRM.faults(List.of(HARM), kept())).isNotEmpty();
    assertThat(Scenario.DRIFT.faults(both, null)).containsExactly("not its one alert came");
  }

  @Test
  void refusesAMissingRollback() {
    assertThat(Scenario.BAD_CHALLENGER.faults(List.of(HARM), Aftermath.of(null, List.of())))
        .containsExactly("no rollback is on model-rollouts");
    assertThat(Scenario.BAD_CHALLENGER.faults(List.of(HARM), null)).hasSize(1);
  }

  @Test
  void knowsARollbackByItsActivationAndByWhatItReplaces() {
    assertThat(Rollback.of("trial", List.of(rollout(RolloutStage.PREPARE, "trial")))).isEmpty();
    assertThat(Rollback.of("trial", List.of(rollout(RolloutStage.ACTIVATE, "other")))).isEmpty();
    assertThat(Rollback.of("trial", List.of(rollout(RolloutStage.ACTIVATE, "trial"))))
        .hasValueSatisfying(
            rollback ->
                assertThat(rollback.effectiveAt())
                    .as("the notice that an activation needs")
                    .isEqualTo(NOW.plusSeconds(1)));
  }

  @Test
  void refusesAnswersOfAnybodyButTheChampionAfterTheRollback() {
    Instant then = NOW.plusSeconds(1);
    for (Prediction other :
        List.of(
            answer(PredictionRole.CHALLENGER, 2, then),
            answer(PredictionRole.FALLBACK, 1, then),
            answer(PredictionRole.CHAMPION, 2, then))) {
      Aftermath after = after(List.of(other, answer(PredictionRole.CHAMPION, 1, then)));
      assertThat(Scenario.BAD_CHALLENGER.faults(List.of(HARM), after))
          .containsExactly("1 answers after the rollback are not the champion's");
    }
  }

  @Test
  void refusesSilenceAfterTheRollback() {
    Aftermath after = after(List.of(answer(PredictionRole.CHAMPION, 1, NOW)));
    assertThat(Scenario.BAD_CHALLENGER.faults(List.of(HARM), after))
        .containsExactly("nobody was answered after the rollback");
  }

  @Test
  void losesTasksOfTheChallengerWithAllThatHappensToThem() {
    List<WorkEvent> all = Simulation.run(SimulationOptions.of(1, 20_000)).events();
    List<WorkEvent> left = Scenario.SRM.happenTo(all);

    Set<String> tasks = tasks(left);
    long challenged =
        tasks.stream().filter(task -> Bucketing.place(TrialFile.NAME, task) >= 0.5).count();
    assertThat((double) challenged / tasks.size()).isCloseTo(0.45, within(0.02));
    assertThat(tasks).hasSizeLessThan(tasks(all).size());
    assertThat(
            left.stream()
                .filter(event -> event.getPayload() instanceof TimeEntry e && e.getTaskId() != null)
                .map(event -> key(event, ((TimeEntry) event.getPayload()).getTaskId())))
        .isSubsetOf(tasks);
  }

  private static Set<String> tasks(List<WorkEvent> events) {
    return events.stream()
        .filter(event -> event.getPayload() instanceof Task)
        .map(event -> key(event, ((Task) event.getPayload()).getTaskId()))
        .collect(Collectors.toSet());
  }

  private static String key(WorkEvent event, String task) {
    return FeatureSchema.key(event.getCompanyId(), task);
  }
}
