package io.crewcast.scoring.operator;

import static io.crewcast.scoring.operator.ScoringHarness.KEY;
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
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
final class LabelPredictionsTest {

  private static final Instant LATER = T0.plus(Duration.ofDays(3));
  private static final Duration HISTORY = Duration.ofDays(30); // as the model's file says
  private static final Fact STARTED = task("e1", T0, TaskStatus.STARTED);
  private static final Fact COMPLETED = task("e2", LATER, TaskStatus.COMPLETED);

  @TempDir private Path directory;
  private ModelSpec model;
  private KeyedOneInputStreamOperatorTestHarness<String, ScoredChange, TrainingExample> harness;

  @BeforeEach
  void opens() throws Exception {
    model = ScoringHarness.model(directory);
    harness = harness(T0.minus(HISTORY), null);
  }

  @AfterEach
  void closes() throws Exception {
    harness.close();
  }

  @Test
  void labelsNegativeOnceTheTaskIsCompletedWithinItsPlan() throws Exception {
    trigger(0);
    assertThat(examples()).isEmpty();
    pass(change(STARTED, COMPLETED, LATER, 90));
    assertThat(examples())
        .singleElement()
        .satisfies(
            example -> {
              assertThat(example.getOutcome()).isEqualTo(LabelOutcome.LABELLED);
              assertThat(example.getLabel()).isEqualTo(0.0);
              assertThat(example.getLabelledAt()).isEqualTo(LATER);
              assertThat(example.getAsOf()).isEqualTo(T0);
              assertThat(example.getInputs()).containsExactly(100.0, null, 1.0);
              assertThat(example.getCluster()).isEqualTo("p1");
            });
  }

  @Test
  void labelsPositiveAsSoonAsThatIsTrueAndOnlyOnce() throws Exception {
    trigger(0);
    pass(change(null, task("e3", T0.plusSeconds(60), TaskStatus.IN_REVIEW), LATER, 126));
    pass(change(STARTED, COMPLETED, LATER.plusSeconds(60), 126));
    assertThat(examples()).extracting(TrainingExample::getLabel).containsExactly(1.0);
  }

  @Test
  void leavesOutATriggerWhoseLabelWasKnown() throws Exception {
    trigger(126);
    pass(change(STARTED, COMPLETED, LATER, 126));
    assertThat(examples())
        .singleElement()
        .satisfies(
            example -> {
              assertThat(example.getOutcome()).isEqualTo(LabelOutcome.KNOWN_BEFORE);
              assertThat(example.getLabel()).isNull();
            });
  }

  @Test
  void censorsWhenTheTimeHasPassed() throws Exception {
    trigger(0);
    long deadline = T0.plus(Duration.ofDays(90)).toEpochMilli();
    harness.processWatermark(deadline);
    assertThat(examples()).isEmpty();
    harness.processWatermark(deadline + 1);
    assertThat(outcomes()).containsExactly(LabelOutcome.CENSORED);
  }

  @Test
  void censorsWhatIsSettledTooLateThoughNoTimerHasFired() throws Exception {
    trigger(0);
    pass(change(STARTED, COMPLETED, T0.plus(Duration.ofDays(91)), 90));
    assertThat(outcomes()).containsExactly(LabelOutcome.CENSORED);
  }

  @Test
  void leavesOpenWhatStillWaitsAtAnEndOfWhichNoTimeIsKnown() throws Exception {
    trigger(0);
    harness.processWatermark(Long.MAX_VALUE);
    assertThat(examples()).isEmpty();
  }

  @Test
  void closesAtTheEndOfTheInputWhatWasDueBeforeItsNewestEvent() throws Exception {
    Instant deadline = T0.plus(Duration.ofDays(90));
    for (Duration after : List.of(Duration.ZERO, Duration.ofMillis(1))) {
      harness = harness(T0.minus(Duration.ofDays(400)), deadline.plus(after), null);
      trigger(0);
      harness.processWatermark(Long.MAX_VALUE);
      assertThat(outcomes()).isEqualTo(after.isZero() ? List.of() : List.of(LabelOutcome.CENSORED));
    }
  }

  @Test
  void withdrawsATriggerThatNeverWas() throws Exception {
    trigger(0);
    Change voided = change(STARTED, null, LATER, 0);
    voided.setVoided(true);
    pass(voided);
    pass(change(null, COMPLETED, LATER.plusSeconds(60), 90));
    assertThat(outcomes()).containsExactly(LabelOutcome.WITHDRAWN);
  }

  @Test
  void waitsOnWhenAVersionIsOnlyTakenBack() throws Exception {
    trigger(0);
    pass(change(STARTED, null, LATER, 0));
    assertThat(examples()).isEmpty();
  }

  @Test
  void continuesToWaitAfterARestore() throws Exception {
    trigger(0);
    OperatorSubtaskState state = harness.snapshot(1, 1);
    harness.close();
    harness = harness(T0.minus(HISTORY), state);
    pass(change(STARTED, COMPLETED, LATER, 126));
    assertThat(examples()).extracting(TrainingExample::getLabel).containsExactly(1.0);
  }

  @Test
  void marksWhatHasTooLittleHistoryBehindIt() throws Exception {
    harness.close();
    harness = harness(T0.minus(HISTORY).plusSeconds(1), null);
    trigger(0);
    pass(change(STARTED, COMPLETED, LATER, 90));
    assertThat(outcomes()).containsExactly(LabelOutcome.LEFT_TRUNCATED);
    assertThat(examples().get(0).getLabel()).isEqualTo(0.0);
  }

  @Test
  void remembersWhenTheSourceBeganThoughTheTopicHasForgotten() throws Exception {
    OperatorSubtaskState state = harness.snapshot(1, 1);
    harness.close();
    harness = harness(T0, state);
    trigger(0);
    pass(change(STARTED, COMPLETED, LATER, 90));
    assertThat(outcomes()).containsExactly(LabelOutcome.LABELLED);
  }

  @Test
  void takesTheFirstChangeForTheBeginningOfASourceThatWasEmpty() throws Exception {
    harness.close();
    harness = harness(null, null);
    pass(change(null, task("e0", T0.minus(HISTORY), TaskStatus.CREATED), T0.minus(HISTORY), 0));
    trigger(0);
    pass(change(STARTED, COMPLETED, LATER, 90));
    assertThat(outcomes()).containsExactly(LabelOutcome.LABELLED);
  }

  private void trigger(long logged) throws Exception {
    Prediction prediction =
        Prediction.newBuilder()
            .setPredictionId("id-1")
            .setCompanyId("acme")
            .setEntity("task")
            .setEntityId("t1")
            .setEventId("e1")
            .setTrigger("task")
            .setModel("overrun")
            .setModelVersion(0)
            .setRole(PredictionRole.FALLBACK)
            .setOutputs(Map.of("score", 0.4))
            .setInputs(Arrays.asList(100.0, null, 1.0))
            .setContributions(List.of())
            .setMissing(List.of("worker.overrun_rate"))
            .setAsOf(T0)
            .setScoredAt(T0)
            .build();
    harness.processElement(
        new ScoredChange(change(null, STARTED, T0, logged), List.of(prediction)), 0);
  }

  private void pass(Change change) throws Exception {
    harness.processElement(new ScoredChange(change, List.of()), 0);
  }

  private List<TrainingExample> examples() {
    return harness.extractOutputValues();
  }

  private List<LabelOutcome> outcomes() {
    return examples().stream().map(TrainingExample::getOutcome).toList();
  }

  private KeyedOneInputStreamOperatorTestHarness<String, ScoredChange, TrainingExample> harness(
      @Nullable Instant sourceBegan, @Nullable OperatorSubtaskState state) throws Exception {
    return harness(sourceBegan, null, state);
  }

  private KeyedOneInputStreamOperatorTestHarness<String, ScoredChange, TrainingExample> harness(
      @Nullable Instant sourceBegan, @Nullable Instant newest, @Nullable OperatorSubtaskState state)
      throws Exception {
    var created =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedProcessOperator<>(
                new LabelPredictions(EntityType.TASK, List.of(model), sourceBegan, newest)),
            scored -> KEY,
            Types.STRING);
    if (state != null) {
      created.initializeState(state);
    }
    created.open();
    return created;
  }
}
