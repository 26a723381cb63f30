package io.crewcast.scoring.monitor;

import io.crewcast.schemas.stream.Judged;
import io.crewcast.schemas.stream.PerformanceSums;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.performance.RankedGroup;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.api.common.functions.FilterFunction;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/**
 * Keeps what is known of each group that is ranked, keyed by {@link #KEY}, and tells at the end of
 * each day on which something became known by how much the group's part in its period has changed.
 */
public final class RankGroups extends KeyedProcessFunction<String, Judged, PerformanceSums> {

  /** Those that are ranked; segments cut groups to pieces and are left out. */
  public static final FilterFunction<Judged> RANKED =
      judged -> judged.getGroup() != null && judged.getSegments().equals(List.of("*"));

  /** One group of one version. */
  public static final KeySelector<Judged, String> KEY =
      judged ->
          String.join(
              "\u0001",
              judged.getModel(),
              Integer.toString(judged.getModelVersion()),
              judged.getVariation(),
              judged.getCompanyId(),
              judged.getGroup());

  private final Map<String, ModelSpec> models;

  private transient MapState<String, Judged> known;
  private transient ValueState<PerformanceSums> told;

  @SuppressWarnings("NullAway.Init") // transient fields are set in open()
  public RankGroups(Map<String, ModelSpec> models) {
    this.models = Map.copyOf(models);
  }

  @Override
  public void open(OpenContext context) {
    known =
        getRuntimeContext()
            .getMapState(
                new MapStateDescriptor<>("known", Types.STRING, new AvroTypeInfo<>(Judged.class)));
    told =
        getRuntimeContext()
            .getState(
                new ValueStateDescriptor<>("told", new AvroTypeInfo<>(PerformanceSums.class)));
  }

  @Override
  public void processElement(Judged judged, Context context, Collector<PerformanceSums> out)
      throws Exception {
    ModelSpec spec = models.get(judged.getModel());
    if (spec == null || spec.train().grouping() == null) {
      return; // its file is gone since
    }
    known.put(judged.getPredictionId() + "\u0001" + judged.getOutcome() + judged.getLate(), judged);
    TimeWindow day =
        EventTimeWindows.tumbling(judged.getKnownAt().toEpochMilli(), SumAnswers.WINDOW.toMillis());
    context.timerService().registerEventTimeTimer(day.maxTimestamp());
    Instant end = MeasurePerformance.closesAt(empty(judged, spec), spec).plus(JoinLabels.LATE);
    context.timerService().registerEventTimeTimer(end.toEpochMilli());
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<PerformanceSums> out)
      throws Exception {
    List<Judged> until = new ArrayList<>();
    for (Judged judged : known.values()) {
      if (judged.getKnownAt().toEpochMilli() <= timestamp) {
        until.add(judged);
      }
    }
    ModelSpec spec = until.isEmpty() ? null : models.get(until.get(0).getModel());
    if (spec == null || spec.train().grouping() == null) {
      return; // its file is gone since
    }
    PerformanceSums empty = empty(until.get(0), spec);
    if (MeasurePerformance.closesAt(empty, spec).plus(JoinLabels.LATE).toEpochMilli()
        <= timestamp) {
      known.clear();
      told.clear();
      return;
    }
    PerformanceSums now = RankedGroup.sums(spec, until);
    name(now, until.get(0), spec);
    PerformanceSums before = told.value();
    PerformanceSums more = RankedGroup.difference(now, before == null ? empty : before);
    more.setKnownUntil(Instant.ofEpochMilli(timestamp + 1));
    out.collect(more);
    told.update(now);
  }

  private static PerformanceSums empty(Judged judged, ModelSpec spec) {
    PerformanceSums sums = RankedGroup.sums(spec, List.of());
    name(sums, judged, spec);
    return sums;
  }

  private static void name(PerformanceSums sums, Judged judged, ModelSpec spec) {
    TimeWindow period =
        EventTimeWindows.tumbling(
            judged.getAsOf().toEpochMilli(),
            Objects.requireNonNull(spec.train().grouping()).period().toMillis());
    sums.setModel(judged.getModel());
    sums.setModelVersion(judged.getModelVersion());
    sums.setVariation(judged.getVariation());
    sums.setCompanyId(judged.getCompanyId());
    sums.setSegment(judged.getSegments().get(0));
    sums.setWindowStart(Instant.ofEpochMilli(period.getStart()));
    sums.setWindowEnd(Instant.ofEpochMilli(period.getEnd()));
  }
}
