package io.crewcast.scoring.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.serving.NativeModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CandidateTest {

  @TempDir private Path directory;
  private Candidate candidate;
  private ExampleTable table;
  private Split split;

  @BeforeEach
  void trainsAFewTrees() throws IOException {
    ModelSpec spec = Examples.model(directory);
    SplittableRandom random = new SplittableRandom(23);
    double[] minutes = random.doubles(2_000, 0, 400).toArray();
    List<Example> examples =
        Examples.of(
            minutes.length,
            i -> random.nextDouble() < minutes[i] / 400 + (i % 4 == 0 ? 0.3 : 0) ? 1 : 0,
            i -> List.of(minutes[i], "phase-" + i % 4));
    split = Split.of(spec, new ExampleReader.Examples(examples, Map.of()));
    table = ExampleTable.learn(spec.inputs(), split.train());
    try (Boosting boosting = new Boosting(spec, table, split)) {
      candidate = new Candidate(spec, table, boosting.trees(new Trial(Map.of(), 20, 0)));
    }
  }

  @Test
  void scoresAsXgboostDoes() {
    double[] scores = Scored.column(candidate.outputs(split.test()), 0);
    try (NativeModel reference = NativeModel.load(candidate.file())) {
      float[][] outputs = reference.predict(table.rows(split.test()), 2);
      for (int row = 0; row < scores.length; row++) {
        assertThat(scores[row]).isEqualTo(outputs[row][0], within(1e-7));
      }
    }
  }

  @Test
  void ordersInputsByTheMeanOfWhatXgboostSaysTheyContribute() {
    float[][] contributions;
    try (NativeModel reference = NativeModel.load(candidate.file())) {
      contributions = reference.contributions(table.rows(split.test()), 2);
    }
    double[] sums = new double[2];
    for (float[] row : contributions) {
      sums[0] += Math.abs(row[0]);
      sums[1] += Math.abs(row[1]);
    }
    List<Candidate.Importance> importances = candidate.importances(split.test());
    assertThat(importances)
        .extracting(Candidate.Importance::input)
        .containsExactly("task.planned_minutes", "task.phase");
    for (int input = 0; input < 2; input++) {
      assertThat(importances.get(input).meanAbsolute())
          .isEqualTo(sums[input] / contributions.length, within(1e-5));
    }
  }

  @Test
  void timesEveryRow() {
    assertThat(candidate.p99(split.test())).isPositive();
  }
}
