package io.crewcast.scoring.trial;

import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.Observation;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.TrainingExample;
import io.crewcast.schemas.stream.Outcome;
import io.crewcast.schemas.stream.Received;
import io.crewcast.schemas.stream.TrialRecord;
import io.crewcast.schemas.stream.UnitOutcome;
import io.crewcast.scoring.experiment.ExperimentSpec;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Sends each record that has to do with an experiment where it is waited for: served predictions
 * ({@link #SERVED}) to their unit; these and what is about a prediction or a request to that; what
 * is about a unit ({@link #OF_UNITS}) to the unit.
 *
 * <p>A unit of an observation is called as in {@code exposures}: by the company, or by company and
 * entity with a colon between.
 */
public final class RouteRecords extends ProcessFunction<Received, TrialRecord> {

  public static final OutputTag<Prediction> SERVED =
      new OutputTag<>("served", new AvroTypeInfo<>(Prediction.class));

  public static final OutputTag<UnitOutcome> OF_UNITS =
      new OutputTag<>("of-units", new AvroTypeInfo<>(UnitOutcome.class));

  public static final OutputTag<DeadLetter> DEAD_LETTERS =
      new OutputTag<>("dead-letters", new AvroTypeInfo<>(DeadLetter.class));

  /** Products of greater ones would lose the others, or be beyond a double. */
  private static final double GREATEST = 1e15;

  private final RunningExperiments experiments;

  private transient Counter unusable;

  @SuppressWarnings("NullAway.Init") // transient fields are set in open()
  public RouteRecords(RunningExperiments experiments) {
    this.experiments = experiments;
  }

  @Override
  public void open(OpenContext context) {
    unusable = getRuntimeContext().getMetricGroup().counter("unusableObservations");
  }

  @Override
  public void processElement(Received received, Context context, Collector<TrialRecord> out) {
    if (received.getDeadLetter() != null) {
      context.output(DEAD_LETTERS, received.getDeadLetter());
    } else if (received.getValue() instanceof Prediction prediction) {
      served(prediction, context, out);
    } else if (received.getValue() instanceof TrainingExample example) {
      label(example, out);
    } else if (received.getValue() instanceof Observation observation) {
      observed(observation, context, out);
    }
  }

  private void served(Prediction prediction, Context context, Collector<TrialRecord> out) {
    ExperimentSpec spec = experiments.exposing(prediction);
    if (spec == null) {
      return;
    }
    context.output(SERVED, prediction);
    String company = prediction.getCompanyId();
    out.collect(served(prediction, ofPrediction(company, prediction.getPredictionId())));
    if (prediction.getRequestId() != null) {
      out.collect(served(prediction, ofRequest(company, prediction.getRequestId())));
    }
    boolean fellBack =
        prediction.getRole() == PredictionRole.FALLBACK
            && !spec.isServedTheFallback(String.valueOf(prediction.getVariation()));
    ofServing(prediction, ExperimentSpec.FALLBACK, fellBack ? 1 : 0, out);
    if (prediction.getScoreMicros() != null) {
      ofServing(prediction, ExperimentSpec.SCORE_MICROS, prediction.getScoreMicros(), out);
    }
  }

  private void ofServing(
      Prediction prediction, String name, double value, Collector<TrialRecord> out) {
    if (!experiments.observing(name).isEmpty()) {
      String id = prediction.getPredictionId();
      out.collect(
          about(
              ofPrediction(prediction.getCompanyId(), id),
              new Outcome(name, value, prediction.getAsOf(), id)));
    }
  }

  private static TrialRecord served(Prediction prediction, String subject) {
    return new TrialRecord(
        subject, prediction.getAsOf(), prediction.getExperiment(), prediction.getUnitId(), null);
  }

  private void label(TrainingExample example, Collector<TrialRecord> out) {
    if (example.getLabel() == null
        || example.getLabelledAt() == null
        || experiments.observing(ExperimentSpec.LABEL).isEmpty()) {
      return;
    }
    String id = example.getPredictionId();
    out.collect(
        about(
            ofPrediction(example.getCompanyId(), id),
            new Outcome(ExperimentSpec.LABEL, example.getLabel(), example.getLabelledAt(), id)));
  }

  private void observed(Observation observation, Context context, Collector<TrialRecord> out) {
    String name = observation.getName();
    if (experiments.observing(name).isEmpty()) {
      return;
    }
    String subject = subject(observation);
    if (!(Math.abs(observation.getValue()) <= GREATEST)
        || ExperimentSpec.isOfServing(name)
        || (subject == null && !isOfItsCompany(observation))) {
      unusable.inc();
      return;
    }
    Outcome outcome =
        new Outcome(
            name, observation.getValue(), observation.getObservedAt(), identity(observation));
    if (subject != null) {
      out.collect(about(subject, outcome));
      return;
    }
    for (ExperimentSpec spec : experiments.observing(name)) {
      context.output(OF_UNITS, new UnitOutcome(spec.name(), observation.getUnitId(), outcome));
    }
  }

  private static @Nullable String subject(Observation observation) {
    if (observation.getPredictionId() != null) {
      return ofPrediction(observation.getCompanyId(), observation.getPredictionId());
    }
    return observation.getRequestId() == null
        ? null
        : ofRequest(observation.getCompanyId(), observation.getRequestId());
  }

  private static boolean isOfItsCompany(Observation observation) {
    String unit = observation.getUnitId();
    String company = observation.getCompanyId();
    return unit != null && (unit.equals(company) || unit.startsWith(company + ':'));
  }

  /** A label is one a prediction; of what is observed only the same again is a repeat. */
  private static String identity(Observation observation) {
    return observation.getName().equals(ExperimentSpec.LABEL)
            && observation.getPredictionId() != null
        ? observation.getPredictionId()
        : String.join(
            "\u0001",
            String.valueOf(observation.getPredictionId()),
            String.valueOf(observation.getRequestId()),
            String.valueOf(observation.getObservedAt()),
            String.valueOf(observation.getValue()));
  }

  private static TrialRecord about(String subject, Outcome outcome) {
    return new TrialRecord(subject, outcome.getAt(), null, null, outcome);
  }

  private static String ofPrediction(String company, String id) {
    return company + "\u0001prediction\u0001" + id;
  }

  private static String ofRequest(String company, String id) {
    return company + "\u0001request\u0001" + id;
  }
}
