package io.crewcast.scoring.monitor;

import io.crewcast.schemas.stream.Judged;
import java.util.Collection;
import java.util.List;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;

/** The day, UTC, on which something became known. */
public final class DaysOfKnowledge extends EventTimeWindows {

  @Override
  public Collection<TimeWindow> assignWindows(
      Object element, long timestamp, WindowAssignerContext context) {
    long knownAt = ((Judged) element).getKnownAt().toEpochMilli();
    return List.of(tumbling(knownAt, SumAnswers.WINDOW.toMillis()));
  }
}
