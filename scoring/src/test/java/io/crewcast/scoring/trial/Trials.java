package io.crewcast.scoring.trial;

import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.stream.Outcome;
import io.crewcast.schemas.stream.TrialEvent;
import io.crewcast.schemas.stream.TrialStep;
import io.crewcast.schemas.stream.UnitOutcome;
import io.crewcast.scoring.experiment.Correction;
import io.crewcast.scoring.experiment.ExperimentSpec;
import io.crewcast.scoring.experiment.ExperimentSpec.Metric;
import io.crewcast.scoring.experiment.MetricKind;
import io.crewcast.scoring.experiment.Ramp;
import io.crewcast.scoring.rollout.Variation;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** An experiment of a week and what happens in it. */
final class Trials {

  static final Instant START = Instant.parse("2026-03-02T00:00:00Z");
  static final Instant END = START.plus(Duration.ofDays(7));

  static final ExperimentSpec SPEC = spec(100);
  static final RunningExperiments RUNNING = new RunningExperiments(List.of(SPEC));

  private Trials() {}

  static ExperimentSpec spec(long plannedUnits) {
    return spec(plannedUnits, Ramp.NONE);
  }

  /** One that has to do with what is called so, and with nothing else. */
  static RunningExperiments observing(String name) {
    return new RunningExperiments(
        List.of(
            spec(
                100,
                Ramp.NONE,
                List.of(metric("seen", MetricKind.MEAN, name, null, Duration.ofDays(1))))));
  }

  static ExperimentSpec spec(long plannedUnits, Ramp ramp) {
    return spec(plannedUnits, ramp, metrics(Duration.ofDays(2)));
  }

  /** One whose longest metric is observed for so long. */
  static RunningExperiments lasting(Duration longest) {
    return new RunningExperiments(List.of(spec(100, Ramp.NONE, metrics(longest))));
  }

  private static List<Metric> metrics(Duration longest) {
    return List.of(
        metric("overruns", MetricKind.RATIO, "label", "count", longest),
        metric("hours", MetricKind.MEAN, "hours", null, Duration.ofDays(1)));
  }

  /** The same, of a champion against what its fallback answers. */
  static RunningExperiments observingBesideTheFallback(String name) {
    return new RunningExperiments(
        List.of(
            spec(
                100,
                Ramp.NONE,
                List.of(metric("seen", MetricKind.MEAN, name, null, Duration.ofDays(1))),
                new Variation("none", null, 0.5))));
  }

  private static ExperimentSpec spec(long plannedUnits, Ramp ramp, List<Metric> metrics) {
    return spec(plannedUnits, ramp, metrics, new Variation("challenger", 2, 0.5));
  }

  private static ExperimentSpec spec(
      long plannedUnits, Ramp ramp, List<Metric> metrics, Variation treatment) {
    return new ExperimentSpec(
        "trial",
        "Whether it helps",
        "overrun",
        null,
        List.of(new Variation("champion", 1, 0.5), treatment),
        1,
        null,
        metrics,
        START,
        END,
        plannedUnits,
        0.05,
        Correction.HOLM,
        new ExperimentSpec.Covariate("worker.rate", 1),
        ramp);
  }

  private static Metric metric(
      String name, MetricKind kind, String from, String per, Duration window) {
    return new Metric(name, kind, from, per, null, window, false, null);
  }

  static Instant at(double hours) {
    return START.plusMillis(Math.round(hours * 3_600_000));
  }

  static Prediction prediction(String id, String unit, String variation, double hours) {
    Prediction prediction = new Prediction();
    prediction.setPredictionId(id);
    prediction.setCompanyId("acme");
    prediction.setEntity("task");
    prediction.setEntityId("t");
    prediction.setEventId("e");
    prediction.setTrigger("task");
    prediction.setModel("overrun");
    prediction.setModelVersion(1);
    prediction.setRole(PredictionRole.CHAMPION);
    prediction.setExperiment("trial");
    prediction.setVariation(variation);
    prediction.setUnitId("acme:" + unit);
    prediction.setOutputs(Map.of("score", 0.5));
    prediction.setInputs(Arrays.asList("text", 0.25));
    prediction.setContributions(List.of());
    prediction.setMissing(List.of());
    prediction.setEntities(Map.of());
    prediction.setAsOf(at(hours));
    prediction.setScoredAt(at(hours));
    return prediction;
  }

  static TrialEvent event(TrialStep step, String unit, String variation, double hours) {
    return new TrialEvent("trial", variation, "acme:" + unit, at(hours), step, null, List.of(0.25));
  }

  static UnitOutcome outcome(String name, double value, String unit, double hours, String id) {
    return new UnitOutcome("trial", "acme:" + unit, new Outcome(name, value, at(hours), id));
  }

  /** Milliseconds of a watermark at which all up to then has come. */
  static long millis(double hours) {
    return at(hours).toEpochMilli();
  }
}
