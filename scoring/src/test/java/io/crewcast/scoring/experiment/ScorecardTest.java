package io.crewcast.scoring.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crewcast.schemas.ExperimentMetrics;
import io.crewcast.schemas.ExperimentState;
import io.crewcast.schemas.state.TrialStanding;
import io.crewcast.schemas.stream.TrialEvent;
import io.crewcast.schemas.stream.TrialHour;
import io.crewcast.schemas.stream.TrialStep;
import io.crewcast.scoring.experiment.ExperimentSpec.Margin;
import io.crewcast.scoring.experiment.ExperimentSpec.Metric;
import io.crewcast.scoring.rollout.Variation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What the rows say of units whose effect is known. */
final class ScorecardTest {

  private static final Instant T0 = Instant.parse("2026-03-02T00:00:00Z");
  private static final ExperimentSpec SPEC =
      new ExperimentSpec(
          "trial",
          "Whether it helps",
          "overrun",
          null,
          List.of(
              new Variation("champion", 1, 0.4),
              new Variation("better", 2, 0.3),
              new Variation("worse", 3, 0.3)),
          1,
          null,
          List.of(metric("minutes", null), metric("errors", new Margin(0.1, true))),
          T0,
          T0.plus(Duration.ofDays(30)),
          2_000,
          0.05,
          Correction.HOLM,
          new ExperimentSpec.Covariate("worker.rate", 0),
          Ramp.NONE);

  private final List<TrialEvent> events = new ArrayList<>();
  private final SplittableRandom random = new SplittableRandom(3);
  private int units;

  private static Metric metric(String name, Margin margin) {
    return new Metric(name, MetricKind.MEAN, name, null, null, Duration.ofDays(1), false, margin);
  }

  private void units(String variation, int count, double minutes, double errors) {
    for (int i = 0; i < count; i++) {
      double covariate = random.nextGaussian();
      step(variation, TrialStep.EXPOSED, null);
      double value = minutes + 5 * covariate + random.nextGaussian();
      step(variation, TrialStep.CLOSED, "minutes", value, 1, covariate, 1);
      double other = errors + random.nextGaussian();
      step(variation, TrialStep.CLOSED, "errors", other, 1, covariate, 1);
      units++;
    }
  }

  private void step(String variation, TrialStep step, String metric, double... values) {
    events.add(
        new TrialEvent(
            "trial",
            variation,
            "unit-" + units,
            T0.plusSeconds(units),
            step,
            metric,
            java.util.Arrays.stream(values).boxed().toList()));
  }

  private List<ExperimentMetrics> look() {
    TrialStanding standing = Standings.none();
    Standings.add(standing, Standings.hour("trial", T0, events));
    return new Scorecard(SPEC).look(standing, T0);
  }

  private static ExperimentMetrics row(
      List<ExperimentMetrics> rows, String metric, String variation) {
    return rows.stream()
        .filter(row -> row.getMetric().equals(metric) && row.getVariation().equals(variation))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void seesHarmBesideAControlThatItNeverHappensToThoughTheMarginIsAShare() {
    Metric complaints =
        new Metric(
            "complaints",
            MetricKind.PROPORTION,
            "complaint",
            null,
            null,
            Duration.ofDays(1),
            false,
            new Margin(0.1, true));
    Moments never = Moments.none(Arm.VARIABLES);
    Moments often = Moments.none(Arm.VARIABLES);
    for (int unit = 0; unit < 1_000; unit++) {
      never = never.add(0, 1, 0, 1);
      often = often.add(unit % 3 == 0 ? 1 : 0, 1, 0, 1);
    }
    var seen = new Comparison(complaints, never, often, new ConfidenceSequence(0.05, 2_000));
    assertThat(seen.isRelative()).isFalse();
    assertThat(seen.isHarmful(seen.interval())).isTrue();
    var same = new Comparison(complaints, often, often, new ConfidenceSequence(0.05, 2_000));
    assertThat(same.isRelative()).isTrue();
    assertThat(same.isHarmful(same.interval())).isFalse();
  }

  @Test
  void saysWhatIsBetterWhatIsWorseAndWhatIsHarmful() {
    units("champion", 400, 60, 10);
    units("better", 300, 58, 10);
    units("worse", 300, 62, 12);
    List<ExperimentMetrics> rows = look();

    assertThat(rows).hasSize(5);
    ExperimentMetrics better = row(rows, "minutes", "better");
    assertThat(better.getState()).isEqualTo(ExperimentState.SIGNIFICANT);
    assertThat(better.getEffect()).isCloseTo(-2, within(0.3));
    assertThat(better.getRelativeEffect()).isCloseTo(-2.0 / 60, within(0.01));
    assertThat(better.getStandardError()).as("without CUPED 0.39").isLessThan(0.1);
    assertThat(better.getUpper()).isNegative();
    assertThat(better.getAdjustedPValue()).isGreaterThanOrEqualTo(better.getPValue());
    assertThat(better.getMinimumDetectableEffect()).isBetween(0.1, 0.3);
    assertThat(better.getControl()).isEqualTo("champion");
    assertThat(better.getControlUnits()).isEqualTo(400);
    assertThat(better.getUnits()).isEqualTo(300);
    assertThat(row(rows, "minutes", "worse").getState()).isEqualTo(ExperimentState.HARMED);

    ExperimentMetrics harmless = row(rows, "errors", "better");
    assertThat(harmless.getState()).isEqualTo(ExperimentState.RUNNING);
    assertThat(harmless.getScale()).isEqualTo("relative");
    assertThat(harmless.getUpper()).as("one-sided").isNull();
    assertThat(harmless.getAdjustedPValue()).as("judged alone").isNull();
    ExperimentMetrics harmed = row(rows, "errors", "worse");
    assertThat(harmed.getState()).isEqualTo(ExperimentState.HARMED);
    assertThat(harmed.getLower()).isGreaterThan(0.1);
    assertThat(harmed.getPValue()).isLessThan(0.05);
    assertThat(row(rows, "srm", "*").getState()).isEqualTo(ExperimentState.RUNNING);
  }

  @Test
  void saysThatFewUnitsOrSuchThatDoNotDifferSayNothing() {
    units("champion", 49, 60, 10);
    units("better", 60, 58, 10);
    ExperimentMetrics few = row(look(), "minutes", "better");
    assertThat(few.getState()).isEqualTo(ExperimentState.INSUFFICIENT);
    assertThat(few.getEffect()).isNull();
    assertThat(few.getLower()).isNull();
    assertThat(few.getPValue()).isEqualTo(1);
    assertThat(few.getMean()).isCloseTo(58, within(2.0));

    for (int i = 0; i < 100; i++) {
      step("champion", TrialStep.CLOSED, "same", 1, 1, 0, 1);
    }
    assertThat(row(look(), "minutes", "worse").getMean()).isNull();
  }

  @Test
  void saysOfAllRowsThatTheSplitIsNotAsPromised() {
    units("champion", 3_000, 60, 10);
    units("better", 1_600, 58, 10);
    units("worse", 1_900, 62, 12);
    List<ExperimentMetrics> rows = look();

    assertThat(rows).extracting(ExperimentMetrics::getState).containsOnly(ExperimentState.SRM);
    ExperimentMetrics split = row(rows, "srm", "*");
    assertThat(split.getPValue()).isLessThan(0.001);
    assertThat(split.getFixedPValue()).isLessThan(split.getPValue());
    assertThat(rows).allSatisfy(row -> assertThat(row.getSrmPValue()).isEqualTo(split.getPValue()));
  }

  @Test
  void countsWhoWasServedTwoVariations() {
    units("champion", 60, 60, 10);
    units("better", 60, 58, 10);
    step("better", TrialStep.CROSSED, null);
    step("better", TrialStep.EXCLUDED, "minutes");
    ExperimentMetrics row = row(look(), "minutes", "better");

    assertThat(row.getExcludedUnits()).isEqualTo(1);
    assertThat(row.getMultipleExposures()).isEqualTo(1);
    assertThat(row.getUnits()).isEqualTo(60);
    assertThat(row.getExposedUnits()).isEqualTo(60);
  }

  @Test
  void keepsWhatEarlierLooksFoundAndThePlanThatTheyWereMadeBy() {
    TrialStanding standing = Standings.none();
    units("champion", 100, 60, 10);
    units("better", 100, 58, 10);
    Standings.add(standing, Standings.hour("trial", T0, events));
    ExperimentMetrics first = row(new Scorecard(SPEC).look(standing, T0), "minutes", "better");
    events.clear();
    units("better", 100, 62, 10); // and now it is no better any more
    Standings.add(standing, Standings.hour("trial", T0, events));
    var replanned =
        new ExperimentSpec(
            SPEC.name(),
            SPEC.about(),
            SPEC.model(),
            null,
            SPEC.variations(),
            1,
            null,
            SPEC.metrics(),
            SPEC.start(),
            SPEC.end(),
            20,
            SPEC.alpha(),
            SPEC.correction(),
            null,
            Ramp.NONE);
    ExperimentMetrics second =
        row(new Scorecard(replanned).look(standing, T0), "minutes", "better");

    assertThat(second.getPValue()).isEqualTo(first.getPValue()).isLessThan(0.05);
    assertThat(second.getFixedPValue()).isGreaterThan(second.getPValue());
    assertThat(second.getUpper()).isLessThanOrEqualTo(first.getUpper());
    assertThat(second.getPlannedUnits()).isEqualTo(2_000);
  }

  @Test
  void addsAnHourToTheLastBitInWhateverOrderItCame() {
    units("champion", 100, 60, 10);
    units("better", 100, 58, 10);
    TrialHour hour = Standings.hour("trial", T0, events);
    for (int order = 0; order < 10; order++) {
      Collections.shuffle(events, new Random(order));
      assertThat(Standings.hour("trial", T0, events)).isEqualTo(hour);
    }
  }
}
