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
 * be out of order, and from the partition's end on it holds the others back no longer. What goes on
 * from there is told of the newest event too.
 *
 * <p>A bounded source must not be paused, for being ahead of others, once its reader has read all:
 * <a href="https://issues.apache.org/jira/browse/FLINK-39728">FLINK-39728</a>, by which the job
 * fails, again and again. The last records, which the reader may have read as a whole, therefore
 * tell nothing.
 */
public final class BackfillWatermarks implements WatermarkGenerator<Arrival> {

  /** What one poll of a backfill's consumer may bring, records. */
  public static final int POLL = 500;

  /** A poll is worked on, two wait, one is at hand: twice as many, to be on the safe side. */
  private static final long READ_AHEAD = 8L * POLL;

  private final BoundedOutOfOrdernessWatermarks<Arrival> underWay;
  private final Map<Integer, Long> ends;
  private final boolean bounded;
  private long newest = Long.MIN_VALUE;
  private boolean silent;
  private boolean ended;

  /**
   * @param ends of each partition, the offset that its first record after the backfill will have
   * @param bounded whether the source ends there
   */
  public BackfillWatermarks(Duration outOfOrderness, Map<Integer, Long> ends, boolean bounded) {
    this.underWay = new BoundedOutOfOrdernessWatermarks<>(outOfOrderness);
    this.ends = ends;
    this.bounded = bounded;
  }

  @Override
  public void onEvent(Arrival arrival, long timestamp, WatermarkOutput output) {
    underWay.onEvent(arrival, timestamp, output);
    newest = Math.max(newest, timestamp);
    long next = arrival.getRaw().getOffset() + 1;
    long end = ends.getOrDefault(arrival.getRaw().getPartition(), 0L);
    silent = bounded && next > end - READ_AHEAD;
    if (next >= end) {
      ended = true;
      if (!bounded) {
        output.emitWatermark(new Watermark(newest));
      }
      output.markIdle();
    }
  }

  @Override
  public void onPeriodicEmit(WatermarkOutput output) {
    if (!ended && !silent) {
      underWay.onPeriodicEmit(output);
    }
  }
}
