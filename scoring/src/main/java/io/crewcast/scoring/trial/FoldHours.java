package io.crewcast.scoring.trial;

import io.crewcast.schemas.Instants;
import io.crewcast.schemas.stream.TrialEvent;
import io.crewcast.schemas.stream.TrialHour;
import io.crewcast.scoring.experiment.Standings;
import io.crewcast.scoring.operator.TimeTold;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Adds up what happened in an hour of event time when the hour is over: then all of it is there and
 * can be added in one order. Keyed by {@link #KEY}, so that no experiment sits in one task.
 */
public final class FoldHours extends KeyedProcessFunction<String, TrialEvent, TrialHour> {

  private static final long HOUR = Instants.micros(Duration.ofHours(1));

  /** Experiment and hour. */
  public static final KeySelector<TrialEvent, String> KEY =
      event -> event.getExperiment() + '\u0001' + Instants.micros(hourOf(event));

  private final @Nullable Instant newest;

  private transient ListState<TrialEvent> happened;

  /**
   * @param newest when the newest record of a bounded input was made; null of one without end
   */
  @SuppressWarnings("NullAway.Init") // transient fields are set in open()
  public FoldHours(@Nullable Instant newest) {
    this.newest = newest;
  }

  /** The end of the hour that it happened in. */
  static Instant hourOf(TrialEvent event) {
    return endOfHour(event.getAt());
  }

  static Instant endOfHour(Instant within) {
    return Instants.ofMicros((Math.floorDiv(Instants.micros(within), HOUR) + 1) * HOUR);
  }

  @Override
  public void open(OpenContext context) {
    happened =
        getRuntimeContext()
            .getListState(
                new ListStateDescriptor<>("happened", new AvroTypeInfo<>(TrialEvent.class)));
  }

  @Override
  public void processElement(TrialEvent event, Context context, Collector<TrialHour> out)
      throws Exception {
    happened.add(event);
    context.timerService().registerEventTimeTimer(hourOf(event).toEpochMilli());
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<TrialHour> out)
      throws Exception {
    if (!TimeTold.reaches(timestamp, context.timerService().currentWatermark(), newest)) {
      return;
    }
    List<TrialEvent> all = new ArrayList<>();
    happened.get().forEach(all::add);
    happened.clear();
    out.collect(Standings.hour(all.get(0).getExperiment(), Instant.ofEpochMilli(timestamp), all));
  }
}
