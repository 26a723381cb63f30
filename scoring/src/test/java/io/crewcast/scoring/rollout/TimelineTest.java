package io.crewcast.scoring.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.ModelLineup;
import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.RolloutStage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class TimelineTest {

  private static final Instant T0 = Instant.parse("2026-03-02T08:00:00Z");

  @Test
  void changesWhoAnswersAtTheInstantAndNotBefore() {
    Timeline timeline = timeline(activation(1, 0, 10), activation(2, 20, 30));
    assertThat(champion(timeline, at(9.999999))).isNull();
    assertThat(champion(timeline, at(10))).isEqualTo(1);
    assertThat(champion(timeline, at(29.999999))).isEqualTo(1);
    assertThat(champion(timeline, at(30))).isEqualTo(2);
  }

  @Test
  void changesNothingWhileAVersionIsOnlyPrepared() {
    ModelRollout prepared = activation(2, 20, 30);
    prepared.setStage(RolloutStage.PREPARE);
    assertThat(champion(timeline(activation(1, 0, 10), prepared), at(40))).isEqualTo(1);
  }

  @Test
  void givesNoticeToAnActivationThatCameTooLate() {
    Timeline timeline = timeline(activation(1, 0, 10));
    timeline.add(activation(2, 20, 21), at(25));
    assertThat(champion(timeline, at(25.999999))).isEqualTo(1);
    assertThat(champion(timeline, at(26))).isEqualTo(2);
  }

  @Test
  void letsWhatIsPublishedLaterTakeThePlaceOfWhatWasStillToCome() {
    Timeline timeline =
        timeline(activation(1, 0, 10), activation(2, 20, 60), activation(3, 30, 40));
    assertThat(champion(timeline, at(39))).isEqualTo(1);
    assertThat(champion(timeline, at(40))).isEqualTo(3);
    assertThat(champion(timeline, at(100))).isEqualTo(3);
    // nor does it come into effect where the one that took its place cannot serve
    assertThat(timeline.at(at(100), lineup -> lineup.champion() != 3).map(Lineup::champion))
        .hasValue(1);
  }

  @Test
  void goesOnWithTheOneBeforeWhereOneCannotServe() {
    Timeline timeline = timeline(activation(1, 0, 10), activation(2, 20, 30));
    assertThat(timeline.at(at(50), lineup -> lineup.champion() != 2))
        .hasValueSatisfying(lineup -> assertThat(lineup.champion()).isEqualTo(1));
  }

  @Test
  void knowsWhatTheFirstOneReplacedThoughCompactionTookIt() {
    ModelRollout second = activation(2, 20, 30);
    second.setReplaces(new ModelLineup("r1", at(10), 1, null, 0.0, List.of(), null));
    Timeline timeline = timeline(second);
    assertThat(champion(timeline, at(29))).isEqualTo(1);
    assertThat(champion(timeline, at(30))).isEqualTo(2);
  }

  @Test
  void knowsWhatServesThoughCompactionLeftNoMoreThanAPreparation() {
    ModelRollout prepared = activation(2, 20, 30);
    prepared.setStage(RolloutStage.PREPARE);
    prepared.setReplaces(new ModelLineup("r1", at(10), 1, null, 0.0, List.of(), null));
    assertThat(champion(timeline(prepared), at(40))).isEqualTo(1);
  }

  @Test
  void knowsWhatALaterOneReplacedThoughItRemembersAnEarlierOne() {
    ModelRollout prepared = activation(3, 40, 50);
    prepared.setStage(RolloutStage.PREPARE);
    prepared.setReplaces(new ModelLineup("r2", at(30), 2, null, 0.0, List.of(), null));
    Timeline timeline = new Timeline();
    timeline.restore(activation(1, 0, 10));
    timeline.add(prepared, at(40));
    assertThat(champion(timeline, at(29))).isEqualTo(1);
    assertThat(champion(timeline, at(60))).isEqualTo(2);
    timeline.add(activation(4, 70, 80), at(70));
    assertThat(champion(timeline, at(79))).isEqualTo(2);
    assertThat(champion(timeline, at(80))).isEqualTo(4);
  }

  @Test
  void letsNothingServeThatWasToTakeEffectAfterTheOneThatReplacedIt() {
    ModelRollout third = activation(3, 30, 40);
    third.setReplaces(new ModelLineup("r2", at(60), 2, null, 0.0, List.of(), null));
    Timeline timeline = timeline(activation(1, 0, 10), third);
    assertThat(champion(timeline, at(100))).isEqualTo(3);
  }

  @Test
  void followsTheBrokersClockWhereThatOfAPublisherIsWrong() {
    ModelRollout ahead = activation(1, 500, 11);
    ModelRollout rightClock = activation(2, 20, 22);
    Timeline timeline = new Timeline();
    timeline.add(ahead, at(10));
    timeline.add(rightClock, at(20));
    assertThat(champion(timeline, at(30))).isEqualTo(2);
    Timeline restored = new Timeline();
    timeline.activations().forEach(restored::restore);
    assertThat(champion(restored, at(30))).isEqualTo(2);
  }

  @Test
  void isTheSameInWhateverOrderActivationsComeAndHoweverOften() {
    List<ModelRollout> activations = new ArrayList<>();
    Random random = new Random(5);
    for (int i = 0; i < 60; i++) {
      activations.add(activation(i + 1, 10L * i, 10L * i + 1 + random.nextInt(50)));
    }
    Timeline inOrder = timeline(activations.toArray(ModelRollout[]::new));
    for (int round = 0; round < 20; round++) {
      Collections.shuffle(activations, random);
      Timeline shuffled = timeline(activations.toArray(ModelRollout[]::new));
      activations.forEach(again -> shuffled.add(again, again.getPublishedAt()));
      Timeline restored = new Timeline();
      shuffled.activations().forEach(restored::restore);
      for (double second = 0; second < 700; second += 0.5) {
        Integer expected = champion(inOrder, at(second));
        assertThat(champion(shuffled, at(second))).as("at %s", second).isEqualTo(expected);
        assertThat(champion(restored, at(second))).as("at %s", second).isEqualTo(expected);
      }
    }
  }

  private static Timeline timeline(ModelRollout... rollouts) {
    Timeline timeline = new Timeline();
    for (ModelRollout rollout : rollouts) {
      timeline.add(rollout, rollout.getPublishedAt());
    }
    return timeline;
  }

  private static @Nullable Integer champion(Timeline timeline, Instant recordedAt) {
    return timeline.at(recordedAt, lineup -> true).map(Lineup::champion).orElse(null);
  }

  private static ModelRollout activation(int champion, long publishedAt, long effectiveAt) {
    return ModelRollout.newBuilder()
        .setModel("overrun")
        .setRolloutId("r" + champion)
        .setStage(RolloutStage.ACTIVATE)
        .setEffectiveAt(T0.plusSeconds(effectiveAt))
        .setChampion(champion)
        .setPublishedAt(T0.plusSeconds(publishedAt))
        .build();
  }

  private static Instant at(double seconds) {
    return T0.plusNanos(Math.round(seconds * 1e9));
  }
}
