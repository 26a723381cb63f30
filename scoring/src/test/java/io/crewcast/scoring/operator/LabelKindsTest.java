package io.crewcast.scoring.operator;

import static io.crewcast.scoring.operator.ScoringHarness.T0;
import static io.crewcast.scoring.operator.ScoringHarness.change;
import static io.crewcast.scoring.operator.ScoringHarness.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.EntityRef;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.LabelOutcome;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRequested;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.TrainingExample;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.Fact;
import io.crewcast.schemas.stream.ScoredChange;
import io.crewcast.schemas.stream.Visit;
import io.crewcast.scoring.model.ModelSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@link LabelPredictions} makes of each kind of label. */
@SuppressWarnings("NullAway.Init")
final class LabelKindsTest {

  private static final Instant LATER = T0.plus(Duration.ofDays(3));
  private static final Fact STARTED = task("e1", T0, TaskStatus.STARTED);
  private static final Fact COMPLETED = task("e2", LATER, TaskStatus.COMPLETED);
  private static final String NUMBER = "objective: \"reg:squarederror\"";
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

  @ParameterizedTest
  @CsvSource({
    "false,          other,   3, false",
    "false,          overrun, 3, false",
    "false,          other,  31, false",
    "true, '',   3, false",
    "true, other, 3, false",
    "true, overrun, 3, true",
    "true, other, 30, true",
    "true, '',  30, true",
  })
  void readsALabelOnlyFromWhatTheModelItselfAsks(
      boolean isScheduled, String asked, int days, boolean isRead) throws Exception {
    labelsWorkers("{positive: worker.overrun_rate > 0.8, negative: otherwise, within: 30d}");
    trigger("t1");
    Instant at = T0.plus(Duration.ofDays(days));
    Visit visit = ScoringHarness.visit(EntityType.WORKER, "w1", at, 0.9);
    pass(asked(isScheduled ? ModelSpec.SCHEDULED : "r1", asked, visit, at));
    if (isRead) {
      assertThat(example().getLabel()).isEqualTo(1.0);
      assertThat(example().getLabelledAt()).isEqualTo(at);
    } else {
      assertThat(examples()).isEmpty();
    }
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

  @Test
  void isANumberOnceItsConditionHoldsAndWaitsWhileItIsMissing() throws Exception {
    labels(
        "{value: task.logged_minutes / task.planned_minutes, when: task.status == \"COMPLETED\", within: 30d}",
        "task",
        NUMBER);
    trigger("t1");
    pass(change(null, task("e3", LATER, TaskStatus.BLOCKED), LATER, 80));
    Change unknown = change(STARTED, COMPLETED, LATER, 0);
    unknown.setVisits(
        List.of(ScoringHarness.visit(EntityType.TASK, "t1", LATER, null, 100.0, "COMPLETED")));
    pass(unknown);
    assertThat(examples()).isEmpty();
    pass(change(STARTED, COMPLETED, LATER.plusSeconds(60), 90));
    assertThat(example().getLabel()).isEqualTo(0.9);
    assertThat(example().getLabelledAt()).isEqualTo(LATER.plusSeconds(60));
  }

  @Test
  void isTheNumberAtItsHorizonWhateverWasBefore() throws Exception {
    labels("{value: task.logged_minutes - then.task.planned_minutes, after: 7d}", "task", NUMBER);
    trigger("t1");
    Instant due = T0.plus(Duration.ofDays(7));
    pass(change(null, task("e3", due, TaskStatus.BLOCKED), due.minusSeconds(1), 50));
    assertThat(examples()).isEmpty();
    pass(change(null, task("e3", due, TaskStatus.BLOCKED), due, 70));
    pass(change(null, task("e4", due, TaskStatus.BLOCKED), due, 130));
    assertThat(examples()).isEmpty(); // there may be more of that instant
    Visit visit = ScoringHarness.visit(EntityType.TASK, "t1", due, 130L, 100.0, "BLOCKED");
    pass(asked(ModelSpec.SCHEDULED, "", visit, due));
    pass(change(null, task("e5", due, TaskStatus.BLOCKED), due.plusSeconds(1), 500));
    assertThat(example().getOutcome()).isEqualTo(LabelOutcome.LABELLED);
    assertThat(example().getLabel()).isEqualTo(30.0);
    assertThat(example().getLabelledAt()).isEqualTo(due);
  }

  @Test
  void isCensoredWhereNothingIsKnownAtItsHorizon() throws Exception {
    labels("{value: worker.overrun_rate, after: 7d}", "task", NUMBER);
    trigger("t1");
    Instant due = T0.plus(Duration.ofDays(7));
    Change alone = change(null, task("e3", due, TaskStatus.BLOCKED), due.plusMillis(1), 0);
    alone.setVisits(alone.getVisits().subList(0, 1));
    pass(alone);
    pass(change(null, task("e4", due, TaskStatus.BLOCKED), due.plusSeconds(1), 0));
    assertThat(example().getOutcome()).isEqualTo(LabelOutcome.CENSORED);
  }

  @Test
  void isCensoredWhereTheEntityIsReadADayAfterItsHorizon() throws Exception {
    labels("{value: worker.overrun_rate, after: 7d}", "task", NUMBER);
    trigger("t1");
    Instant late = T0.plus(Duration.ofDays(8)).plusSeconds(1);
    pass(change(null, task("e3", late, TaskStatus.BLOCKED), late, 0));
    assertThat(example().getOutcome()).isEqualTo(LabelOutcome.CENSORED);
  }

  @Test
  void isThePlaceOfTheFirstClassThatHolds() throws Exception {
    labels(
        "{classes: {low: task.logged_minutes < 50, normal: task.logged_minutes < 100, high: task.logged_minutes >= 100}, when: task.status == \"COMPLETED\", within: 30d}",
        "task",
        "objective: \"multi:softprob\"");
    trigger("t1");
    pass(change(null, task("e3", LATER, TaskStatus.BLOCKED), LATER, 20));
    assertThat(examples()).isEmpty();
    pass(change(STARTED, COMPLETED, LATER, 90));
    assertThat(example().getLabel()).isEqualTo(1.0);
  }

  @Test
  void weighsTheObjectivesOfAGradeAndLeavesOutWhatIsMissing() throws Exception {
    String grade =
        "{grade: {done: {weight: 0.6, is: task.status == \"COMPLETED\"}, effort: {weight: 0.4, is: task.planned_minutes / task.logged_minutes}%s}, when: task.status == \"COMPLETED\", within: 30d}";
    String ranking = "objective: \"rank:ndcg\", group: [company_id], period: 7d";
    // 4 * (0.6 * 1 + 0.4 * 100 / 400)
    assertThat(grade(grade.formatted(""), ranking, 400)).isEqualTo(3.0);
    // 100 / 50 is clipped to 1
    assertThat(grade(grade.formatted(""), ranking, 50)).isEqualTo(4.0);
    // 100 / 0 is missing: what is done counts alone
    assertThat(grade(grade.formatted(""), ranking, 0)).isEqualTo(4.0);
    assertThat(grade(grade.formatted(", none: {weight: 1, is: task.status == \"\"}"), ranking, 50))
        .isEqualTo(2.0);
  }

  private double grade(String label, String train, long logged) throws Exception {
    if (harness != null) {
      harness.close();
    }
    labels(label, "task", train);
    trigger("t1");
    pass(change(STARTED, COMPLETED, LATER, logged));
    return example().getLabel();
  }

  @Test
  void needsNoLabelWhereNoneIsDeclared() throws Exception {
    labels("null", "task", "objective: robust_deviation");
    trigger("t1");
    assertThat(example().getOutcome()).isEqualTo(LabelOutcome.LABELLED);
    assertThat(example().getLabel()).isNull();
    assertThat(example().getLabelledAt()).isEqualTo(T0);
  }

  @Test
  void isCensoredAtOnceWhereTheTriggerNamesNothingToReadItFrom() throws Exception {
    labels(
        "{positive: task.status == \"COMPLETED\", negative: otherwise, within: 30d, of: crew}",
        "task",
        PROBABILITY);
    trigger("t1");
    assertThat(example().getOutcome()).isEqualTo(LabelOutcome.CENSORED);
  }

  @Test
  void doesNotReadTheVectorOfAnotherWorkerWhereTheTaskHasMoved() throws Exception {
    labelsWorkers("{positive: worker.overrun_rate > 0.8, negative: otherwise, within: 30d}");
    trigger("t1");
    Fact moved = task("e3", LATER, TaskStatus.STARTED);
    ((Task) moved.getEvent().getPayload()).setWorkerId("other"); // who overran 90 % of tasks
    pass(change(STARTED, moved, LATER, 0));
    assertThat(examples()).isEmpty();
  }

  private void labels(String label) throws Exception {
    labels(label, "task", PROBABILITY);
  }

  /** What a request made of the entity that it visited. */
  private static Change asked(String request, String model, Visit visit, Instant at) {
    var entity = new EntityRef(visit.getEntity(), visit.getEntityId());
    WorkEvent event =
        WorkEvent.newBuilder()
            .setEventId("asked")
            .setCompanyId("acme")
            .setOccurredAt(at)
            .setRecordedAt(at)
            .setPayload(new PredictionRequested(request, model, List.of(entity), null))
            .build();
    Fact fact = Fact.newBuilder().setEvent(event).build();
    Change change = new Change(null, fact, "asked", at, false, new ArrayList<>());
    change.setVisits(List.of(visit));
    return change;
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
                    model.scores(), List.of(model), T0.minus(Duration.ofDays(30)), null)),
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
