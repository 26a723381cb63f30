package io.crewcast.scoring.trial;

import static io.crewcast.scoring.trial.Trials.at;
import static io.crewcast.scoring.trial.Trials.millis;
import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.Alert;
import io.crewcast.schemas.AlertSeverity;
import io.crewcast.schemas.ExperimentMetrics;
import io.crewcast.schemas.ExperimentState;
import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.RolloutStage;
import io.crewcast.scoring.experiment.ExperimentSpec;
import io.crewcast.scoring.experiment.Ramp;
import io.crewcast.scoring.fixture.HeldRollouts;
import io.crewcast.scoring.rollout.Lineup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Experiments are led by what is seen of them and by what serves. */
@SuppressWarnings("NullAway.Init")
final class SteerExperimentsTest {

  private static final List<Double> STEPS = List.of(0.01, 0.05, 0.1, 1.0);
  private static final Duration HOLD = Duration.ofHours(6);

  private KeyedOneInputStreamOperatorTestHarness<String, ExperimentMetrics, ModelRollout> harness;

  @BeforeEach
  void opens() throws Exception {
    HeldRollouts.clear();
    rolledOut("first", 0.01, 0);
    harness = harness(true, null);
  }

  @AfterEach
  void closes() throws Exception {
    harness.close();
  }

  @Test
  void climbsTheRampAndTellsEachStepOnce() throws Exception {
    for (int hour = 1; hour < 60; hour++) {
      look(hour, ExperimentState.RUNNING);
    }
    assertThat(activations()).extracting(ModelRollout::getCoverage).containsExactly(0.05, 0.1, 1.0);
    assertThat(alerts()).extracting(Alert::getAsOf).containsExactly(at(6), at(12), at(18));
    assertThat(alerts()).extracting(Alert::getValue).containsExactly(0.05, 0.1, 1.0);
    assertThat(alerts()).extracting(Alert::getSeverity).containsOnly(AlertSeverity.INFO);
    assertThat(alerts().get(0).getMessage())
        .startsWith("trial: 1% of the units for 6 h, and no harm is shown. 5% are on trial");
  }

  @Test
  void publishesBothPhasesOfWhatScorersFollow() throws Exception {
    for (int hour = 1; hour <= 6; hour++) {
      look(hour, ExperimentState.RUNNING);
    }
    List<ModelRollout> phases = harness.extractOutputValues();
    assertThat(phases)
        .extracting(ModelRollout::getStage)
        .containsExactly(RolloutStage.PREPARE, RolloutStage.ACTIVATE);
    assertThat(phases)
        .extracting(ModelRollout::getRolloutId)
        .containsOnly(phases.get(0).getRolloutId());
    ModelRollout activated = phases.get(1);
    assertThat(phases).allMatch(rollout -> Lineup.fault(rollout).isEmpty());
    assertThat(activated.getChampion()).isEqualTo(1);
    assertThat(activated.getChallenger()).isEqualTo(2);
    assertThat(activated.getExperiment()).isEqualTo("trial");
    assertThat(activated.getReplaces().getRolloutId()).isEqualTo("first");
    assertThat(activated.getEffectiveAt()).isAfter(activated.getPublishedAt().plusSeconds(1));
    assertThat(activated.getReason()).startsWith("experiment.trial: 1% of the units for 6 h");
  }

  @Test
  void growsWhenAHoldIsOverThoughNobodyLooksThen() throws Exception {
    look(1, ExperimentState.RUNNING);
    harness.processWatermark(millis(5.9));
    assertThat(activations()).isEmpty();
    harness.processWatermark(millis(6));
    assertThat(activations()).hasSize(1);
  }

  @Test
  void hasTheChampionServeAllOnceHarmIsShown() throws Exception {
    look(1, ExperimentState.RUNNING);
    for (int hour = 2; hour < 40; hour++) {
      look(hour, ExperimentState.HARMED);
    }
    ModelRollout stopped = activations().get(0);
    assertThat(activations()).hasSize(1);
    assertThat(stopped.getChampion()).isEqualTo(1);
    assertThat(stopped.getChallenger()).isNull();
    assertThat(stopped.getCoverage()).isZero();
    assertThat(stopped.getExperiment()).isNull();
    assertThat(stopped.getReason()).contains("beyond 0.02", "80 units against 90");
    assertThat(alerts())
        .singleElement()
        .satisfies(
            alert -> {
              assertThat(alert.getSeverity()).isEqualTo(AlertSeverity.CRITICAL);
              assertThat(alert.getSubject()).isEqualTo("experiment.trial");
              assertThat(alert.getAsOf()).isEqualTo(at(2));
              assertThat(alert.getValue()).isEqualTo(0.031);
              assertThat(alert.getThreshold()).isEqualTo(0.02);
              assertThat(alert.getMessage())
                  .contains("Version 1 of overrun serves all again (stop-")
                  .doesNotContain("\n");
            });
  }

  @Test
  void waitsForAllRowsOfALookBeforeItGrows() throws Exception {
    look(1, ExperimentState.RUNNING);
    harness.processElement(row(6, "srm", ExperimentState.RUNNING), 0);
    harness.processElement(row(6, "complained", ExperimentState.HARMED), 0);
    harness.processWatermark(millis(6));
    assertThat(activations()).extracting(ModelRollout::getCoverage).containsExactly(0.0);
  }

  @Test
  void onlyAdvisesWhereTheFileSaysSo() throws Exception {
    reopen(false, null);
    for (int hour = 1; hour < 20; hour++) {
      look(hour, hour < 10 ? ExperimentState.RUNNING : ExperimentState.HARMED);
    }
    assertThat(harness.extractOutputValues()).isEmpty();
    assertThat(alerts()).hasSize(2);
    assertThat(alerts().get(0).getMessage())
        .endsWith(
            "Go on with ./crewcast models rollout overrun --champion 1 --challenger 2 --coverage"
                + " 5% --experiment trial");
    assertThat(alerts().get(1).getMessage())
        .endsWith("Stop it with ./crewcast models rollout overrun --champion 1");
  }

  @Test
  void leavesAloneWhatAPersonRolledOutMeanwhile() throws Exception {
    look(1, ExperimentState.RUNNING);
    HeldRollouts.holdBack(inEffect(rollout("person", null, 0), 1.5), at(1.5).minusSeconds(2));
    look(2, ExperimentState.HARMED);
    look(9, ExperimentState.HARMED);
    assertThat(harness.extractOutputValues()).isEmpty();
    assertThat(alerts()).isEmpty();
  }

  @Test
  void leavesAloneATrialOfAnotherExperiment() throws Exception {
    ModelRollout other = rollout("other", 2, 0.5);
    other.setExperiment("another");
    hand(other, 0.5);
    look(2, ExperimentState.HARMED);
    assertThat(harness.extractOutputValues()).isEmpty();
  }

  @Test
  void holdsAShareThatAPersonChoseFromWhenItIsInEffect() throws Exception {
    look(1, ExperimentState.RUNNING);
    rolledOut("person", 0.1, 4);
    for (int hour = 5; hour < 14; hour++) {
      look(hour, ExperimentState.RUNNING);
    }
    assertThat(activations()).extracting(ModelRollout::getCoverage).containsExactly(1.0);
    assertThat(alerts()).extracting(Alert::getAsOf).containsExactly(at(10));
  }

  @Test
  void doesNothingTwiceOverARestart() throws Exception {
    look(1, ExperimentState.RUNNING);
    OperatorSubtaskState before = harness.snapshot(1, 1);
    look(2, ExperimentState.HARMED);
    ModelRollout stopped = activations().get(0);
    Alert told = alerts().get(0);
    OperatorSubtaskState after = harness.snapshot(2, 2);

    reopen(true, after);
    look(3, ExperimentState.HARMED);
    assertThat(harness.extractOutputValues()).as("after it was done").isEmpty();
    assertThat(alerts()).isEmpty();

    reopen(true, before);
    look(2, ExperimentState.HARMED);
    assertThat(activations())
        .as("where the topic has not got it")
        .extracting(ModelRollout::getRolloutId)
        .containsExactly(stopped.getRolloutId());
    assertThat(alerts().get(0)).isEqualTo(told);

    hand(stopped, 2.5);
    reopen(true, before);
    look(2, ExperimentState.HARMED);
    look(3, ExperimentState.HARMED);
    assertThat(harness.extractOutputValues()).as("where the topic has it").isEmpty();
    assertThat(alerts()).as("and it may not have been told").containsExactly(told);
  }

  @Test
  void climbsOnOverARestartAtEveryHour() throws Exception {
    List<ModelRollout> all = new ArrayList<>();
    List<Alert> told = new ArrayList<>();
    for (int hour = 1; hour < 30; hour++) {
      look(hour, ExperimentState.RUNNING);
      all.addAll(activations());
      told.addAll(alerts());
      reopen(true, harness.snapshot(hour, hour));
    }
    assertThat(all).extracting(ModelRollout::getCoverage).containsExactly(0.05, 0.1, 1.0);
    assertThat(told).extracting(Alert::getAsOf).containsExactly(at(6), at(12), at(18));
  }

  @Test
  void actsLaterWhereWhatServesCannotBeReadNow() throws Exception {
    HeldRollouts.readable(false);
    look(2, ExperimentState.HARMED);
    assertThat(harness.extractOutputValues()).isEmpty();
    assertThat(alerts()).isEmpty();
    HeldRollouts.readable(true);
    harness.processWatermark(millis(2) + 60_000);
    assertThat(activations()).hasSize(1);
  }

  @Test
  void forgetsAnExperimentADayAfterItsLastUnitIsComplete() throws Exception {
    look(2, ExperimentState.HARMED);
    assertThat(harness.numKeyedStateEntries()).isPositive();
    harness.processWatermark(Trials.SPEC.closes().plus(Duration.ofDays(1)).toEpochMilli());
    assertThat(harness.numKeyedStateEntries()).isZero();
    assertThat(harness.numEventTimeTimers()).isZero();
  }

  private void look(double hour, ExperimentState state) throws Exception {
    harness.processElement(row(hour, "srm", ExperimentState.RUNNING), 0);
    harness.processElement(row(hour, "complained", state), 0);
    harness.processWatermark(millis(hour));
  }

  private static ExperimentMetrics row(double hour, String metric, ExperimentState state) {
    return ExperimentMetrics.newBuilder()
        .setExperiment("trial")
        .setCompanyId("*")
        .setMetric(metric)
        .setVariation("challenger")
        .setUnits(80)
        .setControlUnits(90)
        .setMargin(0.02)
        .setLower(state == ExperimentState.HARMED ? 0.031 : null)
        .setMethod("")
        .setState(state)
        .setAsOf(at(hour))
        .build();
  }

  private static ModelRollout rollout(String id, @Nullable Integer challenger, double coverage) {
    return ModelRollout.newBuilder()
        .setModel("overrun")
        .setRolloutId(id)
        .setStage(RolloutStage.ACTIVATE)
        .setChampion(1)
        .setChallenger(challenger)
        .setCoverage(coverage)
        .setExperiment(challenger == null ? null : "trial")
        .setPublishedAt(at(0))
        .setEffectiveAt(at(0))
        .build();
  }

  private static void hand(ModelRollout rollout, double hour) {
    HeldRollouts.hand(inEffect(rollout, hour), at(hour).minusSeconds(2));
  }

  private static ModelRollout inEffect(ModelRollout rollout, double hour) {
    ModelRollout taken = ModelRollout.newBuilder(rollout).build();
    taken.setEffectiveAt(at(hour));
    return taken;
  }

  private static void rolledOut(String id, double coverage, double hour) {
    hand(rollout(id, 2, coverage), hour);
  }

  private List<ModelRollout> activations() {
    return harness.extractOutputValues().stream()
        .filter(rollout -> rollout.getStage() == RolloutStage.ACTIVATE)
        .toList();
  }

  private List<Alert> alerts() {
    var side = harness.getSideOutput(SteerExperiments.ALERTS);
    return side == null ? List.of() : side.stream().map(StreamRecord::getValue).toList();
  }

  private void reopen(boolean isAutomatic, @Nullable OperatorSubtaskState state) throws Exception {
    harness.close();
    harness = harness(isAutomatic, state);
  }

  /** By a clock that goes with event time. */
  private static KeyedOneInputStreamOperatorTestHarness<String, ExperimentMetrics, ModelRollout>
      harness(boolean isAutomatic, @Nullable OperatorSubtaskState state) throws Exception {
    ExperimentSpec spec = Trials.spec(100, new Ramp(STEPS, HOLD, isAutomatic));
    var created =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedProcessOperator<>(
                new SteerExperiments(
                    new RunningExperiments(List.of(spec)), new HeldRollouts(), null)),
            SteerExperiments.KEY,
            Types.STRING);
    created.setProcessingTime(millis(2));
    if (state != null) {
      created.initializeState(state);
    }
    created.open();
    return created;
  }
}
