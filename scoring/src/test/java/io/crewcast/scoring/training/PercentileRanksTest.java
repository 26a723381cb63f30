package io.crewcast.scoring.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PercentileRanksTest {

  private static final Instant LATER = Examples.START.plus(Duration.ofDays(1));

  private static Example example(String id, String company, Instant asOf, double label) {
    return new Example(id, company, "p", asOf, LATER, label, List.of(), Map.of());
  }

  @Test
  void ranksAmongThoseOfTheSameCompanyAndInstant() {
    List<Example> ranked =
        PercentileRanks.of(
            List.of(
                example("a", "acme", Examples.START, 7),
                example("b", "acme", Examples.START, 3),
                example("c", "acme", Examples.START, 7),
                example("d", "birch", Examples.START, 1),
                example("e", "acme", Examples.START, 9),
                example("f", "birch", Examples.START, 0),
                example("g", "acme", LATER, 5)));
    assertThat(ranked).extracting(Example::id).containsExactly("a", "b", "c", "d", "e", "f");
    assertThat(ranked)
        .extracting(Example::label)
        .containsExactly(50.0, 0.0, 50.0, 100.0, 100.0, 0.0);
  }
}
