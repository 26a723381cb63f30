package io.crewcast.scoring.monitor;

import io.crewcast.schemas.stream.ObservedValues;
import io.crewcast.scoring.model.ModelSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.streaming.api.windowing.assigners.WindowAssigner;
import org.apache.flink.streaming.api.windowing.triggers.EventTimeTrigger;
import org.apache.flink.streaming.api.windowing.triggers.Trigger;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;

/**
 * Tumbling windows of the lengths that the model's file declares; of what already counts in one,
 * that.
 */
public final class DeclaredWindows extends WindowAssigner<Object, TimeWindow> {

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
      long millis = length.toMillis();
      long start = Math.floorDiv(values.getAsOf().toEpochMilli(), millis) * millis;
      windows.add(new TimeWindow(start, start + millis));
    }
    return windows;
  }

  @Override
  public Trigger<Object, TimeWindow> getDefaultTrigger() {
    return EventTimeTrigger.create();
  }

  @Override
  public TypeSerializer<TimeWindow> getWindowSerializer(ExecutionConfig config) {
    return new TimeWindow.Serializer();
  }

  @Override
  public boolean isEventTime() {
    return true;
  }
}
