package io.crewcast.scoring.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.crewcast.schemas.EntityRef;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRequested;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.RankedEntity;
import io.crewcast.schemas.Ranking;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.Fact;
import io.crewcast.schemas.stream.ScoredChange;
import io.crewcast.scoring.model.ModelSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/** A request goes to all candidates, and their scores come back as one ranking. */
final class GatherRankingsTest {

  private static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");
  private static final ModelSpec PICKER =
      RequestModels.ofWorkers("picker", "binary:logistic", ", deadline: 200ms");

  @Test
  void sendsARequestToEachCandidateAndTellsThatARankingIsAsked() throws Exception {
    Change request = asked("ann", "bob", "cid");
    try (var harness =
        new OneInputStreamOperatorTestHarness<>(new ProcessOperator<>(new FanOut()))) {
      harness.open();
      harness.processElement(request, 0);
      Change single = asked("dan");
      harness.processElement(single, 0);

      assertThat(harness.extractOutputValues())
          .extracting(
              change ->
                  ((PredictionRequested) change.getApplied().getEvent().getPayload())
                      .getEntities().stream().map(EntityRef::getEntityId).toList())
          .containsExactly(
              List.of("ann", "bob", "cid"),
              List.of("bob", "ann", "cid"),
              List.of("cid", "bob", "ann"),
              List.of("dan"));
      assertThat(harness.getSideOutput(FanOut.RANKINGS))
          .extracting(record -> record.getValue().getChange())
          .containsExactly(request);
    }
  }

  @Test
  void answersWhenAllCandidatesHave() throws Exception {
    try (var harness = open(PICKER, false, null)) {
      harness.processElement(scored("ann", 0.2, PredictionRole.CHAMPION), 0);
      harness.processElement(new ScoredChange(asked("ann", "bob", "cid"), List.of()), 0);
      harness.processElement(scored("cid", 0.2, PredictionRole.CHAMPION), 0);
      assertThat(harness.extractOutputValues()).isEmpty();
      harness.processElement(scored("bob", 0.9, PredictionRole.CHAMPION), 0);

      Ranking ranking = harness.extractOutputValues().get(0);
      assertThat(names(ranking)).containsExactly("bob", "ann", "cid");
      assertThat(ranking.getRanked())
          .extracting(RankedEntity::getScore)
          .containsExactly(0.9, 0.2, 0.2);
      assertThat(ranking.getRanked()).extracting(RankedEntity::getConfidence).containsOnly(0.4);
      assertThat(ranking.getPartial()).isFalse();
      assertThat(ranking.getModelVersion()).isEqualTo(3);
      assertThat(ranking.getRole()).isEqualTo(PredictionRole.CHAMPION);
      assertThat(ranking.getAsOf()).isEqualTo(NOON);
      harness.setProcessingTime(10_000);
      assertThat(harness.extractOutputValues()).hasSize(1);
      assertThat(harness.numKeyedStateEntries()).isZero();
    }
  }

  @Test
  void takesFromTheScorersWhatAnswersAndNotWhatOnlyPasses() {
    assertThat(GatherRankings.answersRanking(scored("ann", 0.2, PredictionRole.CHAMPION))).isTrue();
    assertThat(GatherRankings.answersRanking(new ScoredChange(asked("ann", "bob"), List.of())))
        .isFalse();
    ScoredChange single = scored("ann", 0.2, PredictionRole.CHAMPION);
    single.setChange(asked("ann"));
    assertThat(GatherRankings.answersRanking(single)).isFalse();
  }

  @Test
  void answersOnceThoughTheRequestComesAfterItsAnswers() throws Exception {
    try (var harness = open(PICKER, false, null)) {
      for (String candidate : List.of("ann", "bob", "cid")) {
        harness.processElement(scored(candidate, 0.2, PredictionRole.CHAMPION), 0);
      }
      harness.processElement(new ScoredChange(asked("ann", "bob", "cid"), List.of()), 0);
      harness.setProcessingTime(10_000);
      assertThat(harness.extractOutputValues())
          .singleElement()
          .extracting(Ranking::getPartial)
          .isEqualTo(false);
      assertThat(harness.numKeyedStateEntries()).isZero();
      assertThat(harness.numProcessingTimeTimers()).isZero();
    }
  }

  @Test
  void answersAtTheDeadlineWithThoseThatHaveComeAndOnlyOnce() throws Exception {
    OperatorSubtaskState state;
    try (var harness = open(PICKER, false, null)) {
      harness.processElement(new ScoredChange(asked("ann", "bob", "cid"), List.of()), 0);
      harness.processElement(scored("cid", 0.3, PredictionRole.CHAMPION), 0);
      harness.setProcessingTime(199);
      assertThat(harness.extractOutputValues()).isEmpty();
      state = harness.snapshot(1, 1);
    }
    try (var harness = open(PICKER, false, state)) {
      harness.setProcessingTime(200);
      harness.processElement(scored("ann", 0.9, PredictionRole.CHAMPION), 0);
      harness.processElement(scored("bob", 0.9, PredictionRole.CHAMPION), 0);

      assertThat(harness.extractOutputValues())
          .singleElement()
          .satisfies(
              ranking -> {
                assertThat(names(ranking)).containsExactly("cid");
                assertThat(ranking.getPartial()).isTrue();
              });
      harness.setProcessingTime(4_000_000);
      assertThat(harness.extractOutputValues()).hasSize(1);
      assertThat(harness.numKeyedStateEntries()).isZero();
    }
  }

  @Test
  void answersNothingThatWasAskedBeforeTheInstantItIsGiven() throws Exception {
    try (var harness = open(PICKER, false, null)) {
      Change old = asked("ann", "bob", "cid");
      old.getApplied().getEvent().setRecordedAt(NOON.minusSeconds(2));
      harness.processElement(new ScoredChange(old, List.of()), 0);
      harness.setProcessingTime(10_000);
      assertThat(harness.extractOutputValues()).isEmpty();
      assertThat(harness.numKeyedStateEntries()).isZero();
    }
  }

  @Test
  void saysSoWhenNoneHasComeByTheDeadline() throws Exception {
    try (var harness = open(PICKER, false, null)) {
      harness.processElement(new ScoredChange(asked("ann", "bob", "cid"), List.of()), 0);
      harness.setProcessingTime(200);
      assertThat(harness.extractOutputValues())
          .singleElement()
          .satisfies(
              ranking -> {
                assertThat(ranking.getRanked()).isEmpty();
                assertThat(ranking.getPartial()).isTrue();
                assertThat(ranking.getRole()).isEqualTo(PredictionRole.FALLBACK);
              });
    }
  }

  @Test
  void leavesOutWhoWasNotScoredWhereOthersWere() throws Exception {
    try (var harness = open(PICKER, true, null)) {
      all(
          harness,
          scored("ann", 9.0, PredictionRole.FALLBACK),
          scored("bob", 0.1, PredictionRole.CHALLENGER),
          scored("cid", 0.2, PredictionRole.CHALLENGER));
      Ranking ranking = harness.extractOutputValues().get(0);
      assertThat(names(ranking)).containsExactly("cid", "bob");
      assertThat(ranking.getPartial()).isTrue();
      assertThat(ranking.getRole()).isEqualTo(PredictionRole.CHALLENGER);
    }
  }

  @Test
  void ranksThoseThatTheSameVersionScored() throws Exception {
    ScoredChange other = scored("bob", 0.9, PredictionRole.CHALLENGER);
    other.getPredictions().get(0).setModelVersion(4);
    try (var harness = open(PICKER, true, null)) {
      all(
          harness,
          scored("ann", 0.1, PredictionRole.CHAMPION),
          other,
          scored("cid", 0.2, PredictionRole.CHAMPION));
      Ranking ranking = harness.extractOutputValues().get(0);
      assertThat(names(ranking)).containsExactly("cid", "ann");
      assertThat(ranking.getPartial()).isTrue();
      assertThat(ranking.getModelVersion()).isEqualTo(3);
    }
  }

  @Test
  void ranksByTheFallbackWhereNobodyWasScored() throws Exception {
    try (var harness = open(PICKER, true, null)) {
      all(
          harness,
          scored("ann", 0.1, PredictionRole.FALLBACK),
          scored("bob", 0.3, PredictionRole.FALLBACK),
          scored("cid", 0.2, PredictionRole.FALLBACK));
      Ranking ranking = harness.extractOutputValues().get(0);
      assertThat(names(ranking)).containsExactly("bob", "cid", "ann");
      assertThat(ranking.getPartial()).isFalse();
      assertThat(ranking.getRole()).isEqualTo(PredictionRole.FALLBACK);
    }
  }

  @Test
  void beginsWithTheLowestWhereThatIsBest() throws Exception {
    ModelSpec risk = RequestModels.ofWorkers("picker", "binary:logistic", ", best: lowest");
    try (var harness = open(risk, true, null)) {
      all(
          harness,
          scored("ann", 0.1, PredictionRole.CHAMPION),
          scored("bob", 0.3, PredictionRole.CHAMPION),
          scored("cid", 0.2, PredictionRole.CHAMPION));
      assertThat(names(harness.extractOutputValues().get(0))).containsExactly("ann", "cid", "bob");
    }
  }

  private static void all(
      KeyedOneInputStreamOperatorTestHarness<String, ScoredChange, Ranking> harness,
      ScoredChange... answers)
      throws Exception {
    for (ScoredChange answer : answers) {
      harness.processElement(answer, 0);
    }
  }

  private static List<String> names(Ranking ranking) {
    return ranking.getRanked().stream().map(RankedEntity::getEntityId).toList();
  }

  /** A request as it comes, with these candidates. */
  private static Change asked(String... candidates) {
    WorkEvent event = new WorkEvent();
    event.setEventId("r1");
    event.setCompanyId("acme");
    event.setOccurredAt(NOON);
    event.setRecordedAt(NOON);
    event.setSource("test");
    event.setPayload(
        new PredictionRequested(
            "request",
            "picker",
            Stream.of(candidates).map(id -> new EntityRef(EntityType.WORKER, id)).toList(),
            null));
    return new Change(
        null, Fact.newBuilder().setEvent(event).build(), "r1", NOON, false, new ArrayList<>());
  }

  private static ScoredChange scored(String candidate, double score, PredictionRole role) {
    Prediction prediction = new Prediction();
    prediction.setPredictionId("of-" + candidate);
    prediction.setCompanyId("acme");
    prediction.setEntity("worker");
    prediction.setEntityId(candidate);
    prediction.setEventId("r1");
    prediction.setRequestId("request");
    prediction.setTrigger("request");
    prediction.setModel("picker");
    prediction.setModelVersion(role == PredictionRole.FALLBACK ? 0 : 3);
    prediction.setRole(role);
    prediction.setOutputs(Map.ofEntries(entry("score", score)));
    prediction.setConfidence(0.4);
    prediction.setInputs(List.of(1.0));
    prediction.setContributions(List.of());
    prediction.setMissing(List.of());
    prediction.setEntities(Map.of());
    prediction.setAsOf(NOON);
    prediction.setScoredAt(NOON);
    return new ScoredChange(asked("ann", "bob", "cid"), List.of(prediction));
  }

  private static KeyedOneInputStreamOperatorTestHarness<String, ScoredChange, Ranking> open(
      ModelSpec model, boolean waitsForAll, OperatorSubtaskState state) throws Exception {
    var harness =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedProcessOperator<>(
                new GatherRankings(List.of(model), waitsForAll, NOON.minusSeconds(1))),
            GatherRankings.KEY,
            Types.STRING);
    if (state != null) {
      harness.initializeState(state);
    }
    harness.open();
    return harness;
  }
}
