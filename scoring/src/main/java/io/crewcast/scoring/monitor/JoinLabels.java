package io.crewcast.scoring.monitor;

import io.crewcast.schemas.LabelOutcome;
import io.crewcast.schemas.Observation;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.TrainingExample;
import io.crewcast.schemas.stream.Judged;
import io.crewcast.schemas.stream.Received;
import io.crewcast.schemas.stream.SettledLabel;
import io.crewcast.scoring.model.ModelSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Brings what was predicted together with what then happened, keyed by {@link LabelKey}: tells each
 * prediction once when it is made and once when its label is settled, whichever comes first. Those
 * of shadows have the label of the prediction that was served.
 *
 * <p>A label is kept for a week beyond the time within which it is expected; what comes later is
 * not joined any more.
 */
public final class JoinLabels extends KeyedProcessFunction<String, Received, Judged> {

  /** For how long beyond {@code within} a late label is still told. */
  static final Duration LATE = Duration.ofDays(7);

  /** For how long a prediction may be delivered again. */
  private static final Duration REPEATED = Duration.ofDays(1);

  /** Of a model whose file declares no label, and whose observations have no end. */
  private static final Duration WITHIN = Duration.ofDays(30);

  private final Map<String, ModelSpec> models;

  private transient MapState<String, Judged> made;
  private transient ValueState<SettledLabel> settled;

  @SuppressWarnings("NullAway.Init") // transient fields are set in open()
  public JoinLabels(Map<String, ModelSpec> models) {
    this.models = Map.copyOf(models);
  }

  /** How long after a prediction its label is expected. */
  static Duration within(ModelSpec spec) {
    return spec.label().within().isZero() ? WITHIN : spec.label().within();
  }

  @Override
  public void open(OpenContext context) {
    made =
        getRuntimeContext()
            .getMapState(
                new MapStateDescriptor<>("made", Types.STRING, new AvroTypeInfo<>(Judged.class)));
    settled =
        getRuntimeContext()
            .getState(
                new ValueStateDescriptor<>("settled", new AvroTypeInfo<>(SettledLabel.class)));
  }

  @Override
  public void processElement(Received received, Context context, Collector<Judged> out)
      throws Exception {
    if (received.getValue() instanceof Prediction prediction) {
      predicted(prediction, context, out);
    } else if (received.getValue() instanceof TrainingExample example) {
      Instant knownAt = example.getLabelledAt();
      if (knownAt == null) {
        Duration waited =
            example.getOutcome() == LabelOutcome.CENSORED
                ? spec(example.getModel()).label().within()
                : Duration.ZERO;
        knownAt = example.getAsOf().plus(waited);
      }
      settle(
          new SettledLabel(example.getOutcome(), example.getLabel(), knownAt),
          example.getAsOf().plus(within(spec(example.getModel()))),
          context,
          out);
    } else if (received.getValue() instanceof Observation observation) {
      Instant at = observation.getObservedAt();
      settle(
          new SettledLabel(LabelOutcome.LABELLED, observation.getValue(), at),
          at.plus(WITHIN),
          context,
          out);
    }
  }

  private ModelSpec spec(String model) {
    ModelSpec spec = models.get(model);
    if (spec == null) {
      throw new IllegalStateException("no file defines " + model + ", and it was let through");
    }
    return spec;
  }

  private void predicted(Prediction prediction, Context context, Collector<Judged> out)
      throws Exception {
    if (made.contains(prediction.getPredictionId())) {
      return; // delivered at least once
    }
    ModelSpec spec = spec(prediction.getModel());
    Judged judged = judged(prediction, spec);
    made.put(prediction.getPredictionId(), judged);
    emit(judged, context, out);
    SettledLabel label = settled.value();
    if (label != null) {
      tell(judged, spec, label, false, context, out);
    }
    keepUntil(keptUntil(judged, spec), context);
    if (spec.monitor().label() != null) {
      context
          .timerService()
          .registerEventTimeTimer(prediction.getAsOf().plus(within(spec)).toEpochMilli());
    }
  }

  /** One without any label is kept as long as it may be delivered again. */
  private static Instant keptUntil(Judged judged, ModelSpec spec) {
    boolean hasLabel = spec.monitor().label() != null || !spec.label().within().isZero();
    return judged.getAsOf().plus(hasLabel ? within(spec).plus(LATE) : REPEATED);
  }

  private void settle(SettledLabel label, Instant expected, Context context, Collector<Judged> out)
      throws Exception {
    SettledLabel before = settled.value();
    boolean wasGivenUp = before != null && before.getOutcome() == LabelOutcome.CENSORED;
    if (before != null && (!wasGivenUp || label.getOutcome() == LabelOutcome.CENSORED)) {
      return; // delivered at least once
    }
    settled.update(label);
    keepUntil(expected.plus(LATE), context);
    for (Judged judged : made.values()) {
      ModelSpec spec = models.get(judged.getModel());
      if (spec != null) { // else its file is gone since
        tell(judged, spec, label, wasGivenUp, context, out);
      }
    }
  }

  /** One that is observed after its deadline was given up then, whichever came first. */
  private static void tell(
      Judged judged,
      ModelSpec spec,
      SettledLabel label,
      boolean wasGivenUp,
      Context context,
      Collector<Judged> out) {
    Instant deadline = judged.getAsOf().plus(within(spec));
    boolean isLate =
        spec.monitor().label() != null
            && label.getOutcome() == LabelOutcome.LABELLED
            && label.getKnownAt().isAfter(deadline);
    if (isLate && !wasGivenUp) {
      emit(with(judged, new SettledLabel(LabelOutcome.CENSORED, null, deadline)), context, out);
    }
    Judged told = with(judged, label);
    told.setLate(wasGivenUp || isLate);
    emit(told, context, out);
  }

  private static void keepUntil(Instant end, Context context) {
    context.timerService().registerEventTimeTimer(end.toEpochMilli());
  }

  /** What is known later than time has come is told now. */
  private static void emit(Judged judged, Context context, Collector<Judged> out) {
    long watermark = context.timerService().currentWatermark();
    Judged told = Judged.newBuilder(judged).build();
    if (watermark != Long.MIN_VALUE && told.getKnownAt().toEpochMilli() <= watermark) {
      told.setKnownAt(Instant.ofEpochMilli(watermark + 1));
    }
    out.collect(told);
  }

  private static Judged with(Judged judged, SettledLabel label) {
    Judged settled = Judged.newBuilder(judged).build();
    settled.setOutcome(label.getOutcome());
    settled.setLabel(label.getLabel());
    if (label.getKnownAt().isAfter(judged.getKnownAt())) {
      settled.setKnownAt(label.getKnownAt());
    }
    return settled;
  }

  private static Judged judged(Prediction prediction, ModelSpec spec) {
    Judged judged = new Judged();
    judged.setPredictionId(prediction.getPredictionId());
    judged.setModel(prediction.getModel());
    judged.setModelVersion(prediction.getModelVersion());
    judged.setRole(prediction.getRole());
    judged.setVariation(prediction.getVariation() == null ? "*" : prediction.getVariation());
    judged.setCompanyId(prediction.getCompanyId());
    judged.setSegments(segments(prediction, spec));
    judged.setGroup(group(prediction, spec));
    judged.setAsOf(prediction.getAsOf());
    judged.setKnownAt(prediction.getAsOf());
    judged.setScoreMicros(
        prediction.getRole() == PredictionRole.FALLBACK ? null : prediction.getScoreMicros());
    judged.setAnswer(spec.outputs().stream().map(prediction.getOutputs()::get).toList());
    judged.setFallback(Arrays.stream(spec.fallback(prediction.getInputs())).boxed().toList());
    return judged;
  }

  /**
   * The candidates of one request, where each is graded by observations; else as when it is
   * trained. What the fallback answers has another scale and is not ranked.
   */
  private static @Nullable String group(Prediction prediction, ModelSpec spec) {
    if (spec.train().grouping() == null || prediction.getRole() == PredictionRole.FALLBACK) {
      return null;
    }
    return prediction.getRequestId() == null
        ? spec.group(prediction.getCompanyId(), prediction.getAsOf(), prediction.getInputs())
        : prediction.getCompanyId() + "\u0001request\u0001" + prediction.getRequestId();
  }

  /** Those that the gate looks at. */
  private static List<String> segments(Prediction prediction, ModelSpec spec) {
    List<String> segments = new ArrayList<>();
    if (spec.gate() != null) {
      for (String name : spec.gate().segments()) {
        for (int place = 0; place < spec.inputs().size(); place++) {
          if (spec.inputs().get(place).name().equals(name)) {
            segments.add(name + '=' + prediction.getInputs().get(place));
          }
        }
      }
    }
    return segments;
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<Judged> out)
      throws Exception {
    long end = Long.MIN_VALUE;
    for (Judged judged : made.values()) {
      ModelSpec spec = models.get(judged.getModel());
      if (spec == null) {
        continue; // its file is gone since
      }
      Instant expected = judged.getAsOf().plus(within(spec));
      end = Math.max(end, keptUntil(judged, spec).toEpochMilli());
      if (expected.toEpochMilli() == timestamp && settled.value() == null) {
        settle(new SettledLabel(LabelOutcome.CENSORED, null, expected), expected, context, out);
      }
    }
    SettledLabel label = settled.value();
    if (label != null && made.isEmpty()) {
      end = timestamp; // the only timer there is
    }
    if (end <= timestamp) {
      made.clear();
      settled.clear();
    }
  }
}
