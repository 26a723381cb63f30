package io.crewcast.sinks.kafka;

import io.crewcast.schemas.stream.Arrival;
import java.time.Duration;
import java.util.Map;
import org.apache.flink.api.common.eventtime.BoundedOutOfOrdernessWatermarks;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;

/**
 * How far a backfill knows what was recorded in one partition: up to the newest event less what may
 * be out of order; at the partition's end up to the newest event, and from there on it holds the
 * others back no longer.
 */
public final class BackfillWatermarks implements WatermarkGenerator<Arrival> {

  private final BoundedOutOfOrdernessWatermarks<Arrival> underWay;
  private final Map<Integer, Long> ends;
  private long newest = Long.MIN_VALUE;
  private boolean ended;

  /**
   * @param ends of each partition, the offset that its first record after the backfill will have
   */
  public BackfillWatermarks(Duration outOfOrderness, Map<Integer, Long> ends) {
    this.underWay = new BoundedOutOfOrdernessWatermarks<>(outOfOrderness);
    this.ends = ends;
  }

  @Override
  public void onEvent(Arrival arrival, long timestamp, WatermarkOutput output) {
    underWay.onEvent(arrival, timestamp, output);
    newest = Math.max(newest, timestamp);
    long next = arrival.getRaw().getOffset() + 1;
    if (next >= ends.getOrDefault(arrival.getRaw().getPartition(), 0L)) {
      ended = true;
      output.emitWatermark(new Watermark(newest));
      output.markIdle();
    }
  }

  @Override
  public void onPeriodicEmit(WatermarkOutput output) {
    if (!ended) {
      underWay.onPeriodicEmit(output);
    }
  }
}
