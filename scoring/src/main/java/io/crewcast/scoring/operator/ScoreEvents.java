package io.crewcast.scoring.operator;

import io.crewcast.schemas.Contribution;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.expression.FactFields;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.Fact;
import io.crewcast.schemas.stream.ScoredChange;
import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.Situation;
import io.crewcast.scoring.serving.NativeModelException;
import io.crewcast.scoring.serving.ServedModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scores the changes that trigger a model, keyed by the scored entity; every change goes on with
 * what it triggered, and each prediction also leaves by {@link #PREDICTIONS}.
 *
 * <p>Only the event that caused a change triggers: what a late older version or a retraction brings
 * up again does not. Without a version that answers, or without the scored entity's own features,
 * the model's fallback does.
 */
public final class ScoreEvents extends KeyedProcessFunction<String, Change, ScoredChange> {

  /** Every prediction. */
  public static final OutputTag<Prediction> PREDICTIONS =
      new OutputTag<>("predictions", new AvroTypeInfo<>(Prediction.class));

  private static final Logger LOG = LoggerFactory.getLogger(ScoreEvents.class);
  private static final String SERVED = "served";

  private final EntityType entity;
  private final List<ModelSpec> models;
  private final ServingOptions options;

  private transient MapState<String, Boolean> triggered;
  private transient List<Line> lines;
  private transient Counter predictions;
  private transient Counter fallbacks;
  private transient Histogram scoreNanos;

  /** A model of this subtask with the version that answers, if there is one. */
  private record Line(
      ModelSpec spec, @Nullable ServedModel model, ServedModel.@Nullable Scorer scorer) {}

  /**
   * @param entity what all of the models score and by what the stream is keyed
   */
  @SuppressWarnings("NullAway.Init") // transient fields are set in open()
  public ScoreEvents(EntityType entity, List<ModelSpec> models, ServingOptions options) {
    this.entity = entity;
    this.models = List.copyOf(models);
    this.options = options;
    for (ModelSpec model : models) {
      if (model.scores() != entity) {
        throw new IllegalArgumentException(model.name() + " does not score a " + entity);
      }
    }
  }

  @Override
  public void open(OpenContext context) throws IOException {
    triggered =
        getRuntimeContext()
            .getMapState(new MapStateDescriptor<>("triggered", Types.STRING, Types.BOOLEAN));
    var metrics = getRuntimeContext().getMetricGroup();
    predictions = metrics.counter("predictions");
    fallbacks = metrics.counter("fallbacks");
    scoreNanos = metrics.histogram("scoreNanos", new RecentNanos());
    lines = new ArrayList<>();
    for (ModelSpec spec : models) {
      ServedModel model = serving(spec);
      lines.add(new Line(spec, model, model == null ? null : model.scorer()));
    }
  }

  @Override
  public void close() {
    if (lines != null) {
      for (Line line : lines) {
        if (line.model != null) {
          line.model.release();
        }
      }
    }
  }

  private @Nullable ServedModel serving(ModelSpec spec) throws IOException {
    if (options.models() == null) {
      return null;
    }
    Path root = Path.of(options.models());
    Integer pinned = options.pins().get(spec.name());
    OptionalInt version =
        pinned == null ? new ModelDirectory(root).newest(spec.name()) : OptionalInt.of(pinned);
    if (version.isEmpty()) {
      LOG.warn("{} has no version in {}; its fallback answers", spec.name(), root);
      return null;
    }
    try {
      return ServedModel.acquire(root, spec, version.getAsInt());
    } catch (InvalidModelException | NativeModelException e) {
      if (pinned != null) {
        throw e;
      }
      LOG.error("{}; the fallback of {} answers", e.getMessage(), spec.name());
      return null;
    }
  }

  @Override
  public void processElement(Change change, Context context, Collector<ScoredChange> out)
      throws Exception {
    List<Prediction> answers = new ArrayList<>();
    Fact fact = change.getApplied();
    if (fact != null && fact.getEvent().getEventId().equals(change.getEventId())) {
      String entityId = FactKind.entityId(fact.getEvent(), entity);
      if (entityId != null) {
        for (Line line : lines) {
          if (triggers(line.spec, fact)) {
            Prediction answer = score(line, change, fact, entityId, context);
            context.output(PREDICTIONS, answer);
            answers.add(answer);
          }
        }
      }
    }
    out.collect(new ScoredChange(change, answers));
  }

  private boolean triggers(ModelSpec spec, Fact fact) throws Exception {
    ModelSpec.Trigger trigger = spec.trigger();
    if (FactKind.of(fact.getEvent()) != trigger.from()
        || !trigger.when().holds(name -> FactFields.value(fact, name))) {
      return false;
    }
    if (trigger.oncePer() != null) {
      String once = spec.name() + '\u0001' + FactFields.value(fact, trigger.oncePer());
      if (triggered.contains(once)) {
        return false;
      }
      triggered.put(once, true);
    }
    return options.predictFrom() == null
        || !fact.getEvent().getRecordedAt().isBefore(options.predictFrom());
  }

  private Prediction score(Line line, Change change, Fact fact, String entityId, Context context) {
    ModelSpec spec = line.spec;
    WorkEvent event = fact.getEvent();
    Situation situation = new Situation(change, entity, spec.schemas());
    Object[] values = spec.values(situation);
    Prediction prediction = new Prediction();
    prediction.setCompanyId(event.getCompanyId());
    prediction.setEntity(FeatureSchema.nameOf(entity));
    prediction.setEntityId(entityId);
    prediction.setEventId(event.getEventId());
    prediction.setTrigger(spec.trigger().from().yamlName());
    prediction.setModel(spec.name());
    prediction.setInputs(Arrays.asList(values));
    prediction.setAsOf(situation.asOf());
    prediction.setPredictionId(idOf(prediction));
    prediction.setMissing(
        IntStream.range(0, values.length)
            .filter(i -> values[i] == null)
            .mapToObj(i -> spec.inputs().get(i).name())
            .toList());
    if (line.model == null || line.scorer == null || !situation.knows(entity)) {
      fallBack(spec, situation, prediction);
    } else {
      try {
        long start = System.nanoTime();
        answer(spec, line.model, line.scorer, values, prediction);
        scoreNanos.update(System.nanoTime() - start);
      } catch (NativeModelException e) {
        LOG.error("{}: {}; its fallback answers", spec.name(), e.getMessage());
        fallBack(spec, situation, prediction);
      }
    }
    prediction.setScoredAt(Instant.ofEpochMilli(context.timerService().currentProcessingTime()));
    predictions.inc();
    return prediction;
  }

  private void fallBack(ModelSpec spec, Situation situation, Prediction prediction) {
    prediction.setModelVersion(0);
    prediction.setRole(PredictionRole.FALLBACK);
    prediction.setOutputs(Map.of("score", spec.serve().fallback(situation)));
    prediction.setContributions(List.of());
    fallbacks.inc();
  }

  private static void answer(
      ModelSpec spec,
      ServedModel model,
      ServedModel.Scorer scorer,
      Object[] values,
      Prediction prediction) {
    float[] outputs = scorer.score(values);
    Map<String, Double> named = new LinkedHashMap<>();
    for (int i = 0; i < outputs.length; i++) {
      named.put(model.outputs().get(i), (double) outputs[i]);
    }
    prediction.setModelVersion(model.version());
    prediction.setRole(PredictionRole.CHAMPION);
    prediction.setOutputs(named);
    if (model.isProbability()) {
      prediction.setConfidence(Math.abs(2.0 * outputs[0] - 1));
    }
    prediction.setContributions(List.of());
    if (spec.serve().explain() > 0 && model.isFlat()) {
      double[] contributions = scorer.explain();
      prediction.setBaseValue(scorer.baseValue());
      prediction.setContributions(
          IntStream.range(0, values.length)
              .boxed()
              .sorted(Comparator.comparingDouble(i -> -Math.abs(contributions[i])))
              .limit(spec.serve().explain())
              .map(i -> contribution(spec.inputs().get(i).name(), values[i], contributions[i]))
              .toList());
    }
  }

  private static Contribution contribution(
      String input, @Nullable Object value, double contribution) {
    Object shown = value;
    if (value instanceof Number number) {
      shown = number.doubleValue();
    } else if (value instanceof Boolean yes) {
      shown = yes ? 1.0 : 0.0;
    }
    return new Contribution(input, shown, contribution);
  }

  private static String idOf(Prediction prediction) {
    String name =
        String.join(
            "\u0001",
            prediction.getCompanyId(),
            prediction.getEventId(),
            prediction.getModel(),
            prediction.getEntity() + ':' + prediction.getEntityId(),
            SERVED);
    return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
  }
}
