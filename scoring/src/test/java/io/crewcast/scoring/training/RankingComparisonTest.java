package io.crewcast.scoring.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crewcast.scoring.training.RankingComparison.Ranked;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RankingComparisonTest {

  /** By hand: gains 7, 3, 1 of grades 3, 2, 1 at places discounted by log2 of 2, 3 and 4. */
  @Test
  void dividesTheGainOfTheFirstThreeByThatOfTheBestOrder() {
    double best = 7 + 3 / 1.58496250072 + 1 / 2.0;
    double reversed = 0 + 1 / 1.58496250072 + 3 / 2.0;

    RankingComparison compared =
        RankingComparison.of(
            List.of(
                new Ranked("r", "p", 3, 0.9, 0.1),
                new Ranked("r", "p", 2, 0.8, 0.2),
                new Ranked("r", "p", 1, 0.7, 0.3),
                new Ranked("r", "p", 0, 0.6, 0.4)));

    assertThat(compared.requests()).isOne();
    assertThat(compared.model()).isEqualTo(1);
    assertThat(compared.rule()).isCloseTo(reversed / best, within(1e-9));
    assertThat(compared.low()).as("one project says nothing of others").isNaN();
  }

  @Test
  void isSureOfAModelThatKnowsMoreThanTheRule() {
    SplittableRandom random = new SplittableRandom(5);
    List<Ranked> candidates = new ArrayList<>();
    for (int request = 0; request < 200; request++) {
      for (int c = 0; c < 6; c++) {
        double grade = 4 * random.nextDouble();
        candidates.add(
            new Ranked(
                "r" + request,
                "p" + request % 20,
                grade,
                grade + random.nextGaussian(),
                random.nextDouble()));
      }
    }

    RankingComparison compared = RankingComparison.of(candidates);

    assertThat(compared.model()).isGreaterThan(compared.rule());
    assertThat(compared.low()).isPositive().isLessThan(compared.model() - compared.rule());
    assertThat(compared.high()).isGreaterThan(compared.model() - compared.rule());
  }
}
