package io.crewcast.scoring.trial;

import static io.crewcast.scoring.trial.Trials.END;
import static io.crewcast.scoring.trial.Trials.RUNNING;
import static io.crewcast.scoring.trial.Trials.at;
import static io.crewcast.scoring.trial.Trials.millis;
import static io.crewcast.scoring.trial.Trials.prediction;
import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.Exposure;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.stream.TrialEvent;
import io.crewcast.schemas.stream.TrialStep;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ExposeUnitsTest {

  private KeyedOneInputStreamOperatorTestHarness<String, Prediction, Exposure> harness;

  @BeforeEach
  void open() throws Exception {
    harness = harness();
    harness.open();
  }

  private static KeyedOneInputStreamOperatorTestHarness<String, Prediction, Exposure> harness()
      throws Exception {
    return new KeyedOneInputStreamOperatorTestHarness<>(
        new KeyedProcessOperator<>(new ExposeUnits(RUNNING, null)), ExposeUnits.KEY, Types.STRING);
  }

  @AfterEach
  void close() throws Exception {
    harness.close();
  }

  private void see(Prediction... predictions) throws Exception {
    for (Prediction prediction : predictions) {
      harness.processElement(prediction, prediction.getAsOf().toEpochMilli());
    }
  }

  private List<TrialEvent> events() {
    var events = harness.getSideOutput(ExposeUnits.EVENTS);
    return events == null ? List.of() : events.stream().map(StreamRecord::getValue).toList();
  }

  @Test
  void exposesAUnitOnceByItsFirstServedPredictionInWhateverOrderTheyCome() throws Exception {
    see(
        prediction("p3", "one", "champion", 3),
        prediction("p2", "one", "champion", 1),
        prediction("p1", "one", "champion", 1),
        prediction("p9", "two", "challenger", 2));
    harness.processWatermark(millis(1));
    assertThat(harness.extractOutputValues()).as("an earlier one may come").isEmpty();
    harness.processWatermark(millis(1) + 1);
    harness.processWatermark(millis(5));
    see(prediction("p0", "one", "champion", 6));
    harness.processWatermark(millis(7));

    assertThat(harness.extractOutputValues())
        .containsExactly(
            new Exposure("trial", "acme", "acme:one", "champion", "p1", at(1), 0.25),
            new Exposure("trial", "acme", "acme:two", "challenger", "p9", at(2), 0.25));
    assertThat(events())
        .extracting(TrialEvent::getStep)
        .containsExactly(TrialStep.EXPOSED, TrialStep.EXPOSED);
  }

  @Test
  void leavesOutShadowsOthersAndWhatIsServedBeforeTheStartOrAfterTheEnd() throws Exception {
    Prediction shadow = prediction("p1", "one", "challenger", 1);
    shadow.setRole(PredictionRole.SHADOW);
    Prediction outside = prediction("p2", "two", null, 1);
    outside.setExperiment(null);
    Prediction other = prediction("p3", "three", "champion", 1);
    other.setExperiment("another");
    Prediction ofAnotherModel = prediction("p3", "four", "champion", 1);
    ofAnotherModel.setModel("delay");
    Prediction late = prediction("p6", "seven", "champion", 1);
    late.setAsOf(END);
    see(
        shadow,
        outside,
        other,
        ofAnotherModel,
        prediction("p4", "five", "none of these", 1),
        prediction("p5", "six", "champion", -0.001),
        late);
    harness.processWatermark(millis(24 * 30));

    assertThat(harness.extractOutputValues()).isEmpty();
  }

  @Test
  void keepsAFallbackInItsVariation() throws Exception {
    Prediction fallback = prediction("p1", "one", "challenger", 1);
    fallback.setRole(PredictionRole.FALLBACK);
    fallback.setInputs(List.of("text"));
    see(fallback);
    harness.processWatermark(millis(2));

    assertThat(harness.extractOutputValues())
        .containsExactly(
            new Exposure("trial", "acme", "acme:one", "challenger", "p1", at(1), null));
    assertThat(events()).first().extracting(TrialEvent::getValues).isEqualTo(List.of(0.0));
  }

  @Test
  void tellsOnceThatAUnitWasServedAnotherVariationAndExposesItNotAgain() throws Exception {
    see(prediction("p2", "one", "challenger", 2), prediction("p1", "one", "champion", 1));
    harness.processWatermark(millis(3));
    see(prediction("p3", "one", "challenger", 4), prediction("p4", "one", "champion", 5));
    harness.processWatermark(millis(6));

    assertThat(harness.extractOutputValues())
        .extracting(Exposure::getVariation)
        .containsExactly("champion");
    assertThat(events())
        .extracting(TrialEvent::getStep)
        .containsExactly(TrialStep.EXPOSED, TrialStep.CROSSED);
    assertThat(events().get(1).getAt()).isEqualTo(at(2));
    assertThat(events().get(1).getVariation()).isEqualTo("champion");
  }

  @Test
  void goesOnFromASnapshot() throws Exception {
    see(prediction("p1", "one", "champion", 1), prediction("p2", "two", "champion", 3));
    harness.processWatermark(millis(2));
    OperatorSubtaskState snapshot = harness.snapshot(1, 1);
    harness.close();

    harness = harness();
    harness.initializeState(snapshot);
    harness.open();
    see(prediction("p3", "one", "champion", 4), prediction("p0", "two", "champion", 2.5));
    harness.processWatermark(millis(5));

    assertThat(harness.extractOutputValues())
        .extracting(Exposure::getPredictionId)
        .containsExactly("p0");
  }

  @Test
  void forgetsItsUnitsAtTheEndAndExposesNoneTwice() throws Exception {
    see(prediction("p1", "one", "champion", 1), prediction("p2", "one", "challenger", 2));
    harness.processWatermark(END.toEpochMilli() + 1);
    assertThat(harness.numKeyedStateEntries()).isZero();
    assertThat(harness.numEventTimeTimers()).isZero();

    see(prediction("p1", "one", "champion", 1));
    harness.processWatermark(END.toEpochMilli() + 10);
    assertThat(harness.extractOutputValues()).hasSize(1);
    assertThat(harness.numKeyedStateEntries()).isZero();
  }

  @Test
  void tellsNothingThatTheEndOfAnInputAloneWouldBringOut() throws Exception {
    see(prediction("p1", "one", "champion", 1));
    harness.processWatermark(Long.MAX_VALUE);

    assertThat(harness.extractOutputValues()).isEmpty();
  }
}
