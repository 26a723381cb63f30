package io.crewcast.features.operator;

import static io.crewcast.features.Events.NOON;
import static io.crewcast.features.Events.arrival;
import static io.crewcast.features.Events.entry;
import static io.crewcast.features.Events.event;
import static io.crewcast.features.Events.task;
import static io.crewcast.features.Events.voided;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.crewcast.features.definition.EntityDefinition;
import io.crewcast.schemas.DeadLetterReason;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.Arrival;
import io.crewcast.schemas.stream.Change;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/** What events do to the entities that they name. */
class FeatureOperatorsTest extends VisitedEntities {

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
}
