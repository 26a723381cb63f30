package io.crewcast.scoring.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class LeakageTest {

  private static final double[] LABELS =
      IntStream.range(0, 1_000).mapToDouble(row -> row % 3 == 0 ? 1 : 0).toArray();

  @Test
  void findsANumberThatTellsTheLabelInEitherDirection() {
    double[] minutes = Arrays.stream(LABELS).map(label -> 40 + 20 * label).toArray();
    assertThat(Leakage.ofNumbers(minutes, LABELS)).isEqualTo(1);
    assertThat(Leakage.ofNumbers(Arrays.stream(minutes).map(x -> -x).toArray(), LABELS))
        .isEqualTo(1);
  }

  @Test
  void takesMissingForAValueOfItsOwnAtEitherEnd() {
    double[] missingForPositives =
        Arrays.stream(LABELS).map(label -> label > 0 ? Double.NaN : 3).toArray();
    double[] missingForNegatives =
        Arrays.stream(LABELS).map(label -> label > 0 ? 3 : Double.NaN).toArray();
    // half of the positives are missing, the other half is above: only the upper end tells all
    double[] missingAbove =
        IntStream.range(0, LABELS.length)
            .mapToDouble(row -> LABELS[row] == 0 ? 3 : row % 2 == 0 ? 9 : Double.NaN)
            .toArray();
    assertThat(Leakage.ofNumbers(missingAbove, LABELS)).isEqualTo(1);
    double[] missingBelow = Arrays.stream(missingAbove).map(x -> -x).toArray();
    assertThat(Leakage.ofNumbers(missingBelow, LABELS)).isEqualTo(1);
    assertThat(Leakage.ofNumbers(missingForPositives, LABELS)).isEqualTo(1);
    assertThat(Leakage.ofNumbers(missingForNegatives, LABELS)).isEqualTo(1);
  }

  @Test
  void findsATextThatTellsTheLabel() {
    List<String> states =
        Arrays.stream(LABELS).mapToObj(label -> label > 0 ? "late" : null).toList();
    assertThat(Leakage.ofTexts(states, LABELS)).isEqualTo(1);
  }

  @Test
  void doesNotTakeATextThatIsThereOnceForALeak() {
    List<String> ids = IntStream.range(0, LABELS.length).mapToObj(row -> "id-" + row).toList();
    assertThat(Leakage.ofTexts(ids, LABELS)).isBetween(0.45, 0.55);
  }

  @Test
  void findsNothingInWhatIsUnrelated() {
    SplittableRandom random = new SplittableRandom(5);
    assertThat(Leakage.ofNumbers(random.doubles(1_000).toArray(), LABELS)).isLessThan(0.56);
    List<String> phases = random.ints(1_000, 0, 4).mapToObj(phase -> "phase-" + phase).toList();
    assertThat(Leakage.ofTexts(phases, LABELS)).isLessThan(0.56);
  }
}
