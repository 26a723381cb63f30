package io.crewcast.scoring.trial;

import static io.crewcast.scoring.trial.Trials.RUNNING;
import static io.crewcast.scoring.trial.Trials.at;
import static io.crewcast.scoring.trial.Trials.event;
import static io.crewcast.scoring.trial.Trials.millis;
import static io.crewcast.scoring.trial.Trials.outcome;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.crewcast.schemas.stream.TrialEvent;
import io.crewcast.schemas.stream.TrialStep;
import io.crewcast.schemas.stream.UnitOutcome;
import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.co.KeyedCoProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class CloseUnitsTest {

  private KeyedTwoInputStreamOperatorTestHarness<String, TrialEvent, UnitOutcome, TrialEvent>
      harness;

  @BeforeEach
  void open() throws Exception {
    harness = harness();
    harness.open();
  }

  private static KeyedTwoInputStreamOperatorTestHarness<String, TrialEvent, UnitOutcome, TrialEvent>
      harness() throws Exception {
    return harness(RUNNING);
  }

  private static KeyedTwoInputStreamOperatorTestHarness<String, TrialEvent, UnitOutcome, TrialEvent>
      harness(RunningExperiments experiments) throws Exception {
    return new KeyedTwoInputStreamOperatorTestHarness<>(
        new KeyedCoProcessOperator<>(new CloseUnits(experiments, null)),
        CloseUnits.EVENT_KEY,
        CloseUnits.OUTCOME_KEY,
        Types.STRING);
  }

  @AfterEach
  void close() throws Exception {
    harness.close();
  }

  private void happens(TrialEvent event) throws Exception {
    harness.processElement1(new StreamRecord<>(event));
  }

  private void known(UnitOutcome... outcomes) throws Exception {
    for (UnitOutcome outcome : outcomes) {
      harness.processElement2(new StreamRecord<>(outcome));
    }
  }

  private void time(double hours) throws Exception {
    harness.processBothWatermarks(new Watermark(millis(hours) + 1));
  }

  private static TrialEvent closed(String unit, String metric, double hours, Double... values) {
    return new TrialEvent(
        "trial", "champion", "acme:" + unit, at(hours), TrialStep.CLOSED, metric, List.of(values));
  }

  @Test
  void countsAUnitOnceWhenItsTimeIsOverAndOnlyWhatBecameKnownInIt() throws Exception {
    known(
        outcome("hours", 100, "one", 0.999, "before"),
        outcome("hours", 1, "one", 1, "first"),
        outcome("label", 1, "one", 2, "p1"));
    happens(event(TrialStep.EXPOSED, "one", "champion", 1));
    known(
        outcome("hours", 2, "one", 24.999, "last"),
        outcome("hours", 2, "one", 24.999, "last"), // a repeat
        outcome("hours", 200, "one", 25, "after"),
        outcome("label", 0, "one", 48, "p2"),
        outcome("label", 0, "one", 49, "p3"));
    time(24.9);
    assertThat(harness.extractOutputValues()).isEmpty();
    time(25);
    time(60);

    assertThat(harness.extractOutputValues())
        .containsExactly(
            closed("one", "hours", 25, 3.0, 1.0, 0.25, 1.0),
            closed("one", "overruns", 49, 1.0, 2.0, 0.25, 1.0));
  }

  @Test
  void countsAUnitOfWhichNothingBecameKnownAsNothing() throws Exception {
    happens(event(TrialStep.EXPOSED, "one", "champion", 1));
    time(60);

    assertThat(harness.extractOutputValues())
        .containsExactly(
            closed("one", "hours", 25, 0.0, 1.0, 0.25, 1.0),
            closed("one", "overruns", 49, 0.0, 0.0, 0.25, 1.0));
  }

  @Test
  void leavesAUnitOutOfWhatWasNotCompleteWhenItWasServedAnotherVariation() throws Exception {
    happens(event(TrialStep.EXPOSED, "one", "champion", 1));
    happens(event(TrialStep.CROSSED, "one", "champion", 30)); // time may have leapt
    time(60);

    assertThat(harness.extractOutputValues())
        .extracting(TrialEvent::getStep, TrialEvent::getMetric)
        .containsExactly(tuple(TrialStep.CLOSED, "hours"), tuple(TrialStep.EXCLUDED, "overruns"));
  }

  @Test
  void letsTheLaterOfTwoLabelsStand() throws Exception {
    happens(event(TrialStep.EXPOSED, "one", "champion", 1));
    known(
        outcome("label", 0, "one", 3, "p1"),
        outcome("label", 1, "one", 2, "p1"),
        outcome("label", 1, "one", 2, "p2"),
        outcome("label", 0, "one", 3, "p2"));
    time(60);

    assertThat(harness.extractOutputValues().get(1).getValues())
        .containsExactly(0.0, 2.0, 0.25, 1.0);
  }

  @Test
  void countsALabelAsItWasInTheWindowThoughItIsCorrectedAfter() throws Exception {
    happens(event(TrialStep.EXPOSED, "one", "champion", 1));
    known(outcome("label", 1, "one", 48, "p1"), outcome("label", 0, "one", 50, "p1"));
    time(60);

    assertThat(harness.extractOutputValues().get(1).getValues())
        .containsExactly(1.0, 1.0, 0.25, 1.0);
  }

  @Test
  void observesUnitsForAsLongAsTheFileSaysNow() throws Exception {
    happens(event(TrialStep.EXPOSED, "one", "champion", 1));
    time(26); // the day of one metric is over
    OperatorSubtaskState snapshot = harness.snapshot(1, 1);
    harness.close();

    harness = harness(Trials.lasting(Duration.ofDays(3)));
    harness.initializeState(snapshot);
    harness.open();
    known(outcome("label", 1, "one", 60, "p1"));
    time(72);
    assertThat(harness.extractOutputValues()).isEmpty();
    time(73);
    assertThat(harness.extractOutputValues())
        .containsExactly(closed("one", "overruns", 73, 1.0, 1.0, 0.25, 1.0));
    assertThat(harness.numKeyedStateEntries()).isZero();
  }

  @Test
  void forgetsAUnitThatIsCompleteAndWhatIsKnownOfUnitsThatAreNotExposed() throws Exception {
    known(outcome("hours", 1, "nobody", 1, "o"));
    happens(event(TrialStep.EXPOSED, "one", "champion", 1));
    known(outcome("hours", 1, "one", 2, "o"));
    time(60);
    assertThat(harness.numKeyedStateEntries()).isZero();
    assertThat(harness.numEventTimeTimers()).isZero();

    known(outcome("hours", 1, "one", 59, "late"), outcome("hours", 1, "one", 61, "after"));
    happens(event(TrialStep.CROSSED, "one", "champion", 59));
    time(62);
    assertThat(harness.numKeyedStateEntries()).isZero();
    assertThat(harness.extractOutputValues()).hasSize(2);
  }

  @Test
  void goesOnFromASnapshot() throws Exception {
    happens(event(TrialStep.EXPOSED, "one", "champion", 1));
    known(outcome("hours", 1, "one", 2, "o1"), outcome("label", 1, "one", 2, "p1"));
    time(10);
    OperatorSubtaskState snapshot = harness.snapshot(1, 1);
    harness.close();

    harness = harness();
    harness.initializeState(snapshot);
    harness.open();
    known(outcome("hours", 2, "one", 12, "o2"), outcome("hours", 1, "one", 2, "o1"));
    time(60);

    assertThat(harness.extractOutputValues())
        .containsExactly(
            closed("one", "hours", 25, 3.0, 1.0, 0.25, 1.0),
            closed("one", "overruns", 49, 1.0, 1.0, 0.25, 1.0));
  }

  @Test
  void closesNothingAtTheEndOfAnInput() throws Exception {
    happens(event(TrialStep.EXPOSED, "one", "champion", 1));
    harness.processBothWatermarks(Watermark.MAX_WATERMARK);

    assertThat(harness.extractOutputValues()).isEmpty();
  }
}
