package io.crewcast.scoring.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.scoring.model.Metric;
import io.crewcast.scoring.model.ModelSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GateTest {

  private static final int ROWS = 2_000;
  private static final Duration FAST = Duration.ofNanos(20_000);

  /** A chance that half of the rows have, and the label that came of it. */
  private static final double[] CHANCES =
      new SplittableRandom(11).doubles(ROWS).map(x -> x < 0.5 ? 0.2 : 0.7).toArray();

  private static final List<Example> TEST = test();
  private static final Scored GOOD = Scored.ofNumbers(Scored.MODEL, CHANCES);
  private static final Scored FALLBACK =
      Scored.ofNumbers(Scored.FALLBACK, Arrays.stream(CHANCES).map(x -> 0.45).toArray());

  @TempDir private Path directory;
  private ModelSpec spec;

  private static List<Example> test() {
    SplittableRandom random = new SplittableRandom(13);
    double[] draws = random.doubles(ROWS).toArray();
    return Examples.of(
        ROWS,
        i -> draws[i] < CHANCES[i] ? 1 : 0,
        i -> List.of(1.0, i % 2 == 0 ? "build" : "design"));
  }

  /** The chance that a row does not have. */
  private static double other(double chance) {
    return chance < 0.5 ? 0.7 : 0.2;
  }

  @BeforeEach
  void definesAModel() throws IOException {
    spec = Examples.model(directory);
  }

  @Test
  void passesWhatIsBetterCalibratedAndFast() {
    Verdict verdict = judge(GOOD, champion(Scored.column(FALLBACK.outputs(), 0)), FAST);
    assertThat(verdict.reasons()).isEmpty();
    assertThat(verdict.passed()).isTrue();
    assertThat(verdict.comparisons())
        .hasSize(2)
        .allSatisfy(
            comparison -> {
              assertThat(comparison.clusters()).isEqualTo(200);
              assertThat(comparison.otherValue()).isEqualTo(0.5);
              assertThat(comparison.difference()).isEqualTo(comparison.model() - 0.5);
              assertThat(comparison.low()).isBetween(0.2, comparison.difference());
              assertThat(comparison.high()).isGreaterThan(comparison.difference());
            });
  }

  @Test
  void doesNotPassWhatIsWorseThanTheFallback() {
    Scored reversed =
        Scored.ofNumbers(Scored.MODEL, Arrays.stream(CHANCES).map(GateTest::other).toArray());
    assertThat(judge(reversed, new Champion.None("there is no champion yet"), FAST).reasons())
        .first()
        .asString()
        .matches(
            "auc 0\\.2\\d+ is not surely better than 0\\.5000 of the fallback: the difference is -0\\.2\\d+, .*, and must stay above 0\\.0");
  }

  @Test
  void doesNotPassWhatIsBetterByChanceOnlyUnlessTheMarginAllowsIt() throws IOException {
    // a champion that has ten rows more in the wrong order
    double[] nearly = CHANCES.clone();
    for (int row = 0; row < 10; row++) {
      nearly[row] = other(nearly[row]);
    }
    assertThat(judge(GOOD, champion(nearly), FAST).reasons())
        .singleElement()
        .asString()
        .contains("of the champion (version 3)");
    spec = Examples.model(directory, "metric: auc", "metric: auc, margin: -0.02");
    assertThat(judge(GOOD, champion(nearly), FAST).reasons()).isEmpty();
  }

  @Test
  void doesNotPassWhatIsTooHighOnTheWhole() {
    Scored high =
        Scored.ofNumbers(Scored.MODEL, Arrays.stream(CHANCES).map(x -> x + 0.2).toArray());
    assertThat(judge(high, champion(Scored.column(FALLBACK.outputs(), 0)), FAST).reasons())
        .singleElement()
        .asString()
        .matches("the calibration ratio is 1\\.5\\d+, outside of 0\\.8 to 1\\.25");
  }

  @Test
  void doesNotPassWhatLosesInASegmentOfManyLabels() {
    double[] partly = CHANCES.clone();
    double[] champion = CHANCES.clone();
    for (int row = 0; row < ROWS; row += 2) {
      partly[row] = row % 20 == 0 ? other(CHANCES[row]) : CHANCES[row];
      champion[row + 1] = 0.45;
    }
    assertThat(judge(Scored.ofNumbers(Scored.MODEL, partly), champion(champion), FAST).reasons())
        .singleElement()
        .asString()
        .startsWith("where task.phase is build (1000 labels) auc is 0.")
        .contains("of the champion (version 3) 0.7");
  }

  @Test
  void doesNotPassWhatAnswersTooLate() {
    assertThat(
            judge(GOOD, champion(Scored.column(FALLBACK.outputs(), 0)), Duration.ofMillis(6))
                .reasons())
        .containsExactly(
            "a score takes 6000 us at the 99th percentile, the budget is 5000 us: train smaller trees");
  }

  @Test
  void asksOnlyThoseThatTheFileNames() throws IOException {
    spec = Examples.model(directory, "metric: auc", "metric: auc, beats: [champion]");
    Verdict verdict = judge(GOOD, new Champion.None("there is no champion yet"), FAST);
    assertThat(verdict.comparisons()).isEmpty();
    assertThat(verdict.notes()).containsExactly("there is no champion yet");
    assertThat(verdict.passed()).isTrue();
  }

  @Test
  void doesNotPassBesideAChampionThatCannotBeCompared() {
    assertThat(judge(GOOD, new Champion.Incomparable(4, "cannot be compared"), FAST).reasons())
        .containsExactly("cannot be compared");
  }

  private static Champion champion(double[] scores) {
    return new Champion.Rival(Scored.ofNumbers("champion (version 3)", scores));
  }

  private Verdict judge(Scored model, Champion champion, Duration p99) {
    List<Scored> scored =
        champion instanceof Champion.Rival rival
            ? List.of(model, rival.scored(), FALLBACK)
            : List.of(model, FALLBACK);
    List<Segment> segments = Segment.of(spec, spec.gate().segments(), Metric.AUC, TEST, scored);
    return new Gate(spec.gate(), TEST, Yardstick.of(spec, TEST))
        .judge(model, champion, FALLBACK, segments, p99);
  }
}
