package io.crewcast.scoring.monitor;

import io.crewcast.schemas.stream.Judged;
import io.crewcast.schemas.stream.PerformanceSums;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.performance.Performance;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/**
 * Adds up what became known within a day of the predictions of one day, in one share of a group;
 * shares add up to the group.
 */
public final class SumAnswers
    implements AggregateFunction<Judged, PerformanceSums, PerformanceSums> {

  /** Both of prediction times and of what became known. */
  public static final Duration WINDOW = Duration.ofDays(1);

  private static final int SHARES = 8;

  /** A share of a group's predictions of one day. */
  public static final KeySelector<Judged, String> SHARE =
      judged ->
          String.join(
              "\u0001",
              judged.getModel(),
              Integer.toString(judged.getModelVersion()),
              judged.getVariation(),
              judged.getCompanyId(),
              judged.getSegments().get(0),
              start(judged).toString(),
              Integer.toString(Math.floorMod(judged.getPredictionId().hashCode(), SHARES)));

  private final Map<String, ModelSpec> models;

  public SumAnswers(Map<String, ModelSpec> models) {
    this.models = Map.copyOf(models);
  }

  private static Instant start(Judged judged) {
    long length = WINDOW.toMillis();
    return Instant.ofEpochMilli(Math.floorDiv(judged.getAsOf().toEpochMilli(), length) * length);
  }

  @Override
  public PerformanceSums createAccumulator() {
    return Performance.none();
  }

  @Override
  public PerformanceSums add(Judged judged, PerformanceSums sums) {
    sums.setModel(judged.getModel());
    sums.setModelVersion(judged.getModelVersion());
    sums.setVariation(judged.getVariation());
    sums.setCompanyId(judged.getCompanyId());
    sums.setSegment(judged.getSegments().get(0));
    sums.setWindowStart(start(judged));
    sums.setWindowEnd(start(judged).plus(WINDOW));
    new Performance(Objects.requireNonNull(models.get(judged.getModel())), sums).add(judged);
    return sums;
  }

  @Override
  public PerformanceSums getResult(PerformanceSums sums) {
    return sums;
  }

  @Override
  public PerformanceSums merge(PerformanceSums one, PerformanceSums other) {
    throw new UnsupportedOperationException("tumbling windows are not merged");
  }

  /** Says until when all is in. */
  public static final class KnownUntil
      extends ProcessWindowFunction<PerformanceSums, PerformanceSums, String, TimeWindow> {

    @Override
    public void process(
        String share,
        Context context,
        Iterable<PerformanceSums> sums,
        Collector<PerformanceSums> out) {
      PerformanceSums known = sums.iterator().next();
      known.setKnownUntil(Instant.ofEpochMilli(context.window().getEnd()));
      out.collect(known);
    }
  }
}
