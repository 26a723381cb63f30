package io.crewcast.scoring.trial;

import static io.crewcast.scoring.trial.Trials.RUNNING;
import static io.crewcast.scoring.trial.Trials.at;
import static io.crewcast.scoring.trial.Trials.millis;
import static io.crewcast.scoring.trial.Trials.outcome;
import static io.crewcast.scoring.trial.Trials.prediction;
import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.DeadLetterReason;
import io.crewcast.schemas.LabelOutcome;
import io.crewcast.schemas.Observation;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.TrainingExample;
import io.crewcast.schemas.stream.Received;
import io.crewcast.schemas.stream.TrialRecord;
import io.crewcast.schemas.stream.UnitOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Records on their way to the unit that they are about. */
final class AttributeOutcomesTest {

  private OneInputStreamOperatorTestHarness<Received, TrialRecord> route;
  private KeyedOneInputStreamOperatorTestHarness<String, TrialRecord, UnitOutcome> harness;
  private int routed;

  @BeforeEach
  void open() throws Exception {
    open(RUNNING);
  }

  private void open(RunningExperiments experiments) throws Exception {
    route =
        new OneInputStreamOperatorTestHarness<>(
            new ProcessOperator<>(new RouteRecords(experiments)));
    route.open();
    routed = 0;
    harness = harness(experiments);
    harness.open();
  }

  private static KeyedOneInputStreamOperatorTestHarness<String, TrialRecord, UnitOutcome> harness()
      throws Exception {
    return harness(RUNNING);
  }

  private static KeyedOneInputStreamOperatorTestHarness<String, TrialRecord, UnitOutcome> harness(
      RunningExperiments experiments) throws Exception {
    return new KeyedOneInputStreamOperatorTestHarness<>(
        new KeyedProcessOperator<>(new AttributeOutcomes(experiments, null)),
        AttributeOutcomes.KEY,
        Types.STRING);
  }

  @AfterEach
  void close() throws Exception {
    route.close();
    harness.close();
  }

  private void see(Object... values) throws Exception {
    for (Object value : values) {
      route.processElement(new Received(value, null), 0);
      List<TrialRecord> all = route.extractOutputValues();
      for (TrialRecord record : all.subList(routed, all.size())) {
        harness.processElement(record, 0);
      }
      routed = all.size();
    }
  }

  private static TrainingExample label(String prediction, Double label, double hours) {
    TrainingExample example = new TrainingExample();
    example.setPredictionId(prediction);
    example.setCompanyId("acme");
    example.setModel("overrun");
    example.setEntity("task");
    example.setEntityId("t");
    example.setEventId("e");
    example.setAsOf(at(0));
    example.setInputs(List.of());
    example.setEntities(Map.of());
    example.setModelVersion(1);
    example.setOutcome(label == null ? LabelOutcome.CENSORED : LabelOutcome.LABELLED);
    example.setLabel(label);
    example.setLabelledAt(label == null ? null : at(hours));
    return example;
  }

  private static Observation observation(String prediction, String request, String unit) {
    return new Observation("acme", prediction, request, unit, "hours", 2.5, at(3));
  }

  private static String identity(String prediction, String request) {
    return String.join("\u0001", prediction, request, at(3).toString(), "2.5");
  }

  @Test
  void givesWhetherTheFallbackAnsweredAndHowLongThatTookToTheUnit() throws Exception {
    for (String name : List.of("fallback", "score_micros")) {
      close();
      open(Trials.observing(name));
      Prediction answered = prediction("p1", "one", "champion", 1);
      answered.setScoreMicros(250L);
      Prediction fellBack = prediction("p2", "two", "challenger", 2);
      fellBack.setRole(PredictionRole.FALLBACK);
      see(answered, fellBack, pretended(name));
      assertThat(harness.extractOutputValues())
          .isEqualTo(
              name.equals("fallback")
                  ? List.of(outcome(name, 0, "one", 1, "p1"), outcome(name, 1, "two", 2, "p2"))
                  : List.of(outcome(name, 250, "one", 1, "p1")));
    }
  }

  @Test
  void doesNotCallAUnitUnansweredThatIsToBeServedTheFallback() throws Exception {
    close();
    open(Trials.observingBesideTheFallback("fallback"));
    Prediction meant = prediction("p1", "one", "none", 1);
    meant.setRole(PredictionRole.FALLBACK);
    see(meant);
    assertThat(harness.extractOutputValues())
        .containsExactly(outcome("fallback", 0, "one", 1, "p1"));
  }

  /** Only what served says so. */
  private static Observation pretended(String name) {
    return new Observation("acme", "p1", null, null, name, 1.0, at(1));
  }

  @Test
  void givesALabelToTheUnitOfItsPredictionWhicheverComesFirst() throws Exception {
    see(
        prediction("p1", "one", "champion", 1),
        label("p1", 1.0, 2),
        label("p2", 0.0, 3),
        prediction("p2", "two", "champion", 1),
        label("p3", null, 2),
        prediction("p3", "one", "champion", 1));

    assertThat(harness.extractOutputValues())
        .containsExactly(outcome("label", 1, "one", 2, "p1"), outcome("label", 0, "two", 3, "p2"));
  }

  @Test
  void givesWhatIsObservedOfAPredictionOrARequestToItsUnit() throws Exception {
    Prediction asked = prediction("p1", "one", "champion", 1);
    asked.setRequestId("r1");
    Prediction another = prediction("p2", "one", "champion", 1.5);
    another.setRequestId("r1");
    see(asked, another, observation("p1", null, null), observation(null, "r1", null));

    assertThat(harness.extractOutputValues())
        .containsExactly(
            outcome("hours", 2.5, "one", 3, identity("p1", "null")),
            outcome("hours", 2.5, "one", 3, identity("null", "r1")));
  }

  @Test
  void sendsWhatIsObservedOfAUnitOfItsCompanyStraightThere() throws Exception {
    Observation unknown = observation(null, null, "acme:one");
    unknown.setName("steps");
    Observation without = observation(null, null, "acme:one");
    without.setValue(Double.NaN);
    see(
        observation(null, null, "acme:one"),
        observation(null, null, "other:one"),
        observation(null, null, null),
        unknown,
        without);

    assertThat(route.getSideOutput(RouteRecords.OF_UNITS))
        .extracting(StreamRecord::getValue)
        .containsExactly(outcome("hours", 2.5, "one", 3, identity("null", "null")));
    assertThat(harness.extractOutputValues()).isEmpty();
  }

  @Test
  void keepsPredictionsAndOutcomesOfOtherCompaniesApart() throws Exception {
    Observation other = observation("p1", null, null);
    other.setCompanyId("other");
    see(prediction("p1", "one", "champion", 1), other);

    assertThat(harness.extractOutputValues()).isEmpty();
  }

  @Test
  void passesDeadLettersOn() throws Exception {
    var letter =
        new DeadLetter(
            "predictions", 0, 1L, null, null, DeadLetterReason.NOT_AVRO, "x", null, at(0));
    route.processElement(new Received(null, letter), 0);

    assertThat(route.getSideOutput(RouteRecords.DEAD_LETTERS))
        .extracting(StreamRecord::getValue)
        .containsExactly(letter);
  }

  @Test
  void forgetsAPredictionWhenNothingOfItCanCountAnyMore() throws Exception {
    see(prediction("p1", "one", "champion", 1), label("p9", 1.0, 2));
    harness.processWatermark(millis(2) + 1);
    assertThat(harness.numKeyedStateEntries()).as("a label of none").isEqualTo(1);
    harness.processWatermark(millis(1 + 48) + 1);
    assertThat(harness.numKeyedStateEntries()).isZero();
    assertThat(harness.numEventTimeTimers()).isZero();

    see(prediction("p1", "one", "champion", 1));
    assertThat(harness.numKeyedStateEntries()).as("a late one").isZero();
  }

  @Test
  void goesOnFromASnapshot() throws Exception {
    see(prediction("p1", "one", "champion", 1), label("p2", 0.0, 3));
    OperatorSubtaskState snapshot = harness.snapshot(1, 1);
    harness.close();

    harness = harness();
    harness.initializeState(snapshot);
    harness.open();
    see(label("p1", 1.0, 2), prediction("p2", "two", "champion", 1));

    assertThat(new ArrayList<>(harness.extractOutputValues()))
        .containsExactly(outcome("label", 1, "one", 2, "p1"), outcome("label", 0, "two", 3, "p2"));
  }
}
