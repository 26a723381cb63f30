package io.crewcast.scoring.monitor;

import io.crewcast.schemas.stream.Judged;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.streaming.api.windowing.assigners.WindowAssigner;
import org.apache.flink.streaming.api.windowing.triggers.EventTimeTrigger;
import org.apache.flink.streaming.api.windowing.triggers.Trigger;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;

/** The day, UTC, on which something became known. */
public final class DaysOfKnowledge extends WindowAssigner<Object, TimeWindow> {

  @Override
  public Collection<TimeWindow> assignWindows(
      Object element, long timestamp, WindowAssignerContext context) {
    long length = SumAnswers.WINDOW.toMillis();
    long knownAt = ((Judged) element).getKnownAt().toEpochMilli();
    long start = Math.floorDiv(knownAt, length) * length;
    return List.of(new TimeWindow(start, start + length));
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
