package io.crewcast.scoring.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.stream.Outcome;
import io.crewcast.scoring.experiment.ExperimentSpec.Metric;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class UnitTotalsTest {

  private static final Instant T0 = Instant.parse("2026-03-02T00:00:00Z");
  private static final List<Outcome> OUTCOMES =
      List.of(
          outcome("minutes", 300, 1),
          outcome("minutes", 250, 2),
          outcome("shown", 1, 1),
          outcome("shown", 1, 3),
          outcome("refused", 0, 4),
          outcome("minutes", 9_000, 48));

  private static Outcome outcome(String name, double value, int hours) {
    return new Outcome(name, value, T0.plus(Duration.ofHours(hours)), name + hours);
  }

  private static List<Double> of(MetricKind kind, String from, String per, Double cap) {
    var metric = new Metric("m", kind, from, per, cap, Duration.ofDays(2), true, null);
    return new UnitTotals(metric, 0.5).of(OUTCOMES, T0);
  }

  @Test
  void sumsWhatIsObservedUpToItsCap() {
    assertThat(of(MetricKind.MEAN, "minutes", null, null)).containsExactly(550.0, 1.0, 0.5, 1.0);
    assertThat(of(MetricKind.MEAN, "minutes", null, 480.0)).containsExactly(480.0, 1.0, 0.5, 1.0);
  }

  @Test
  void dividesByAnotherSumOrByTheNumberOfValues() {
    assertThat(of(MetricKind.RATIO, "minutes", "shown", null))
        .containsExactly(550.0, 2.0, 0.5, 1.0);
    assertThat(of(MetricKind.RATIO, "minutes", "count", null))
        .containsExactly(550.0, 2.0, 0.5, 1.0);
    assertThat(of(MetricKind.RATIO, "refused", "count", null)).containsExactly(0.0, 1.0, 0.5, 1.0);
  }

  @Test
  void countsAUnitOfWhichAnythingButZeroWasObserved() {
    assertThat(of(MetricKind.PROPORTION, "shown", null, null)).startsWith(1.0);
    assertThat(of(MetricKind.PROPORTION, "refused", null, null)).startsWith(0.0);
    assertThat(of(MetricKind.PROPORTION, "never", null, null)).startsWith(0.0);
  }

  @Test
  void addsTheSameToTheLastBitInWhateverOrderItBecameKnown() {
    var random = new SplittableRandom(11);
    List<Outcome> outcomes = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      outcomes.add(new Outcome("minutes", random.nextDouble(), T0.plusSeconds(i / 3), "o" + i));
    }
    var metric =
        new Metric("m", MetricKind.MEAN, "minutes", null, null, Duration.ofDays(2), true, null);
    List<Double> totals = new UnitTotals(metric, 0).of(outcomes, T0);
    for (int order = 0; order < 20; order++) {
      Collections.shuffle(outcomes, new Random(order));
      assertThat(new UnitTotals(metric, 0).of(outcomes, T0)).isEqualTo(totals);
    }
  }
}
