package io.crewcast.scoring.monitor;

import io.crewcast.schemas.stream.ObservedValues;
import io.crewcast.scoring.model.ModelSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/**
 * Hands values to the window of each length that the model's file declares, so that each is late or
 * not by itself.
 */
public final class InWindows implements FlatMapFunction<ObservedValues, ObservedValues> {

  private final Map<String, List<Duration>> lengths = new HashMap<>();

  public InWindows(List<ModelSpec> models) {
    models.forEach(model -> lengths.put(model.name(), model.monitor().windows()));
  }

  @Override
  public void flatMap(ObservedValues values, Collector<ObservedValues> out) {
    long asOf = values.getAsOf().toEpochMilli();
    for (Duration length : lengths.getOrDefault(values.getModel(), List.of())) {
      TimeWindow window = EventTimeWindows.tumbling(asOf, length.toMillis());
      out.collect(
          ObservedValues.newBuilder(values)
              .setWindowStart(Instant.ofEpochMilli(window.getStart()))
              .setWindowEnd(Instant.ofEpochMilli(window.getEnd()))
              .build());
    }
  }
}
