package io.crewcast.scoring.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.LabelOutcome;
import io.crewcast.schemas.Observation;
import io.crewcast.schemas.TrainingExample;
import io.crewcast.schemas.stream.Received;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LabelKeyTest {

  private static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");

  @TempDir private Path directory;

  private static Received example(LabelOutcome outcome, @Nullable Double label) {
    return new Received(
        TrainingExample.newBuilder()
            .setPredictionId("p")
            .setCompanyId("acme")
            .setModel(WatchedModels.LABELLED)
            .setEntity("task")
            .setEntityId("t")
            .setEventId("e")
            .setAsOf(NOON)
            .setInputs(List.of())
            .setOutcome(outcome)
            .setLabel(label)
            .build(),
        null);
  }

  @Test
  void leavesOutExamplesOfWhatIsLearnedWithoutALabel() throws Exception {
    var key = new LabelKey(WatchedModels.load(directory));
    assertThat(key.filter(example(LabelOutcome.LABELLED, null))).isFalse();
    assertThat(key.filter(example(LabelOutcome.LEFT_TRUNCATED, null))).isFalse();
    assertThat(key.filter(example(LabelOutcome.LABELLED, 1.0))).isTrue();
    assertThat(key.filter(example(LabelOutcome.CENSORED, null))).isTrue();
  }

  @Test
  void keepsTheObservationsOfCompaniesApart() throws Exception {
    var key = new LabelKey(WatchedModels.load(directory));
    assertThat(key.getKey(observation("acme"))).isNotEqualTo(key.getKey(observation("bolt")));
  }

  private static Received observation(String company) {
    return new Received(new Observation(company, "p", null, null, "was_late", 1.0, NOON), null);
  }
}
