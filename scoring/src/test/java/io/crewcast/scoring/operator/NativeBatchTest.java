package io.crewcast.scoring.operator;

import static io.crewcast.scoring.fixture.PublishedModels.DART;
import static io.crewcast.scoring.operator.RolloutHarness.at;
import static io.crewcast.scoring.operator.RolloutHarness.rollout;
import static io.crewcast.scoring.operator.ScoringHarness.T0;
import static io.crewcast.scoring.operator.ScoringHarness.change;
import static io.crewcast.scoring.operator.ScoringHarness.startOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.Alert;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.scoring.fixture.PublishedModels;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link ScoreEvents} with a version that only XGBoost knows. */
@SuppressWarnings("NullAway.Init")
final class NativeBatchTest {

  @TempDir private Path directory;
  private RolloutHarness scorer;

  @BeforeEach
  void opens() throws Exception {
    scorer = new RolloutHarness(directory);
  }

  @AfterEach
  void closes() throws Exception {
    scorer.close();
  }

  @Test
  void answersInBatchesWhatOnlyXgboostKnowsAndKeepsTheOrderOfChanges() throws Exception {
    PublishedModels.publish(scorer.models(), scorer.model(), 4, DART);
    scorer.activate(rollout(4).build(), T0);
    for (int i = 0; i < 20; i++) {
      scorer.start("task-" + i, at(10 + i));
      scorer.process(change(null, startOf("x" + i, "p1", at(10 + i)), at(10 + i), 0));
    }
    assertThat(scorer.scored()).isEmpty();
    scorer.watermark(at(20));
    assertThat(scorer.scored()).hasSize(40);
    assertThat(scorer.scored()).extracting(one -> one.getChange().getRecordedAt()).isSorted();
    assertThat(scorer.predictions())
        .hasSize(40)
        .allSatisfy(
            prediction -> {
              assertThat(prediction.getRole()).isEqualTo(PredictionRole.CHAMPION);
              assertThat(prediction.getContributions()).hasSize(2);
            });
    scorer.clock(at(40));
    assertThat(scorer.alerts()).extracting(Alert::getMessage).anyMatch(m -> m.contains("dart"));
  }

  @Test
  void answersAFewMillisecondsLaterWhereNoMoreRowsCome() throws Exception {
    PublishedModels.publish(scorer.models(), scorer.model(), 4, DART);
    scorer.activate(rollout(4).build(), T0);
    scorer.clock(at(10));
    scorer.start("a", at(10));
    scorer.clock(at(10).plusMillis(4));
    assertThat(scorer.scored()).isEmpty();
    scorer.clock(at(10).plusMillis(5));
    assertThat(scorer.scored()).hasSize(1);
  }

  @Test
  void answersAllThatWaitBeforeACheckpoint() throws Exception {
    PublishedModels.publish(scorer.models(), scorer.model(), 4, DART);
    scorer.activate(rollout(4).build(), T0);
    scorer.start("a", at(10));
    scorer.prepareSnapshot();
    assertThat(scorer.scored()).hasSize(1);
  }
}
