package io.crewcast.scoring.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.LabelOutcome;
import io.crewcast.schemas.Observation;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.TrainingExample;
import io.crewcast.schemas.stream.Judged;
import io.crewcast.schemas.stream.Received;
import io.crewcast.scoring.model.ModelSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A prediction and what became of it are told once each, whichever comes first. */
final class JoinLabelsTest {

  private static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");

  @TempDir private Path directory;
  private Map<String, ModelSpec> models;

  @BeforeEach
  void load() throws Exception {
    models = WatchedModels.load(directory);
  }

  private KeyedOneInputStreamOperatorTestHarness<String, Received, Judged> harness()
      throws Exception {
    return new KeyedOneInputStreamOperatorTestHarness<>(
        new KeyedProcessOperator<>(new JoinLabels(models)), new LabelKey(models), Types.STRING);
  }

  private static Received prediction(String model, String id, PredictionRole role) {
    return new Received(
        Prediction.newBuilder()
            .setPredictionId(id)
            .setCompanyId("acme")
            .setEntity("task")
            .setEntityId("t1")
            .setEventId("e1")
            .setTrigger("task")
            .setModel(model)
            .setModelVersion(role == PredictionRole.SHADOW ? 2 : 1)
            .setRole(role)
            .setOutputs(Map.of("score", 0.75))
            .setInputs(Arrays.asList(60.0, "build"))
            .setAsOf(NOON)
            .setScoredAt(NOON)
            .build(),
        null);
  }

  private static Received example(LabelOutcome outcome, Double label, int hours) {
    return new Received(
        TrainingExample.newBuilder()
            .setPredictionId("served")
            .setCompanyId("acme")
            .setModel(WatchedModels.LABELLED)
            .setEntity("task")
            .setEntityId("t1")
            .setEventId("e1")
            .setAsOf(NOON)
            .setInputs(Arrays.asList(60.0, "build"))
            .setOutcome(outcome)
            .setLabel(label)
            .setLabelledAt(label == null ? null : NOON.plus(Duration.ofHours(hours)))
            .build(),
        null);
  }

  private static Received observation(String id, int days) {
    return new Received(
        Observation.newBuilder()
            .setCompanyId("acme")
            .setPredictionId(id)
            .setName("was_late")
            .setValue(1)
            .setObservedAt(NOON.plus(Duration.ofDays(days)))
            .build(),
        null);
  }

  @Test
  void tellsOfTheServedAndOfItsShadowWhenTheirLabelIsKnown() throws Exception {
    try (var harness = harness()) {
      harness.open();
      harness.processElement(
          prediction(WatchedModels.LABELLED, "served", PredictionRole.CHAMPION), 0);
      harness.processElement(
          prediction(WatchedModels.LABELLED, "shadow", PredictionRole.SHADOW), 0);
      harness.processElement(
          prediction(WatchedModels.LABELLED, "served", PredictionRole.CHAMPION), 0);
      harness.processElement(example(LabelOutcome.LABELLED, 1.0, 5), 0);
      harness.processElement(example(LabelOutcome.LABELLED, 1.0, 5), 0);
      List<Judged> told = harness.extractOutputValues();
      assertThat(told)
          .extracting(judged -> judged.getPredictionId() + " " + judged.getOutcome())
          .containsExactlyInAnyOrder(
              "served null", "shadow null", "served LABELLED", "shadow LABELLED");
      assertThat(told.get(3).getKnownAt()).isEqualTo(NOON.plus(Duration.ofHours(5)));
      assertThat(told.get(0).getSegments()).containsExactly("task.phase=build");
      assertThat(told.get(0).getFallback()).containsExactly(0.25);
    }
  }

  @Test
  void joinsALabelThatCameFirstAndGoesOnFromASnapshot() throws Exception {
    OperatorSubtaskState snapshot;
    try (var harness = harness()) {
      harness.open();
      harness.processElement(example(LabelOutcome.KNOWN_BEFORE, null, 0), 0);
      snapshot = harness.snapshot(1, 1);
    }
    try (var harness = harness()) {
      harness.initializeState(snapshot);
      harness.open();
      harness.processElement(
          prediction(WatchedModels.LABELLED, "served", PredictionRole.CHAMPION), 0);
      assertThat(harness.extractOutputValues())
          .extracting(Judged::getOutcome)
          .containsExactly(null, LabelOutcome.KNOWN_BEFORE);
      harness.processWatermark(new Watermark(NOON.plus(Duration.ofDays(18)).toEpochMilli()));
      assertThat(harness.numKeyedStateEntries()).isZero();
    }
  }

  @Test
  void givesUpWhatIsNotObservedAndCallsLateWhatComesAfter() throws Exception {
    try (var harness = harness()) {
      harness.open();
      harness.processElement(prediction(WatchedModels.OBSERVED, "p1", PredictionRole.CHAMPION), 0);
      harness.processElement(prediction(WatchedModels.OBSERVED, "p2", PredictionRole.CHAMPION), 0);
      harness.processElement(observation("p1", 3), 0);
      harness.processWatermark(new Watermark(NOON.plus(Duration.ofDays(11)).toEpochMilli()));
      harness.processElement(observation("p2", 12), 0);
      assertThat(harness.extractOutputValues())
          .extracting(
              judged ->
                  judged.getPredictionId() + " " + judged.getOutcome() + " " + judged.getLate())
          .containsExactly(
              "p1 null false",
              "p2 null false",
              "p1 LABELLED false",
              "p2 CENSORED false",
              "p2 LABELLED true");
    }
  }

  @Test
  void callsLateWhatIsObservedAfterItsDeadlineThoughItComesBefore() throws Exception {
    try (var harness = harness()) {
      harness.open();
      harness.processElement(prediction(WatchedModels.OBSERVED, "p", PredictionRole.CHAMPION), 0);
      harness.processElement(observation("p", 11 * 24), 0);
      harness.processWatermark(new Watermark(NOON.plus(Duration.ofDays(11)).toEpochMilli()));
      assertThat(harness.extractOutputValues())
          .extracting(judged -> judged.getOutcome() + " " + judged.getLate())
          .containsExactly("null false", "CENSORED false", "LABELLED true");
      assertThat(harness.extractOutputValues().get(1).getKnownAt())
          .isEqualTo(NOON.plus(Duration.ofDays(10)));
    }
  }

  @Test
  void letsThroughWhatCanBeJudgedAlone() {
    LabelKey key = new LabelKey(models);
    Received asked = prediction(WatchedModels.LABELLED, "p", PredictionRole.CHAMPION);
    ((Prediction) asked.getValue()).setTrigger("request");
    Received askedAndObserved = prediction(WatchedModels.OBSERVED, "p", PredictionRole.CHAMPION);
    ((Prediction) askedAndObserved.getValue()).setTrigger("request");
    Received other = observation("p", 1);
    ((Observation) other.getValue()).setName("shown");
    assertThat(
            List.of(
                key.filter(asked),
                key.filter(askedAndObserved),
                key.filter(other),
                key.filter(observation("p", 1)),
                key.filter(prediction("unknown", "p", PredictionRole.CHAMPION)),
                key.filter(example(LabelOutcome.CENSORED, null, 0))))
        .containsExactly(false, true, false, true, false, true);
  }
}
