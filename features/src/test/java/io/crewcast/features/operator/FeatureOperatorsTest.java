package io.crewcast.features.operator;

import static io.crewcast.features.Events.NOON;
import static io.crewcast.features.Events.arrival;
import static io.crewcast.features.Events.entry;
import static io.crewcast.features.Events.event;
import static io.crewcast.features.Events.task;
import static io.crewcast.features.Events.voided;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.crewcast.features.definition.Definitions;
import io.crewcast.features.definition.EntityDefinition;
import io.crewcast.schemas.DeadLetterReason;
import io.crewcast.schemas.EntityRef;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.Packed;
import io.crewcast.schemas.PredictionRequested;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.Arrival;
import io.crewcast.schemas.stream.Change;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The ledger and the visits one after the other, as the job wires them. */
class FeatureOperatorsTest {

  private static final Definitions DEFINITIONS = definitions();

  private KeyedOneInputStreamOperatorTestHarness<String, Arrival, Change> ledger;
  private final Map<EntityType, KeyedOneInputStreamOperatorTestHarness<String, Change, Change>>
      visits = new HashMap<>();

  @BeforeEach
  void open() throws Exception {
    ledger = ledger(DEFINITIONS.schemas().keySet());
    ledger.open();
    for (EntityDefinition definition : DEFINITIONS.entities()) {
      var visit = visit(definition, false);
      visit.open();
      visits.put(definition.entity(), visit);
    }
  }

  @AfterEach
  void close() throws Exception {
    ledger.close();
    for (var visit : visits.values()) {
      visit.close();
    }
  }

  @Test
  void movesAnEntryAsIfItHadNeverBeenWithTheFirstWorker() throws Exception {
    send(event("e1", NOON, entry("entry", "ann", "bridge", null, 60)));
    send(event("e2", NOON, NOON.plusSeconds(60), entry("entry", "bob", "tunnel", null, 60)));

    assertThat(newest(EntityType.WORKER, "ann", "hours_total")).isEqualTo(0.0);
    assertThat(newest(EntityType.WORKER, "ann", "active_days_30d")).isEqualTo(0L);
    assertThat(newest(EntityType.WORKER, "ann", "last_entry_at")).isNull();
    assertThat(newest(EntityType.WORKER, "bob", "hours_total")).isEqualTo(1.0);
    assertThat(newest(EntityType.PROJECT, "bridge", "worker_count_30d")).isEqualTo(0L);
    assertThat(newest(EntityType.PROJECT, "tunnel", "worker_count_30d")).isEqualTo(1L);
    assertThat(newest(EntityType.CREW, "crew", "hours_30d")).isEqualTo(1.0);
    assertThat(newest(EntityType.WORKER_PROJECT, "ann/bridge", "hours_30d")).isEqualTo(0.0);
    assertThat(newest(EntityType.WORKER_PROJECT, "ann/bridge", "last_entry_at")).isNull();
    assertThat(newest(EntityType.WORKER_PROJECT, "bob/tunnel", "hours_30d")).isEqualTo(1.0);
  }

  @Test
  void changesNothingForAVoidThatComesBeforeItsOriginal() throws Exception {
    WorkEvent original = event("e1", NOON, entry("entry", "ann", "bridge", null, 60));
    send(voided(original, "e2", NOON.plusSeconds(60)));
    send(original);

    assertThat(vectors(EntityType.WORKER)).isEmpty();
  }

  @Test
  void countsAnEntryOnceWhenTheProducerRepeatsIt() throws Exception {
    WorkEvent entry = event("e1", NOON, entry("entry", "ann", "bridge", null, 60));
    send(entry);
    send(entry);

    assertThat(vectors(EntityType.WORKER)).hasSize(1);
    assertThat(newest(EntityType.WORKER, "ann", "hours_total")).isEqualTo(1.0);
  }

  @Test
  void handsATaskFromOneWorkerToTheOther() throws Exception {
    send(event("t1", NOON, task("task", TaskStatus.STARTED, "ann", 60.0)));
    send(event("t2", NOON.plusSeconds(1), task("task", TaskStatus.STARTED, "bob", 60.0)));

    assertThat(newest(EntityType.WORKER, "ann", "open_tasks")).isEqualTo(0L);
    assertThat(newest(EntityType.WORKER, "bob", "open_tasks")).isEqualTo(1L);
    assertThat(newest(EntityType.PROJECT, "project", "open_tasks")).isEqualTo(1L);
    assertThat(newest(EntityType.TASK, "task", "reassignments")).isEqualTo(1L);
  }

  @Test
  void passesTheWorkerByWhenATaskHasNone() throws Exception {
    send(event("t1", NOON, task("task", TaskStatus.CREATED, null, 60.0)));

    assertThat(vectors(EntityType.WORKER)).isEmpty();
    assertThat(vectors(EntityType.WORKER_PROJECT)).isEmpty();
    assertThat(newest(EntityType.TASK, "task", "status")).isEqualTo("CREATED");
  }

  @Test
  void judgesAnOverrunByWhatWasLoggedAtCompletionAndForgetsItWhenReopened() throws Exception {
    send(event("t1", NOON, task("task", TaskStatus.STARTED, "ann", 60.0)));
    send(event("e1", NOON.plusSeconds(1), entry("entry", "ann", "project", "task", 90)));
    send(event("t2", NOON.plusSeconds(2), task("task", TaskStatus.COMPLETED, "ann", 60.0)));
    assertThat(newest(EntityType.WORKER, "ann", "overrun_rate_365d")).isEqualTo(1.0);
    assertThat(newest(EntityType.WORKER, "ann", "overrun_rate_phase_365d")).isEqualTo(1.0);

    send(event("e2", NOON, NOON.plusSeconds(3), entry("entry", "ann", "project", "task", 1)));
    assertThat(newest(EntityType.WORKER, "ann", "overrun_rate_365d")).isEqualTo(1.0);

    send(event("t3", NOON.plusSeconds(4), task("task", TaskStatus.REOPENED, "ann", 60.0)));
    assertThat(newest(EntityType.WORKER, "ann", "overrun_rate_365d")).isNull();
    assertThat(newest(EntityType.WORKER, "ann", "tasks_completed_90d")).isEqualTo(0L);
  }

  @Test
  void knowsAWorkerInEachProjectApart() throws Exception {
    send(event("e1", NOON, entry("one", "ann/1", "bridge", null, 60)));
    send(event("e2", NOON, entry("two", "ann", "1/bridge", null, 30)));
    send(event("e3", NOON, entry("three", "ann", "tunnel", null, 15)));

    assertThat(vectors(EntityType.WORKER_PROJECT))
        .extracting(FeatureVector::getEntityId, vector -> value(vector, "hours_365d"))
        .containsExactly(
            tuple("ann%2F1/bridge", 1.0), tuple("ann/1/bridge", 0.5), tuple("ann/tunnel", 0.25));
  }

  @Test
  void keepsCompaniesApart() throws Exception {
    WorkEvent other = event("e1", NOON, entry("entry", "ann", "bridge", null, 60));
    other.setCompanyId("globex");
    send(event("e1", NOON, entry("entry", "ann", "bridge", null, 30)));
    send(other);

    assertThat(vectors(EntityType.WORKER))
        .extracting(vector -> value(vector, "hours_total"))
        .containsExactly(0.5, 1.0);
  }

  @Test
  void emitsAVectorWhenTimeAloneChangesIt() throws Exception {
    send(event("e1", NOON, entry("entry", "ann", "bridge", null, 60)));
    var worker = visits.get(EntityType.WORKER);
    Instant expiry = NOON.plus(Duration.ofDays(7)).plus(Duration.ofHours(1));

    worker.processWatermark(new Watermark(expiry.toEpochMilli() - 1));
    assertThat(vectors(EntityType.WORKER)).hasSize(1);
    worker.processWatermark(new Watermark(expiry.plusSeconds(1_801).toEpochMilli()));

    FeatureVector decayed = vectors(EntityType.WORKER).get(1);
    assertThat(decayed.getAsOf()).isEqualTo(expiry);
    assertThat(decayed.getEventId()).isNull();
    assertThat(decayed.getSequence()).isEqualTo(1);
    assertThat(value(decayed, "hours_7d")).isEqualTo(0.0);
    assertThat(value(decayed, "hours_30d")).isEqualTo(1.0);
  }

  @Test
  void readsForARequestAsOfThenAndWritesNothing() throws Exception {
    send(event("e1", NOON, entry("entry", "ann", "bridge", null, 60)));
    Change asked = send(request("r1", NOON.plus(Duration.ofDays(8)), "ann", null));
    Change again =
        send(event("e2", NOON.plusSeconds(60), entry("other", "ann", "bridge", null, 1)));

    FeatureVector read = visit(asked, EntityType.WORKER);
    assertThat(read.getAsOf()).isEqualTo(NOON.plus(Duration.ofDays(8)));
    assertThat(value(read, "hours_7d")).isEqualTo(0.0);
    assertThat(value(read, "hours_30d")).isEqualTo(1.0);
    assertThat(asked.getVisits()).hasSize(1); // it names no project
    assertThat(vectors(EntityType.WORKER)).hasSize(2);
    assertThat(visit(again, EntityType.WORKER).getAsOf()).isEqualTo(NOON.plusSeconds(60));
    assertThat(value(visit(again, EntityType.WORKER), "hours_7d")).isEqualTo(61 / 60.0);
  }

  @Test
  void readsNothingOfAnEntityThatIsNotKnown() throws Exception {
    assertThat(send(request("r1", NOON, "nobody", null)).getVisits()).isEmpty();
    assertThat(vectors(EntityType.WORKER)).isEmpty();
  }

  @Test
  void takesATaskThatIsNotRecordedAsTheRequestTellsIt() throws Exception {
    send(event("t1", NOON, task("known", TaskStatus.STARTED, "ann", 60.0)));
    send(event("t2", NOON.plusSeconds(1), task("known", TaskStatus.COMPLETED, "ann", 60.0)));
    Instant later = NOON.plusSeconds(9);
    Change told = send(request("r1", later, "ann", task("next", TaskStatus.CREATED, "bob", 240.0)));
    Change known =
        send(request("r2", later, "ann", task("known", TaskStatus.CREATED, null, 240.0)));

    assertThat(value(visit(told, EntityType.TASK), "planned_minutes")).isEqualTo(240.0);
    assertThat(value(visit(told, EntityType.TASK), "status")).isEqualTo("CREATED");
    assertThat(value(visit(known, EntityType.TASK), "planned_minutes")).isEqualTo(60.0);
    // the candidate, in the phase of the task that is asked for, and not who holds it
    assertThat(visit(told, EntityType.WORKER).getEntityId()).isEqualTo("ann");
    assertThat(value(visit(told, EntityType.WORKER), "tasks_finished_phase_365d")).isEqualTo(1L);
    assertThat(value(visit(told, EntityType.WORKER), "open_tasks")).isEqualTo(0L);
    assertThat(visit(told, EntityType.PROJECT).getEntityId()).isEqualTo("project");
    assertThat(vectors(EntityType.TASK)).hasSize(2);
    assertThat(newest(EntityType.PROJECT, "project", "task_count")).isEqualTo(1L);
  }

  private static WorkEvent request(String id, Instant at, String worker, Task task) {
    return event(
        id,
        at,
        new PredictionRequested(
            id, "picker", List.of(new EntityRef(EntityType.WORKER, worker)), task));
  }

  private static FeatureVector visit(Change change, EntityType entity) {
    return change.getVisits().stream()
        .filter(visit -> visit.getEntity() == entity)
        .map(visit -> Packed.vector(visit.getVector()))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void letsNothingExpireWhenTheInputEnds() throws Exception {
    send(event("e1", NOON, entry("entry", "ann", "bridge", null, 60)));

    visits.get(EntityType.WORKER).processWatermark(Watermark.MAX_WATERMARK);

    assertThat(vectors(EntityType.WORKER)).hasSize(1);
  }

  @Test
  void continuesFromASnapshot() throws Exception {
    send(event("e1", NOON, entry("entry", "ann", "bridge", null, 60)));
    OperatorSubtaskState snapshot = visits.get(EntityType.WORKER).snapshot(1, 1);
    visits.get(EntityType.WORKER).close();
    EntityDefinition worker = DEFINITIONS.entities().get(3);
    var restored = visit(worker, false);
    restored.initializeState(snapshot);
    restored.open();
    visits.put(EntityType.WORKER, restored);

    send(event("e2", NOON.plusSeconds(1), entry("other", "ann", "bridge", null, 60)));

    assertThat(newest(EntityType.WORKER, "ann", "hours_total")).isEqualTo(2.0);
    assertThat(vectors(EntityType.WORKER).get(0).getSequence()).isEqualTo(2);
  }

  @Test
  void sendsACorrectionThatComesTooLateToTheSide() throws Exception {
    WorkEvent first = event("e1", NOON, entry("entry", "ann", "bridge", null, 60));
    send(first);
    ledger.processWatermark(new Watermark(NOON.plus(Duration.ofDays(367)).toEpochMilli()));
    Instant late = NOON.plus(Duration.ofDays(368));
    send(event("e2", late, entry("entry", "ann", "bridge", null, 30)));
    send(event("e2", late, entry("entry", "ann", "bridge", null, 30))); // is told of once
    send(first); // a repeat corrects nothing

    assertThat(ledger.getSideOutput(KeepLedger.DEAD_LETTERS))
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.getValue().getReason()).isEqualTo(DeadLetterReason.UNCORRECTABLE);
              assertThat(letter.getValue().getDetail()).contains("e2");
            });
    assertThat(newest(EntityType.WORKER, "ann", "hours_total")).isEqualTo(1.0);
  }

  @Test
  void correctsNoLongerWhatWindowsHaveForgotten() throws Exception {
    Instant known = NOON.plus(Duration.ofDays(300));
    Instant late = NOON.plus(Duration.ofDays(400));
    send(event("older", NOON.minusSeconds(60), entry("other", "ann", "bridge", null, 60)));
    send(event("e1", NOON, known, entry("entry", "ann", "bridge", null, 60)));
    ledger.processWatermark(new Watermark(late.toEpochMilli()));
    send(event("next", late, entry("later", "ann", "bridge", null, 60)));
    send(event("e2", late, late, entry("entry", "bob", "bridge", null, 60)));

    assertThat(ledger.getSideOutput(KeepLedger.DEAD_LETTERS)).hasSize(1);
    assertThat(newest(EntityType.WORKER, "ann", "hours_total")).isEqualTo(3.0);
  }

  @Test
  void releasesWhatCameOutOfOrderInTheOrderOfKnowledge() throws Exception {
    try (var backfill = inOrder(true)) {
      backfill.open();
      sendOutOfOrder(backfill);
      assertThat(backfill.extractOutputValues()).isEmpty();
      backfill.processWatermark(new Watermark(NOON.plusSeconds(1).toEpochMilli()));

      assertThat(eventIds(backfill)).containsExactly("c", "a", "b");
    }
  }

  @Test
  void handsOutWhatABackfillHeldWhenTheLiveJobStartsFromItsSavepoint() throws Exception {
    OperatorSubtaskState savepoint;
    try (var backfill = inOrder(true)) {
      backfill.open();
      sendOutOfOrder(backfill);
      savepoint = backfill.snapshot(1, 1);
    }
    OperatorSubtaskState later;
    try (var live = inOrder(false)) {
      live.initializeState(savepoint);
      live.open();
      live.setProcessingTime(1);

      assertThat(eventIds(live)).containsExactly("c", "a", "b");
      live.processWatermark(new Watermark(NOON.plusSeconds(9).toEpochMilli()));
      later = live.snapshot(2, 2);
      assertThat(eventIds(live)).hasSize(3);
    }
    try (var live = inOrder(false)) {
      live.initializeState(later);
      live.open();
      live.setProcessingTime(2);

      assertThat(live.extractOutputValues()).isEmpty();
    }
  }

  @Test
  void showsEachEntityAsItStandsWhenTheLiveJobStartsFromABackfill() throws Exception {
    EntityDefinition worker = DEFINITIONS.entities().get(3);
    visits.get(EntityType.WORKER).close();
    visits.put(EntityType.WORKER, visit(worker, true));
    visits.get(EntityType.WORKER).open();
    send(event("e1", NOON, entry("entry", "ann", "bridge", null, 60)));
    send(event("e2", NOON.plusSeconds(1), entry("other", "ann", "bridge", null, 60)));
    send(event("e3", NOON.plusSeconds(2), entry("third", "bob", "bridge", null, 30)));
    OperatorSubtaskState savepoint = visits.get(EntityType.WORKER).snapshot(1, 1);
    try (var live = visit(worker, false)) {
      live.initializeState(savepoint);
      live.open();
      live.setProcessingTime(1);

      assertThat(live.getSideOutput(UpdateFeatures.standing(EntityType.WORKER)))
          .extracting(
              record -> record.getValue().getEntityId(),
              record -> record.getValue().getSequence(),
              record -> record.getValue().getAsOf(),
              record -> value(record.getValue(), "hours_total"))
          .containsExactlyInAnyOrder(
              tuple("ann", 2L, NOON.plusSeconds(1), 2.0),
              tuple("bob", 1L, NOON.plusSeconds(2), 0.5));
      assertThat(newestFacts(live))
          .containsExactly(Map.of("entry", Instants.micros(NOON.plusSeconds(2))));
      assertThat(live.extractOutputValues()).isEmpty();
    }
  }

  /** As a savepoint of a job that had no pairs yet. */
  @Test
  void takesNothingBackThatStoodBeforeItsKindOfEntityWasKept() throws Exception {
    ledger.close();
    ledger = ledger(EnumSet.range(EntityType.TASK, EntityType.WORKER));
    ledger.open();
    send(event("t1", NOON, task("task", TaskStatus.STARTED, "ann", 60.0)));
    send(event("e1", NOON, entry("entry", "ann", "project", "task", 90)));
    send(event("e2", NOON, entry("other", "ann", "project", "task", 30)));
    assertThat(vectors(EntityType.WORKER_PROJECT)).isEmpty();
    OperatorSubtaskState before = ledger.snapshot(1, 1);
    ledger.close();
    ledger = ledger(DEFINITIONS.schemas().keySet());
    ledger.initializeState(before);
    ledger.open();

    send(voided(event("e2", NOON, entry("other", "ann", "project", "task", 30)), "v2", NOON));
    assertThat(vectors(EntityType.WORKER_PROJECT)).isEmpty();
    send(event("t2", NOON.plusSeconds(1), task("task", TaskStatus.COMPLETED, "ann", 60.0)));
    send(event("e3", NOON, NOON.plusSeconds(2), entry("entry", "ann", "project", "task", 15)));

    assertThat(newest(EntityType.WORKER, "ann", "hours_total")).isEqualTo(0.25);
    assertThat(newest(EntityType.WORKER_PROJECT, "ann/project", "open_tasks")).isEqualTo(0L);
    assertThat(newest(EntityType.WORKER_PROJECT, "ann/project", "tasks_finished_365d"))
        .isEqualTo(1L);
    assertThat(newest(EntityType.WORKER_PROJECT, "ann/project", "hours_30d")).isEqualTo(0.25);

    send(event("e4", NOON, NOON.plusSeconds(3), entry("entry", "bob", "project", "task", 15)));
    assertThat(newest(EntityType.WORKER_PROJECT, "ann/project", "hours_30d")).isEqualTo(0.0);
  }

  @Test
  void tellsOnceASecondHowNewTheFactsAreThatCounted() throws Exception {
    var worker = visits.get(EntityType.WORKER);
    send(event("e1", NOON, NOON.plusSeconds(9), entry("entry", "ann", "bridge", null, 60)));
    send(event("e2", NOON, NOON.plusSeconds(5), entry("other", "bob", "bridge", null, 60)));
    send(event("t1", NOON.plusSeconds(20), task("task", TaskStatus.CREATED, "ann", 60.0)));
    assertThat(newestFacts(worker)).isEmpty();
    worker.setProcessingTime(1_000);
    worker.setProcessingTime(5_000);

    assertThat(newestFacts(worker))
        .containsExactly(Map.of("entry", Instants.micros(NOON.plusSeconds(9))));
  }

  @Test
  void tellsAfterARestartWhatACheckpointCutOff() throws Exception {
    send(event("e1", NOON, entry("entry", "ann", "bridge", null, 60)));
    OperatorSubtaskState snapshot = visits.get(EntityType.WORKER).snapshot(1, 1);
    try (var restored = visit(DEFINITIONS.entities().get(3), false)) {
      restored.initializeState(snapshot);
      restored.open();
      restored.setProcessingTime(1_000);

      assertThat(newestFacts(restored)).containsExactly(Map.of("entry", Instants.micros(NOON)));
    }
  }

  private static List<Map<String, Long>> newestFacts(
      KeyedOneInputStreamOperatorTestHarness<String, Change, Change> visit) {
    var told = visit.getSideOutput(UpdateFeatures.NEWEST_FACTS);
    return told == null
        ? List.of()
        : told.stream().map(record -> record.getValue().getRecordedAt()).toList();
  }

  private static KeyedOneInputStreamOperatorTestHarness<String, Arrival, Change> ledger(
      Set<EntityType> kept) throws Exception {
    return new KeyedOneInputStreamOperatorTestHarness<>(
        new KeyedProcessOperator<>(new KeepLedger(Duration.ofDays(366), kept)),
        arrival -> FactKind.factKey(arrival.getEvent()),
        Types.STRING);
  }

  private static KeyedOneInputStreamOperatorTestHarness<String, Arrival, Arrival> inOrder(
      boolean backfill) throws Exception {
    ReleaseInOrder.Order<Arrival> order =
        (one, other) -> one.getEvent().getEventId().compareTo(other.getEvent().getEventId());
    return new KeyedOneInputStreamOperatorTestHarness<>(
        new GoLive<>(
            new ReleaseInOrder<>(backfill, new AvroTypeInfo<>(Arrival.class), order), backfill),
        arrival -> arrival.getEvent().getEventId().equals("c") ? "one" : "other",
        Types.STRING);
  }

  private static void sendOutOfOrder(
      KeyedOneInputStreamOperatorTestHarness<String, Arrival, Arrival> harness) throws Exception {
    for (String id : List.of("b", "a", "c")) {
      Instant at = id.equals("c") ? NOON : NOON.plusSeconds(1);
      harness.processElement(
          arrival(event(id, at, entry(id, "ann", "bridge", null, 1))), at.toEpochMilli());
    }
  }

  private static List<String> eventIds(
      KeyedOneInputStreamOperatorTestHarness<String, Arrival, Arrival> harness) {
    return harness.extractOutputValues().stream()
        .map(arrival -> arrival.getEvent().getEventId())
        .toList();
  }

  /** The last change that followed, after all visits. */
  private Change send(WorkEvent event) throws Exception {
    Change last = null;
    int before = ledger.extractOutputValues().size();
    ledger.processElement(arrival(event), event.getRecordedAt().toEpochMilli());
    List<Change> changes = ledger.extractOutputValues();
    for (Change change : changes.subList(before, changes.size())) {
      Change travelling = Change.newBuilder(change).build();
      for (EntityDefinition definition : DEFINITIONS.entities()) {
        var visit = visits.get(definition.entity());
        visit.processElement(travelling, event.getRecordedAt().toEpochMilli());
        travelling = new ArrayDeque<>(visit.extractOutputValues()).getLast();
      }
      last = travelling;
    }
    return last;
  }

  private List<FeatureVector> vectors(EntityType entity) {
    var output = visits.get(entity).getSideOutput(UpdateFeatures.features(entity));
    return output == null
        ? List.of()
        : new ArrayList<>(output).stream().map(record -> record.getValue()).toList();
  }

  private Object newest(EntityType entity, String id, String column) {
    List<FeatureVector> vectors =
        vectors(entity).stream().filter(vector -> vector.getEntityId().equals(id)).toList();
    return value(vectors.get(vectors.size() - 1), column);
  }

  private static Object value(FeatureVector vector, String column) {
    return vector.getValues().get(DEFINITIONS.schemas().get(vector.getEntity()).indexOf(column));
  }

  private static KeyedOneInputStreamOperatorTestHarness<String, Change, Change> visit(
      EntityDefinition definition, boolean backfill) throws Exception {
    return new KeyedOneInputStreamOperatorTestHarness<>(
        new GoLive<>(new UpdateFeatures(definition, DEFINITIONS.schemas()), backfill),
        Keys.entity(definition.entity()),
        Types.STRING);
  }

  private static Definitions definitions() {
    try {
      return Definitions.load(Path.of("../flink-conf"));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
