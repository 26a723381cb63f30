package io.crewcast.scoring.trial;

import static io.crewcast.scoring.trial.Trials.RUNNING;
import static io.crewcast.scoring.trial.Trials.event;
import static io.crewcast.scoring.trial.Trials.millis;
import static io.crewcast.scoring.trial.Trials.outcome;
import static io.crewcast.scoring.trial.Trials.prediction;
import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.stream.TrialRecord;
import io.crewcast.schemas.stream.TrialStep;
import java.util.UUID;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.operators.co.KeyedCoProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/** What a unit takes in a snapshot; {@code docs/statistics.md} has it for a million. */
final class StateSizeTest {

  private static final int UNITS = 2_000;
  private static final int OUTCOMES = 10;

  @Test
  void keepsAnExposedUnitInLessThanAKilobyte() throws Exception {
    try (var harness =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedProcessOperator<>(new ExposeUnits(RUNNING, null)),
            ExposeUnits.KEY,
            Types.STRING)) {
      harness.open();
      for (int unit = 0; unit < UNITS; unit++) {
        String id = new UUID(unit, unit).toString();
        harness.processElement(prediction(id, "project-" + unit, "champion", 1), 0);
      }
      harness.processWatermark(millis(2));
      long bytes = harness.snapshot(1, 1).getStateSize() / UNITS;
      System.out.println("exposed unit: " + bytes + " bytes");
      assertThat(bytes).isBetween(1L, 1_000L);
    }
  }

  @Test
  void keepsAUnitThatIsObservedInLessThanTwoKilobytes() throws Exception {
    try (var harness =
        new KeyedTwoInputStreamOperatorTestHarness<>(
            new KeyedCoProcessOperator<>(new CloseUnits(RUNNING, null)),
            CloseUnits.EVENT_KEY,
            CloseUnits.OUTCOME_KEY,
            Types.STRING)) {
      harness.open();
      for (int unit = 0; unit < UNITS; unit++) {
        String project = "project-" + unit;
        harness.processElement1(
            new StreamRecord<>(event(TrialStep.EXPOSED, project, "champion", 1)));
        for (int i = 0; i < OUTCOMES; i++) {
          String id = new UUID(unit, i).toString();
          harness.processElement2(new StreamRecord<>(outcome("label", 1, project, 2, id)));
        }
      }
      long bytes = harness.snapshot(1, 1).getStateSize() / UNITS;
      System.out.println("observed unit with 10 outcomes: " + bytes + " bytes");
      assertThat(bytes).isBetween(1L, 2_000L);
    }
  }

  @Test
  void keepsAPredictionThatWaitsForItsOutcomesInLessThanHalfAKilobyte() throws Exception {
    try (var harness =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedProcessOperator<>(new AttributeOutcomes(RUNNING, null)),
            AttributeOutcomes.KEY,
            Types.STRING)) {
      harness.open();
      for (int unit = 0; unit < UNITS; unit++) {
        String id = "acme prediction " + new UUID(unit, unit);
        harness.processElement(
            new TrialRecord(id, Trials.at(1), "trial", "acme:project-" + unit, null), 0);
      }
      long bytes = harness.snapshot(1, 1).getStateSize() / UNITS;
      System.out.println("prediction: " + bytes + " bytes");
      assertThat(bytes).isBetween(1L, 500L);
    }
  }
}
