package io.crewcast.scoring.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.ExperimentMetrics;
import io.crewcast.schemas.ExperimentState;
import io.crewcast.scoring.rollout.Variation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is done about an experiment, and what speaks against it. */
final class MoveTest {

  private static final Instant START = Instant.parse("2026-03-02T00:00:00Z");
  private static final Duration HOLD = Duration.ofDays(1);
  private static final Objection HARM = new Objection("worse", 0.3, 0.1);
  private static final ExperimentSpec SPEC =
      new ExperimentSpec(
          "trial",
          "Whether it helps",
          "overrun",
          null,
          List.of(new Variation("champion", 1, 0.5), new Variation("challenger", 2, 0.5)),
          1,
          null,
          List.of(),
          START,
          START.plus(Duration.ofDays(30)),
          2_000,
          0.05,
          Correction.HOLM,
          null,
          new Ramp(List.of(0.01, 0.05, 0.1, 0.25, 0.5, 1.0), HOLD, true));

  private static Move move(
      double days, double coverage, double since, @Nullable Objection against) {
    return Move.at(at(days), SPEC, coverage, at(since), against);
  }

  private static Instant at(double days) {
    return START.plusSeconds(Math.round(86_400 * days));
  }

  @Test
  void climbsStepByStepEachWhenTheOneBeforeWasHeld() {
    List<Double> reached = new ArrayList<>(List.of(0.01));
    double since = 0.5;
    for (int hour = 12; hour < 30 * 24; hour++) {
      if (move(hour / 24.0, reached.get(reached.size() - 1), since, null)
          instanceof Move.Grow grow) {
        assertThat(hour / 24.0 - since).isEqualTo(1);
        reached.add(grow.coverage());
        since = hour / 24.0;
      }
    }
    assertThat(reached).isEqualTo(SPEC.ramp().steps());
  }

  @Test
  void saysUntilWhenAStepIsHeld() {
    assertThat(move(3, 0.05, 2.5, null)).isEqualTo(new Move.Hold(at(3.5)));
    assertThat(move(0.5, 0.05, -9, null)).as("before the start").isEqualTo(new Move.Hold(at(1)));
    assertThat(move(9, 1, 2.5, null)).as("at the top").isEqualTo(new Move.Hold(null));
    assertThat(move(29.5, 0.05, 29.2, null)).as("due after the end").isEqualTo(new Move.Hold(null));
    assertThat(move(31, 0.05, 2, null)).as("after the end").isEqualTo(new Move.Hold(null));
  }

  @Test
  void goesToTheNextStepFromAShareThatIsNone() {
    assertThat(move(9, 0.07, 2, null)).isEqualTo(new Move.Grow(0.1));
    assertThat(move(9, 0, 2, null)).isEqualTo(new Move.Grow(0.01));
  }

  @Test
  void stopsAtAnyTimeWhenSomethingSpeaksAgainstIt() {
    for (double days : new double[] {-1, 0, 0.1, 5, 31}) {
      assertThat(move(days, 0.05, 0, HARM)).isEqualTo(new Move.Stop(HARM));
      assertThat(move(days, 1, 0, HARM)).isEqualTo(new Move.Stop(HARM));
    }
  }

  @Test
  void objectsToAGuardrailWhoseIntervalIsBeyondItsMargin() {
    ExperimentMetrics row = row("complained", "guardrail", ExperimentState.HARMED);
    row.setMargin(0.02);
    row.setLower(0.031);
    row.setReason("worse than control by more than the margin");
    Objection objection =
        Objection.in(List.of(row("overruns", "goal", ExperimentState.RUNNING), row)).orElseThrow();
    assertThat(objection.value()).isEqualTo(0.031);
    assertThat(objection.threshold()).isEqualTo(0.02);
    assertThat(objection.reason())
        .isEqualTo(
            "complained of challenger is worse than control by more than the margin: the"
                + " always-valid interval of its absolute effect is above 0.03100, which is beyond"
                + " 0.02000, with 80 units against 90");
    row.setLower(null);
    row.setUpper(-0.05);
    objection = Objection.in(List.of(row)).orElseThrow();
    assertThat(objection.value()).as("where more is better").isEqualTo(-0.05);
    assertThat(objection.threshold()).isEqualTo(-0.02);
  }

  @Test
  void objectsToAGoalThatIsWorseThanControl() {
    ExperimentMetrics row = row("overruns", "goal", ExperimentState.HARMED);
    row.setLower(0.01);
    row.setUpper(0.2);
    Objection objection = Objection.in(List.of(row)).orElseThrow();
    assertThat(objection.value()).isEqualTo(0.01);
    assertThat(objection.threshold()).isZero();
  }

  @Test
  void objectsToTheSplitBeforeAllElse() {
    ExperimentMetrics split = row(Scorecard.SPLIT, "srm", ExperimentState.SRM);
    split.setSrmPValue(1e-5);
    ExperimentMetrics harmed = row("complained", "guardrail", ExperimentState.HARMED);
    Objection objection = Objection.in(List.of(harmed, split)).orElseThrow();
    assertThat(objection.value()).isEqualTo(1e-5);
    assertThat(objection.threshold()).isEqualTo(SampleRatio.LEVEL);
    assertThat(objection.reason()).startsWith("sample ratio mismatch (p 1.0e-05)");
  }

  @Test
  void objectsToNothingElse() {
    for (ExperimentState state :
        List.of(
            ExperimentState.RUNNING, ExperimentState.SIGNIFICANT, ExperimentState.INSUFFICIENT)) {
      assertThat(Objection.in(List.of(row("complained", "guardrail", state)))).isEmpty();
    }
    assertThat(Objection.in(List.of())).isEmpty();
  }

  private static ExperimentMetrics row(String metric, String role, ExperimentState state) {
    return ExperimentMetrics.newBuilder()
        .setExperiment("trial")
        .setCompanyId("*")
        .setMetric(metric)
        .setVariation("challenger")
        .setRole(role)
        .setUnits(80)
        .setControlUnits(90)
        .setMethod("")
        .setState(state)
        .setAsOf(START)
        .build();
  }
}
