package io.crewcast.scoring.monitor;

import io.crewcast.schemas.AlertSeverity;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.LabelOutcome;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.TrainingExample;
import io.crewcast.schemas.stream.ObservedValues;
import io.crewcast.schemas.stream.Received;
import io.crewcast.schemas.stream.Signal;
import io.crewcast.scoring.drift.Cells;
import io.crewcast.scoring.drift.Watched;
import io.crewcast.scoring.model.ModelSpec;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Puts what a prediction saw into the cells of its version's reference, apart by the entities whose
 * values it saw, and the labels that became known.
 *
 * <p>Answers to requests are left out: they are of candidates that may never be chosen. Of a
 * fallback the inputs count, and not its answer. Why a version cannot be watched is said by {@link
 * #SIGNALS}, once a task.
 */
public final class WatchValues extends ProcessFunction<Received, ObservedValues> {

  public static final OutputTag<Signal> SIGNALS =
      new OutputTag<>("signals", new AvroTypeInfo<>(Signal.class));

  private static final String REQUEST = "request";

  private final String directory;
  private final List<ModelSpec> models;

  private transient WatchedVersions versions;

  /** By trouble, the day on which it was told last. */
  private transient Map<String, Long> told;

  /**
   * @param directory that holds the versions
   */
  @SuppressWarnings("NullAway.Init") // transient fields are set in open()
  public WatchValues(String directory, List<ModelSpec> models) {
    this.directory = directory;
    this.models = List.copyOf(models);
  }

  @Override
  public void open(OpenContext context) {
    versions = new WatchedVersions(directory, models);
    told = new HashMap<>();
  }

  @Override
  public void processElement(Received received, Context context, Collector<ObservedValues> out)
      throws IOException {
    if (received.getValue() instanceof Prediction prediction) {
      ModelSpec spec = versions.model(prediction.getModel());
      if (spec != null
          && prediction.getModelVersion() > 0
          && !prediction.getTrigger().equals(REQUEST)) {
        if (fits(prediction, spec)) {
          observe(prediction, spec, context, out);
        } else {
          tellOnce(
              "predictions of another file",
              spec,
              "predictions of %s have other inputs or outputs than its file, and are not watched: start both jobs with the same --definitions"
                  .formatted(spec.name()),
              prediction.getAsOf(),
              context);
        }
      }
    } else if (received.getValue() instanceof TrainingExample example) {
      ModelSpec spec = versions.model(example.getModel());
      if (spec != null
          && example.getModelVersion() > 0
          && example.getLabel() != null
          && example.getOutcome() == LabelOutcome.LABELLED) {
        observe(example, spec, context, out);
      }
    }
  }

  private static boolean fits(Prediction prediction, ModelSpec spec) {
    return prediction.getInputs().size() == spec.inputs().size()
        && prediction.getOutputs().keySet().containsAll(spec.outputs());
  }

  private void observe(
      Prediction prediction, ModelSpec spec, Context context, Collector<ObservedValues> out)
      throws IOException {
    List<Watched> watched =
        watched(spec, prediction.getModelVersion(), prediction.getAsOf(), context);
    Map<EntityType, ObservedValues> byOwner = new EnumMap<>(EntityType.class);
    for (int i = 0; i < watched.size(); i++) {
      Watched one = watched.get(i);
      if (one.role() == Watched.Role.LABEL
          || (one.role() == Watched.Role.OUTPUT
              && prediction.getRole() == PredictionRole.FALLBACK)) {
        continue;
      }
      Object value =
          one.role() == Watched.Role.INPUT
              ? prediction.getInputs().get(one.place())
              : prediction.getOutputs().get(one.name());
      add(
          byOwner.computeIfAbsent(one.owner(), owner -> observed(prediction, owner)),
          i,
          one.cells(),
          value);
    }
    byOwner.values().forEach(out::collect);
  }

  private void observe(
      TrainingExample example, ModelSpec spec, Context context, Collector<ObservedValues> out)
      throws IOException {
    List<Watched> watched = watched(spec, example.getModelVersion(), example.getAsOf(), context);
    for (int i = 0; i < watched.size(); i++) {
      if (watched.get(i).role() == Watched.Role.LABEL) {
        ObservedValues values =
            observed(
                example.getModel(),
                example.getModelVersion(),
                example.getCompanyId(),
                Watched.LABEL + ':' + example.getEntityId(),
                example.getLabelledAt(),
                example.getPredictionId());
        add(values, i, watched.get(i).cells(), example.getLabel());
        out.collect(values);
      }
    }
  }

  /** What is watched of a version; a fault is told once. */
  private List<Watched> watched(ModelSpec spec, int version, Instant asOf, Context context)
      throws IOException {
    WatchedVersions.Version known = versions.of(spec, version, asOf);
    if (known.fault() != null) {
      tellOnce("reference of version " + version, spec, known.fault(), asOf, context);
    }
    return known.watched();
  }

  private void tellOnce(
      String trouble, ModelSpec spec, String message, Instant asOf, Context context) {
    Long day = Math.floorDiv(asOf.getEpochSecond(), Duration.ofDays(1).toSeconds());
    if (!day.equals(told.put(spec.name() + '\u0001' + trouble, day))) {
      context.output(
          SIGNALS,
          Signal.newBuilder()
              .setSubject("model." + spec.name())
              .setTopic(trouble)
              .setCompanyId("*")
              .setBad(true)
              .setSeverity(AlertSeverity.WARNING)
              .setMessage(message)
              .setConfirm(1)
              .setOf(1)
              .setAsOf(asOf)
              .build());
    }
  }

  /** Where an event names none of that kind, what is missing is the scored entity's. */
  private static ObservedValues observed(Prediction prediction, EntityType owner) {
    String kind = FeatureSchema.nameOf(owner);
    String id = prediction.getEntities().get(kind);
    return observed(
        prediction.getModel(),
        prediction.getModelVersion(),
        prediction.getCompanyId(),
        kind + ':' + (id == null ? ':' + prediction.getEntityId() : id),
        prediction.getAsOf(),
        prediction.getPredictionId());
  }

  private static ObservedValues observed(
      String model, int version, String company, String owner, Instant asOf, String predictionId) {
    return new ObservedValues(
        model,
        version,
        company,
        owner,
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        asOf,
        predictionId,
        null,
        null);
  }

  private static void add(ObservedValues values, int place, Cells cells, @Nullable Object value) {
    values.getPlaces().add(place);
    values.getCells().add(cells.of(value));
    double number = cells.isNumeric() ? Cells.number(value) : Double.NaN;
    values.getValues().add(number);
    if (cells.isBeyond(number)) {
      values.getBeyond().add(place);
    }
  }
}
