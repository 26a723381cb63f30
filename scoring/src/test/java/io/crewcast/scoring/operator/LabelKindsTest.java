package io.crewcast.scoring.operator;

import static io.crewcast.scoring.operator.ScoringHarness.T0;
import static io.crewcast.scoring.operator.ScoringHarness.change;
import static io.crewcast.scoring.operator.ScoringHarness.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.LabelOutcome;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.TrainingExample;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.Fact;
import io.crewcast.schemas.stream.ScoredChange;
import io.crewcast.scoring.model.ModelSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@link LabelPredictions} makes of each kind of label. */
@SuppressWarnings("NullAway.Init")
final class LabelKindsTest {

  private static final Instant LATER = T0.plus(Duration.ofDays(3));
  private static final Fact STARTED = task("e1", T0, TaskStatus.STARTED);
  private static final Fact COMPLETED = task("e2", LATER, TaskStatus.COMPLETED);
  private static final String PROBABILITY = "objective: \"binary:logistic\"";

  @TempDir private Path directory;
  private ModelSpec model;
  private KeyedOneInputStreamOperatorTestHarness<String, ScoredChange, TrainingExample> harness;

  @AfterEach
  void closes() throws Exception {
    harness.close();
  }

  @Test
  void isNegativeOtherwiseOnceTheTimeHasPassedAndNothingHeld() throws Exception {
    labels("{positive: task.status == \"COMPLETED\", negative: otherwise, within: 30d}");
    trigger("t1");
    pass(change(null, task("e3", LATER, TaskStatus.BLOCKED), LATER, 0));
    Instant deadline = T0.plus(Duration.ofDays(30));
    harness.processWatermark(deadline.toEpochMilli());
    assertThat(examples()).isEmpty();
    harness.processWatermark(deadline.toEpochMilli() + 1);
    assertThat(example().getOutcome()).isEqualTo(LabelOutcome.LABELLED);
    assertThat(example().getLabel()).isEqualTo(0.0);
    assertThat(example().getLabelledAt()).isEqualTo(deadline);
  }

  @Test
  void isNegativeOtherwiseThoughAChangeComesBeforeTheTimer() throws Exception {
    labels("{positive: task.status == \"COMPLETED\", negative: otherwise, within: 2d}");
    trigger("t1");
    pass(change(STARTED, COMPLETED, LATER, 90));
    assertThat(example().getLabel()).isEqualTo(0.0);
    assertThat(example().getLabelledAt()).isEqualTo(T0.plus(Duration.ofDays(2)));
  }

  @Test
  void isPositiveRatherThanOtherwiseOnceItHolds() throws Exception {
    labels("{positive: task.status == \"COMPLETED\", negative: otherwise, within: 30d}");
    trigger("t1");
    pass(change(STARTED, COMPLETED, LATER, 90));
    harness.processWatermark(T0.plus(Duration.ofDays(31)).toEpochMilli());
    assertThat(example().getLabel()).isEqualTo(1.0);
    assertThat(example().getLabelledAt()).isEqualTo(LATER);
  }

  @Test
  void readsALabelOfTheTaskOnlyFromChangesThatNameIt() throws Exception {
    labelsWorkers(
        "{positive: task.status == \"COMPLETED\", negative: otherwise, within: 30d, of: task}");
    trigger("t1");
    Instant other = LATER.minusSeconds(60);
    pass(change(null, task("o2", "t2", "p1", other, TaskStatus.COMPLETED), other, 0));
    assertThat(examples()).isEmpty();
    pass(change(STARTED, COMPLETED, LATER, 90));
    assertThat(example().getLabelledAt()).isEqualTo(LATER);
  }

  @Test
  void readsALabelOfAWorkerFromAnyOfItsChangesWhereNothingElseIsSaid() throws Exception {
    labelsWorkers("{positive: task.status == \"COMPLETED\", negative: otherwise, within: 30d}");
    trigger("t1");
    Instant other = LATER.minusSeconds(60);
    pass(change(null, task("o2", "t2", "p1", other, TaskStatus.COMPLETED), other, 0));
    assertThat(example().getLabelledAt()).isEqualTo(other);
  }

  @Test
  void withdrawsATriggerOfATaskThatNeverWas() throws Exception {
    labelsWorkers(
        "{positive: task.status == \"COMPLETED\", negative: otherwise, within: 30d, of: task}");
    trigger("t1");
    Change voided = change(STARTED, null, LATER, 0);
    voided.setVoided(true);
    pass(voided);
    harness.processWatermark(T0.plus(Duration.ofDays(31)).toEpochMilli());
    assertThat(example().getOutcome()).isEqualTo(LabelOutcome.WITHDRAWN);
  }

  @Test
  void comparesWithWhatTheTriggerSawAndWhenItWas() throws Exception {
    labels(
        "{positive: task.planned_minutes > then.task.planned_minutes || as_of - then.as_of > duration('48h'), negative: task.status == \"COMPLETED\", within: 30d}");
    trigger("t1");
    Instant soon = T0.plus(Duration.ofDays(2));
    pass(change(null, task("e3", soon, TaskStatus.IN_REVIEW), soon, 0));
    assertThat(examples()).isEmpty();
    pass(change(STARTED, COMPLETED, LATER, 0));
    assertThat(example().getLabel()).isEqualTo(1.0);
  }

  private void labels(String label) throws Exception {
    labels(label, "task", PROBABILITY);
  }

  private void labelsWorkers(String label) throws Exception {
    labels(label, "worker", PROBABILITY);
  }

  private void labels(String label, String scores, String train) throws Exception {
    model = ScoringHarness.labelled(directory, label, scores, train);
    harness =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedProcessOperator<>(
                new LabelPredictions(
                    model.scores(), List.of(model), T0.minus(Duration.ofDays(30)))),
            scored -> "acme:one",
            Types.STRING);
    harness.open();
  }

  private void trigger(String task) throws Exception {
    Fact started = task("e1", task, "p1", T0, TaskStatus.STARTED);
    boolean ofTask = model.scores() == EntityType.TASK;
    Prediction prediction =
        Prediction.newBuilder()
            .setPredictionId("id-1")
            .setCompanyId("acme")
            .setEntity(ofTask ? "task" : "worker")
            .setEntityId(ofTask ? task : "w1")
            .setEventId("e1")
            .setTrigger("task")
            .setModel("overrun")
            .setModelVersion(0)
            .setRole(PredictionRole.FALLBACK)
            .setOutputs(Map.of("score", 0.4))
            .setInputs(Arrays.asList(100.0, null, 1.0))
            .setContributions(List.of())
            .setMissing(List.of())
            .setAsOf(T0)
            .setScoredAt(T0)
            .build();
    harness.processElement(new ScoredChange(change(null, started, T0, 0), List.of(prediction)), 0);
  }

  private void pass(Change change) throws Exception {
    harness.processElement(new ScoredChange(change, List.of()), 0);
  }

  private List<TrainingExample> examples() {
    return harness.extractOutputValues();
  }

  private TrainingExample example() {
    assertThat(examples()).hasSize(1);
    return examples().get(0);
  }
}
