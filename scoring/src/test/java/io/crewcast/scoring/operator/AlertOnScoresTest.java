package io.crewcast.scoring.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.Alert;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.scoring.model.ModelSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A score above its threshold is told once, and once that it is over. */
final class AlertOnScoresTest {

  @TempDir private Path directory;

  @Test
  void tellsOnceThatAScoreIsAboveItsThresholdAndOnceThatItIsOver() throws Exception {
    ModelSpec silent = ScoringHarness.model(directory);
    Path file = directory.resolve("overrun.yaml");
    String alerting = Files.readString(file).replace("serve: {", "serve: {alert_above: 0.7, ");
    Files.writeString(file, alerting);
    ModelSpec model = ModelSpec.load(file, silent.schemas());
    try (var harness =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedProcessOperator<>(new AlertOnScores(List.of(model))),
            AlertOnScores.KEY,
            Types.STRING)) {
      harness.open();
      for (double score : new double[] {0.7, 0.71, 0.9, 0.2, 0.1, 0.8}) {
        harness.processElement(prediction("t1", score, PredictionRole.CHAMPION), 0);
      }
      harness.processElement(prediction("t2", 0.9, PredictionRole.SHADOW), 0);
      Prediction asked = prediction("t3", 0.9, PredictionRole.CHAMPION);
      asked.setRequestId("request");
      harness.processElement(asked, 0);
      Prediction older = prediction("t1", 0.1, PredictionRole.CHAMPION);
      older.setAsOf(ScoringHarness.T0.minusSeconds(1));
      harness.processElement(older, 0);

      List<Alert> alerts = harness.extractOutputValues();
      assertThat(alerts).extracting(Alert::getResolved).containsExactly(false, true, false);
      assertThat(alerts).extracting(Alert::getValue).containsExactly(0.71, 0.2, 0.8);
      assertThat(alerts.get(0).getAlertId()).isEqualTo(alerts.get(1).getAlertId());
      assertThat(alerts.get(2).getAlertId()).isNotEqualTo(alerts.get(0).getAlertId());
      assertThat(alerts.get(0).getMessage()).isEqualTo("overrun of task t1 is 0.710, above 0.7");
      assertThat(alerts.get(0).getCompanyId()).isEqualTo("acme");
      assertThat(alerts.get(0).getSubject()).isEqualTo("model.overrun");
    }
  }

  private static Prediction prediction(String task, double score, PredictionRole role) {
    Prediction prediction = new Prediction();
    prediction.setPredictionId(task + score);
    prediction.setCompanyId("acme");
    prediction.setEntity("task");
    prediction.setEntityId(task);
    prediction.setEventId("e");
    prediction.setTrigger("task");
    prediction.setModel("overrun");
    prediction.setModelVersion(1);
    prediction.setRole(role);
    prediction.setOutputs(Map.of("score", score));
    prediction.setInputs(List.of());
    prediction.setContributions(List.of());
    prediction.setMissing(List.of());
    prediction.setEntities(Map.of());
    prediction.setAsOf(ScoringHarness.T0);
    prediction.setScoredAt(ScoringHarness.T0);
    return prediction;
  }
}
