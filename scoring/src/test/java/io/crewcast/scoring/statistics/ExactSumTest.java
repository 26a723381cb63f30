package io.crewcast.scoring.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ExactSumTest {

  private static double sum(List<Double> numbers) {
    List<Double> parts = new ArrayList<>();
    numbers.forEach(number -> ExactSum.add(parts, number));
    return ExactSum.value(parts);
  }

  @Test
  void isTheExactSumRoundedOnceInWhateverOrderAndParts() {
    for (long seed = 1; seed <= 500; seed++) {
      Random random = new Random(seed);
      List<Double> numbers = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        numbers.add(random.nextGaussian() * Math.pow(2, random.nextInt(120) - 60));
      }
      if (seed % 2 == 0) { // of which little is left
        List<Double> taken = new ArrayList<>(numbers.subList(0, 59));
        taken.forEach(number -> numbers.add(-number));
      }
      BigDecimal exact =
          numbers.stream().map(BigDecimal::new).reduce(BigDecimal.ZERO, BigDecimal::add);
      assertThat(sum(numbers)).as("seed %d", seed).isEqualTo(exact.doubleValue());

      Collections.shuffle(numbers, random);
      List<Double> one = new ArrayList<>();
      List<Double> other = new ArrayList<>();
      for (int i = 0; i < numbers.size(); i++) {
        ExactSum.add(i % 3 == 0 ? one : other, numbers.get(i));
      }
      ExactSum.addAll(one, other);
      assertThat(ExactSum.value(one)).as("seed %d", seed).isEqualTo(exact.doubleValue());
    }
  }

  @Test
  void saysThatASumOfWhatIsNoNumberIsNone() {
    assertThat(sum(List.of(1.0, Double.NaN, 2.0))).isNaN();
    assertThat(sum(List.of())).isZero();
    assertThat(sum(List.of(1e308, 1.0, -1e308))).isEqualTo(1);
  }
}
