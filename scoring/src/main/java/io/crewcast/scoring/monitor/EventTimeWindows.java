package io.crewcast.scoring.monitor;

import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.streaming.api.windowing.assigners.WindowAssigner;
import org.apache.flink.streaming.api.windowing.triggers.EventTimeTrigger;
import org.apache.flink.streaming.api.windowing.triggers.Trigger;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;

/** Windows that elements themselves tell, closed once event time has passed their end. */
abstract class EventTimeWindows extends WindowAssigner<Object, TimeWindow> {

  /** The tumbling window from 1970 on, UTC, that an instant lies in; all in milliseconds. */
  static TimeWindow tumbling(long instant, long length) {
    long start = Math.floorDiv(instant, length) * length;
    return new TimeWindow(start, start + length);
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
