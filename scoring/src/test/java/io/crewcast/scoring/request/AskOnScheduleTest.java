package io.crewcast.scoring.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.Defect;
import io.crewcast.schemas.EntityRef;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.PredictionRequested;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.Fact;
import io.crewcast.scoring.model.ModelSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Schedules ask in event time, before what was recorded later, and only of active entities. */
final class AskOnScheduleTest {

  private static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");

  @Test
  void asksOnceForEachPeriodInWhichTheEntityWasHeardOf() throws Exception {
    try (var harness = open(null, RequestModels.scheduled("pulse", "every: 5m"))) {
      hear(harness, "d1", 60);
      hear(harness, "d2", 90);
      hear(harness, "d3", 300); // of the period that ends then
      hear(harness, "d4", 301);
      hear(harness, "d5", 3_600);

      assertThat(heard(harness))
          .containsExactly("d1", "d2", "d3", "pulse 300", "d4", "pulse 600", "d5");
    }
  }

  @Test
  void asksWhenTheWatermarkPassesOfAnEntityThatHearsNothingMore() throws Exception {
    try (var harness =
        open(null, RequestModels.scheduled("pulse", "every: 5m, active_within: 15m"))) {
      hear(harness, "d1", 60);
      harness.processWatermark(at(299));
      assertThat(heard(harness)).containsExactly("d1");
      harness.processWatermark(at(300));
      assertThat(heard(harness)).containsExactly("d1", "pulse 300");
      harness.processWatermark(at(100_000));
      assertThat(heard(harness)).containsExactly("d1", "pulse 300", "pulse 600", "pulse 900");
      assertThat(harness.numEventTimeTimers()).isZero();
      assertThat(harness.numKeyedStateEntries()).isZero();
      hear(harness, "late", 120); // what was due then was asked, or was not
      harness.processWatermark(at(200_000));
      assertThat(heard(harness)).endsWith("pulse 900", "late");
    }
  }

  @Test
  void sendsEachAtItsOwnTimeAlsoWhereALaterChangeBringsItOut() throws Exception {
    try (var harness = open(null, RequestModels.scheduled("pulse", "every: 5m"))) {
      hear(harness, "d1", 60);
      hear(harness, "d2", 100_000);
      assertThat(harness.getOutput())
          .extracting(record -> ((StreamRecord<?>) record).getTimestamp())
          .containsExactly(
              at(60).getTimestamp(), at(300).getTimestamp(), at(100_000).getTimestamp());
    }
  }

  @Test
  void goesOnFromASnapshotAndAsksNothingTwice() throws Exception {
    ModelSpec model = RequestModels.scheduled("pulse", "every: 5m, active_within: 10m");
    OperatorSubtaskState state;
    try (var harness = open(null, model)) {
      hear(harness, "d1", 60);
      harness.processWatermark(at(400));
      state = harness.snapshot(1, 1);
    }
    try (var harness = open(state, model)) {
      hear(harness, "late", 30);
      harness.processWatermark(at(100_000));
      assertThat(heard(harness)).containsExactly("late", "pulse 600");
    }
  }

  @Test
  void namesTheEntityAndTellsItIsNoRequestOfOthers() throws Exception {
    try (var harness = open(null, RequestModels.scheduled("pulse", "every: 5m"))) {
      hear(harness, "d1", 60);
      harness.processWatermark(at(300));

      Change asked = harness.extractOutputValues().get(1);
      WorkEvent event = asked.getApplied().getEvent();
      PredictionRequested request = (PredictionRequested) event.getPayload();
      assertThat(request.getRequestId()).isEqualTo(ModelSpec.SCHEDULED);
      assertThat(request.getEntities())
          .containsExactly(new EntityRef(EntityType.PROJECT, "bridge:north"));
      assertThat(event.getCompanyId()).isEqualTo("acme");
      assertThat(asked.getEventId()).isEqualTo(event.getEventId());
      assertThat(asked.getRecordedAt()).isEqualTo(NOON.plusSeconds(300));
    }
  }

  @Test
  void asksNothingAtAnEndOfWhichNoTimeIsKnown() throws Exception {
    try (var harness = open(null, RequestModels.scheduled("pulse", "every: 5m"))) {
      hear(harness, "d1", 60);
      harness.processWatermark(Watermark.MAX_WATERMARK);
      assertThat(heard(harness)).containsExactly("d1");
    }
  }

  @Test
  void asksAtTheEndOfTheInputUpToItsNewestEvent() throws Exception {
    ModelSpec model = RequestModels.scheduled("pulse", "every: 5m, active_within: 1h");
    try (var harness = open(NOON.plusSeconds(900), null, model)) {
      hear(harness, "d1", 60);
      harness.processWatermark(at(299));
      harness.processWatermark(Watermark.MAX_WATERMARK);
      assertThat(heard(harness)).containsExactly("d1", "pulse 300", "pulse 600", "pulse 900");
    }
  }

  @Test
  void asksNothingTwiceOfAnEntityThatItHasForgotten() throws Exception {
    ModelSpec model = RequestModels.scheduled("pulse", "every: 5m");
    OperatorSubtaskState state;
    try (var harness = open(null, model)) {
      hear(harness, "d1", 60);
      harness.processWatermark(at(900));
      assertThat(heard(harness)).containsExactly("d1", "pulse 300");
      state = harness.snapshot(1, 1);
    }
    try (var harness = open(state, model)) {
      hear(harness, "late", 70);
      harness.processWatermark(at(1_200));
      assertThat(heard(harness)).containsExactly("late");
    }
  }

  @Test
  void keepsSchedulesOfSeveralModelsInTheOrderOfTime() throws Exception {
    try (var harness =
        open(
            null,
            RequestModels.scheduled("hourly", "every: 1h, active_within: 2h"),
            RequestModels.scheduled("half", "every: 30m, active_within: 1h"))) {
      hear(harness, "d1", 60);
      harness.processWatermark(at(100_000));
      assertThat(heard(harness))
          .containsExactly("d1", "half 1800", "half 3600", "hourly 3600", "hourly 7200");
    }
  }

  @Test
  void readsOnceMoreWhenTheLabelOfAScoreFallsDue() throws Exception {
    ModelSpec model =
        RequestModels.scheduled(
            "pulse", "every: 1d", "{value: project.hours, after: 2d}", "reg:squarederror");
    try (var harness = open(null, model)) {
      hear(harness, "d1", 60);
      harness.processWatermark(at(1_000_000));
      assertThat(heard(harness)).containsExactly("d1", "pulse 43200", " 216000");
      assertThat(harness.numEventTimeTimers()).isZero();
    }
  }

  @Test
  void readsNothingThatAScoreReadsAtThatInstant() throws Exception {
    ModelSpec model =
        RequestModels.scheduled(
            "pulse",
            "every: 1d, active_within: 2d",
            "{value: project.hours, after: 1d}",
            "reg:squarederror");
    try (var harness = open(null, model)) {
      hear(harness, "d1", 60);
      harness.processWatermark(at(1_000_000));
      assertThat(heard(harness)).containsExactly("d1", "pulse 43200", "pulse 129600", " 216000");
    }
  }

  @Test
  void readsWhatTriggersWhenItsLabelFallsDueAndBeforeWhatIsRecordedLater() throws Exception {
    ModelSpec model = ofDefects();
    OperatorSubtaskState state;
    try (var harness = open(null, model)) {
      hear(harness, "d1", 60);
      hear(harness, "d2", 90);
      state = harness.snapshot(1, 1);
    }
    try (var harness = open(state, model)) {
      hear(harness, "d3", 3_670);
      harness.processWatermark(at(3_700));
      assertThat(heard(harness)).containsExactly(" 3660", "d3", " 3690");
    }
  }

  @Test
  void readsInTheMillisecondInWhichItIsDue() throws Exception {
    try (var harness = open(null, ofDefects())) {
      hear(harness, "d1", NOON.plusSeconds(60).plusNanos(1_000));
      harness.processWatermark(new Watermark(at(3_660).getTimestamp() - 1));
      assertThat(heard(harness)).containsExactly("d1");
      harness.processWatermark(at(3_660));
      assertThat(heard(harness)).containsExactly("d1", " 3660");
    }
  }

  @Test
  void readsAtOnceWhatFellDueBeforeTheEventThatTriggersCame() throws Exception {
    try (var harness = open(null, ofDefects())) {
      harness.processWatermark(at(100_000));
      hear(harness, "late", 60);
      harness.processWatermark(at(100_001));
      assertThat(heard(harness)).containsExactly("late", " 3660");
      assertThat(harness.numEventTimeTimers()).isZero();
      assertThat(harness.numKeyedStateEntries()).isZero();
    }
  }

  private static ModelSpec ofDefects() {
    return RequestModels.of(
        "risk",
        "project",
        "from: defect, when: project_id != \"\"",
        "{positive: project.hours > then.project.hours, negative: otherwise, within: 1h}",
        "binary:logistic",
        "");
  }

  private static void hear(
      KeyedOneInputStreamOperatorTestHarness<String, Change, Change> harness,
      String id,
      long second)
      throws Exception {
    hear(harness, id, NOON.plusSeconds(second));
  }

  private static void hear(
      KeyedOneInputStreamOperatorTestHarness<String, Change, Change> harness, String id, Instant at)
      throws Exception {
    WorkEvent event = new WorkEvent();
    event.setEventId(id);
    event.setCompanyId("acme");
    event.setOccurredAt(at);
    event.setRecordedAt(at);
    event.setSource("test");
    Defect defect = new Defect();
    defect.setDefectId(id);
    defect.setProjectId("bridge:north");
    event.setPayload(defect);
    Change change =
        new Change(
            null, Fact.newBuilder().setEvent(event).build(), id, at, false, new ArrayList<>());
    harness.processElement(change, at.toEpochMilli());
  }

  private static Watermark at(long second) {
    return new Watermark(NOON.plus(Duration.ofSeconds(second)).toEpochMilli());
  }

  private static List<String> heard(
      KeyedOneInputStreamOperatorTestHarness<String, Change, Change> harness) {
    return harness.extractOutputValues().stream()
        .map(
            change ->
                change.getApplied().getEvent().getPayload() instanceof PredictionRequested asked
                    ? asked.getModel()
                        + ' '
                        + Duration.between(NOON, change.getRecordedAt()).toSeconds()
                    : change.getEventId())
        .toList();
  }

  private static KeyedOneInputStreamOperatorTestHarness<String, Change, Change> open(
      @Nullable OperatorSubtaskState state, ModelSpec... models) throws Exception {
    return open(null, state, models);
  }

  private static KeyedOneInputStreamOperatorTestHarness<String, Change, Change> open(
      @Nullable Instant newest, @Nullable OperatorSubtaskState state, ModelSpec... models)
      throws Exception {
    var harness =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new AskOnSchedule(EntityType.PROJECT, List.of(models), newest),
            (Change change) -> "acme:bridge:north",
            Types.STRING);
    if (state != null) {
      harness.initializeState(state);
    }
    harness.open();
    return harness;
  }
}
