package io.crewcast.scoring.operator;

import static io.crewcast.scoring.operator.ScoringHarness.KEY;
import static io.crewcast.scoring.operator.ScoringHarness.T0;
import static io.crewcast.scoring.operator.ScoringHarness.change;
import static io.crewcast.scoring.operator.ScoringHarness.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.Fact;
import io.crewcast.schemas.stream.ScoredChange;
import io.crewcast.scoring.model.ModelSpec;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
final class ScoreEventsTest {

  @TempDir private Path directory;
  private ModelSpec model;
  private KeyedOneInputStreamOperatorTestHarness<String, Change, ScoredChange> harness;

  @BeforeEach
  void opens() throws Exception {
    model = ScoringHarness.model(directory);
    harness = harness(null, null);
  }

  @AfterEach
  void closes() throws Exception {
    harness.close();
  }

  @Test
  void answersWithTheFallbackWhereThereIsNoVersion() throws Exception {
    process(null, task("e1", T0, TaskStatus.STARTED));
    assertThat(predictions())
        .singleElement()
        .satisfies(
            prediction -> {
              assertThat(prediction.getRole()).isEqualTo(PredictionRole.FALLBACK);
              assertThat(prediction.getOutputs()).containsExactly(Map.entry("score", 0.4));
              // 2024-03-04 was a Monday; the worker is the one that the task names.
              assertThat(prediction.getInputs()).containsExactly(100.0, 0.4, 1.0);
              assertThat(prediction.getMissing()).isEmpty();
              assertThat(prediction.getAsOf()).isEqualTo(T0);
            });
  }

  @Test
  void handsOnEveryChangeWithWhatItTriggered() throws Exception {
    process(null, task("e1", T0, TaskStatus.ASSIGNED));
    process(null, task("e2", T0, TaskStatus.STARTED));
    assertThat(harness.extractOutputValues())
        .extracting(scored -> scored.getPredictions().size())
        .containsExactly(0, 1);
  }

  @Test
  void scoresOnceForTheSameTask() throws Exception {
    process(null, task("e1", T0, TaskStatus.STARTED));
    process(null, task("e2", T0.plusSeconds(60), TaskStatus.STARTED));
    assertThat(predictions()).extracting(Prediction::getEventId).containsExactly("e1");
  }

  @Test
  void remembersWhatItScoredAfterARestore() throws Exception {
    process(null, task("e1", T0, TaskStatus.STARTED));
    OperatorSubtaskState state = harness.snapshot(1, 1);
    harness.close();
    harness = harness(null, state);
    process(null, task("e2", T0.plusSeconds(60), TaskStatus.STARTED));
    assertThat(predictions()).isEmpty();
  }

  @Test
  void doesNotScoreARetraction() throws Exception {
    process(task("e1", T0, TaskStatus.STARTED), null);
    assertThat(predictions()).isEmpty();
  }

  @Test
  void doesNotScoreAVersionThatAnotherEventBroughtUpAgain() throws Exception {
    Change change = change(null, task("e1", T0, TaskStatus.STARTED), T0, 0);
    change.setEventId("e2");
    harness.processElement(change, 0);
    assertThat(predictions()).isEmpty();
  }

  @Test
  void givesTheSameIdToTheSameEvent() throws Exception {
    process(null, task("e1", T0, TaskStatus.STARTED));
    String first = predictions().get(0).getPredictionId();
    harness.close();
    harness = harness(null, null);
    process(null, task("e1", T0, TaskStatus.STARTED));
    assertThat(predictions().get(0).getPredictionId()).isEqualTo(first);
  }

  @Test
  void scoresNothingThatWasRecordedBeforeTheInstantItIsGiven() throws Exception {
    harness.close();
    harness = harness(T0.plusSeconds(30), null);
    process(null, task("e1", T0, TaskStatus.STARTED));
    process(null, task("e2", T0.plusSeconds(60), TaskStatus.STARTED));
    // The task started before; its second start is no first one.
    assertThat(predictions()).isEmpty();
  }

  private void process(@Nullable Fact retracted, @Nullable Fact applied) throws Exception {
    Fact fact = applied == null ? retracted : applied;
    Instant at = fact == null ? T0 : fact.getEvent().getRecordedAt();
    harness.processElement(change(retracted, applied, at, 0), 0);
  }

  private List<Prediction> predictions() {
    var side = harness.getSideOutput(ScoreEvents.PREDICTIONS);
    return side == null ? List.of() : side.stream().map(StreamRecord::getValue).toList();
  }

  private KeyedOneInputStreamOperatorTestHarness<String, Change, ScoredChange> harness(
      @Nullable Instant predictFrom, @Nullable OperatorSubtaskState state) throws Exception {
    var created =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new ScoreEvents(
                EntityType.TASK,
                List.of(model),
                new ServingOptions(null, Map.of(), Map.of(), predictFrom, true, List.of()),
                null),
            change -> KEY,
            Types.STRING);
    if (state != null) {
      created.initializeState(state);
    }
    created.open();
    return created;
  }
}
