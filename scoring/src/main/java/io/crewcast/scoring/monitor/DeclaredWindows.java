package io.crewcast.scoring.monitor;

import io.crewcast.schemas.stream.ObservedValues;
import io.crewcast.scoring.model.ModelSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;

/**
 * Tumbling windows of the lengths that the model's file declares; of what already counts in one,
 * that.
 */
public final class DeclaredWindows extends EventTimeWindows {

  private final Map<String, List<Duration>> lengths = new HashMap<>();

  public DeclaredWindows(List<ModelSpec> models) {
    models.forEach(model -> lengths.put(model.name(), model.monitor().windows()));
  }

  @Override
  public Collection<TimeWindow> assignWindows(
      Object element, long timestamp, WindowAssignerContext context) {
    ObservedValues values = (ObservedValues) element;
    if (values.getWindowEnd() != null) {
      return List.of(
          new TimeWindow(
              values.getWindowStart().toEpochMilli(), values.getWindowEnd().toEpochMilli()));
    }
    List<TimeWindow> windows = new ArrayList<>();
    for (Duration length : lengths.getOrDefault(values.getModel(), List.of())) {
      windows.add(tumbling(values.getAsOf().toEpochMilli(), length.toMillis()));
    }
    return windows;
  }
}
