package io.crewcast.scoring.monitor;

import io.crewcast.schemas.stream.ObservedValues;
import java.util.Collection;
import java.util.List;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;

/** The window that values say they count in. */
public final class DeclaredWindows extends EventTimeWindows {

  @Override
  public Collection<TimeWindow> assignWindows(
      Object element, long timestamp, WindowAssignerContext context) {
    ObservedValues values = (ObservedValues) element;
    return List.of(
        new TimeWindow(
            values.getWindowStart().toEpochMilli(), values.getWindowEnd().toEpochMilli()));
  }
}
