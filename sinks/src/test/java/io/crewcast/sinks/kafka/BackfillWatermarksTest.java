package io.crewcast.sinks.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.stream.Arrival;
import io.crewcast.schemas.stream.RawRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.junit.jupiter.api.Test;

class BackfillWatermarksTest implements WatermarkOutput {

  private final List<String> told = new ArrayList<>();
  private final BackfillWatermarks watermarks =
      new BackfillWatermarks(Duration.ofMillis(10), Map.of(3, 3L, 4, 9L), false);

  @Test
  void staysBehindByWhatMayBeOutOfOrderUntilThePartitionEnds() {
    watermarks.onEvent(record(3, 0), 1000, this);
    watermarks.onPeriodicEmit(this);
    watermarks.onEvent(record(3, 1), 1005, this);
    watermarks.onPeriodicEmit(this);

    assertThat(told).containsExactly("989", "994");
  }

  @Test
  void isAtItsNewestEventAndIdleFromTheEndOn() {
    watermarks.onEvent(record(3, 1), 1000, this);
    watermarks.onEvent(record(3, 2), 700, this);
    watermarks.onPeriodicEmit(this);

    assertThat(told).containsExactly("1000", "idle");
  }

  @Test
  void saysNothingOfTimeNearTheEndOfABoundedPartition() {
    var bounded = new BackfillWatermarks(Duration.ofMillis(10), Map.of(3, 4_002L), true);
    bounded.onEvent(record(3, 1), 1000, this);
    bounded.onPeriodicEmit(this);
    bounded.onEvent(record(3, 2), 1005, this);
    bounded.onPeriodicEmit(this);
    bounded.onEvent(record(3, 4_001), 2000, this);
    bounded.onPeriodicEmit(this);

    assertThat(told).containsExactly("989", "idle");
  }

  @Test
  void doesNotEndWhereAnotherPartitionDoes() {
    watermarks.onEvent(record(4, 5), 1000, this);

    assertThat(told).isEmpty();
  }

  private static Arrival record(int partition, long offset) {
    return new Arrival(
        new RawRecord("work-events", partition, offset, Instant.EPOCH, null, null), null, null);
  }

  @Override
  public void emitWatermark(Watermark watermark) {
    told.add(Long.toString(watermark.getTimestamp()));
  }

  @Override
  public void markIdle() {
    told.add("idle");
  }

  @Override
  public void markActive() {
    told.add("active");
  }
}
