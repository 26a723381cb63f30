package io.crewcast.scoring.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

final class MomentsTest {

  private static Moments of(List<double[]> units) {
    Moments moments = Moments.none(2);
    for (double[] unit : units) {
      moments = moments.add(unit);
    }
    return moments;
  }

  private static List<double[]> units(SplittableRandom random) {
    List<double[]> units = new ArrayList<>();
    double far = 1e6 * random.nextDouble();
    for (int i = 2 + random.nextInt(200); i > 0; i--) {
      double x = random.nextDouble();
      units.add(new double[] {far + x, x + random.nextDouble()});
    }
    return units;
  }

  /** By the definition, in fractions that lose nothing. */
  private static double covariance(List<double[]> units, int one, int other) {
    BigDecimal count = BigDecimal.valueOf(units.size());
    BigDecimal products = BigDecimal.ZERO;
    BigDecimal ones = BigDecimal.ZERO;
    BigDecimal others = BigDecimal.ZERO;
    for (double[] unit : units) {
      BigDecimal x = new BigDecimal(unit[one]);
      BigDecimal y = new BigDecimal(unit[other]);
      products = products.add(x.multiply(y));
      ones = ones.add(x);
      others = others.add(y);
    }
    return products
        .subtract(ones.multiply(others).divide(count, new MathContext(60)))
        .divide(count.subtract(BigDecimal.ONE), new MathContext(60))
        .doubleValue();
  }

  @RepeatedTest(50)
  void agreesWithTheDefinitionFarFromZero(RepetitionInfo seed) {
    List<double[]> units = units(new SplittableRandom(seed.getCurrentRepetition()));
    Moments moments = of(units);
    assertThat(moments.units()).isEqualTo(units.size());
    for (int i = 0; i < 2; i++) {
      for (int j = 0; j < 2; j++) {
        assertThat(moments.covariance(i, j, 1))
            .as("seed %d", seed.getCurrentRepetition())
            .isCloseTo(covariance(units, i, j), within(1e-9));
      }
    }
  }

  @RepeatedTest(50)
  void isTheSameMergedFromParts(RepetitionInfo seed) {
    var random = new SplittableRandom(seed.getCurrentRepetition());
    List<double[]> units = units(random);
    int cut = random.nextInt(units.size() + 1);
    Moments whole = of(units);
    Moments merged = of(units.subList(0, cut)).merge(of(units.subList(cut, units.size())));
    assertThat(merged.units()).isEqualTo(whole.units());
    for (int i = 0; i < 2; i++) {
      assertThat(merged.mean(i)).isCloseTo(whole.mean(i), within(1e-9));
      for (int j = 0; j < 2; j++) {
        assertThat(merged.covariance(i, j, 1))
            .as("seed %d", seed.getCurrentRepetition())
            .isCloseTo(whole.covariance(i, j, 1), within(1e-9));
      }
    }
  }

  @Test
  void isUnchangedByTheMomentsOfNoUnit() {
    Moments some = Moments.none(2).add(1, 2).add(3, 5);
    assertThat(some.merge(Moments.none(2))).isEqualTo(some);
    assertThat(Moments.none(2).merge(some)).isEqualTo(some);
  }

  @Test
  void comesBackFromItsParts() {
    Moments some = Moments.none(2).add(0.1, 2).add(3, 5).add(0.7, -1);
    assertThat(Moments.of(some.units(), some.means(), some.products())).isEqualTo(some);
  }
}
