package io.crewcast.scoring.operator;

import static io.crewcast.scoring.fixture.PublishedModels.DART;
import static io.crewcast.scoring.operator.RolloutHarness.at;
import static io.crewcast.scoring.operator.RolloutHarness.rollout;
import static io.crewcast.scoring.operator.ScoringHarness.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.schemas.Alert;
import io.crewcast.schemas.AlertSeverity;
import io.crewcast.schemas.Prediction;
import io.crewcast.scoring.fixture.PublishedModels;
import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelStore;
import io.crewcast.scoring.serving.LoadedModels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link ScoreEvents} where a version is not what a rollout takes it for. */
@SuppressWarnings("NullAway.Init")
final class BrokenVersionTest {

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
  void goesOnWithWhatServedBeforeWhenAVersionIsBrokenAndSaysSoUntilAnotherIsRolledOut()
      throws Exception {
    PublishedModels.corrupt(scorer.models(), scorer.model(), 2);
    scorer.activate(rollout(1).build(), T0);
    scorer.activate(rollout(2).build(), at(60));
    scorer.start("a", at(70));
    assertThat(scorer.predictions()).extracting(Prediction::getModelVersion).containsExactly(1);
    scorer.clock(at(70));
    assertThat(scorer.alerts())
        .singleElement()
        .satisfies(
            alert -> {
              assertThat(alert.getSeverity()).isEqualTo(AlertSeverity.CRITICAL);
              assertThat(alert.getMessage()).contains("rollout-2", "version 2", "is not the file");
            });
    scorer.activate(rollout(3).build(), at(80));
    scorer.start("b", at(90));
    scorer.clock(at(90));
    assertThat(scorer.alerts()).hasSize(2).last().extracting(Alert::getResolved).isEqualTo(true);
    assertThat(scorer.predictions()).extracting(Prediction::getModelVersion).containsExactly(1, 3);
  }

  @Test
  void decidesOnceForEachRolloutWhateverBecomesOfTheFilesLater() throws Exception {
    PublishedModels.corrupt(scorer.models(), scorer.model(), 2);
    scorer.activate(rollout(1).build(), T0);
    scorer.activate(rollout(2).build(), at(60));
    try (var sameInAnotherTask =
        LoadedModels.lease(new ModelDirectory(scorer.models()), scorer.model(), 2)) {
      assertThatThrownBy(() -> sameInAnotherTask.await(Duration.ofMinutes(1)))
          .isInstanceOf(InvalidModelException.class);
      PublishedModels.corrupt(scorer.models(), scorer.model(), 2);
      scorer.activate(rollout(2).setRolloutId("mended").build(), at(80));
      scorer.start("mended", at(90));
      scorer.start("late", at(70));
      assertThat(scorer.predictions())
          .extracting(Prediction::getModelVersion)
          .containsExactly(2, 1);
    }
  }

  @Test
  void refusesAVersionThatAnswersOtherThanItsManifestSays() throws Exception {
    PublishedModels.publish(
        scorer.models(),
        scorer.model(),
        4,
        Map.of(),
        scorer.model().inputs().size(),
        List.of("score", "second"));
    PublishedModels.publish(
        scorer.models(),
        scorer.model(),
        5,
        DART,
        scorer.model().inputs().size(),
        List.of("score", "second"));
    PublishedModels.publish(
        scorer.models(),
        scorer.model(),
        6,
        DART,
        scorer.model().inputs().size() + 1,
        List.of("score"));
    scorer.activate(rollout(1).build(), T0);
    for (int version = 4; version <= 6; version++) {
      scorer.activate(rollout(version).build(), at(version));
    }
    scorer.start("a", at(10));
    assertThat(scorer.predictions()).extracting(Prediction::getModelVersion).containsExactly(1);
  }

  @Test
  void answersNothingMoreWhenItIsInterrupted() throws Exception {
    CountDownLatch read = new CountDownLatch(1);
    ModelStore slow = new SlowStore(read);
    scorer.activate(rollout(1).build(), T0);
    scorer.start("a", at(10));
    try (var before = LoadedModels.lease(new ModelDirectory(slow), scorer.model(), 1)) {
      scorer.activate(rollout(2).build(), at(60)); // it is loaded after that one
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> scorer.start("b", at(70))).isInstanceOf(CancellationException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
      read.countDown();
    }
    assertThat(scorer.predictions()).extracting(Prediction::getModelVersion).containsExactly(1);
  }

  @Test
  void endsAnAlertWhenTheVersionDoesNotAnswerAnyMore() throws Exception {
    PublishedModels.publish(scorer.models(), scorer.model(), 4, DART);
    scorer.activate(rollout(4).build(), T0);
    scorer.start("a", at(10));
    scorer.clock(at(11));
    assertThat(scorer.alerts()).singleElement().extracting(Alert::getResolved).isEqualTo(false);
    scorer.activate(rollout(1).build(), at(20));
    scorer.start("b", at(30));
    scorer.watermark(at(30));
    scorer.clock(at(31));
    assertThat(scorer.alerts()).hasSize(2).last().extracting(Alert::getResolved).isEqualTo(true);
  }

  @Test
  void endsAnAlertThatIsOverWhenItGoesOn() throws Exception {
    PublishedModels.publish(scorer.models(), scorer.model(), 4, DART);
    scorer.activate(rollout(4).build(), T0);
    scorer.start("a", at(10));
    scorer.clock(at(11));
    String id = scorer.alerts().get(0).getAlertId();
    OperatorSubtaskState state = scorer.snapshot();
    scorer.activate(rollout(1).build(), at(20));
    scorer.reopen(state, Map.of());
    scorer.clock(at(21));
    assertThat(scorer.alerts())
        .singleElement()
        .satisfies(
            alert -> {
              assertThat(alert.getAlertId()).isEqualTo(id);
              assertThat(alert.getResolved()).isTrue();
              assertThat(alert.getMessage()).startsWith("over: ");
            });
  }

  /** Has nothing, and says so late. */
  private record SlowStore(CountDownLatch read) implements ModelStore {
    @Override
    public String root() {
      return "slow";
    }

    @Override
    public List<String> names(String folder) {
      return List.of();
    }

    @Override
    public Optional<byte[]> read(String file) {
      try {
        read.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return Optional.empty();
    }

    @Override
    public void publish(String folder, Map<String, byte[]> files) {
      throw new UnsupportedOperationException();
    }
  }
}
