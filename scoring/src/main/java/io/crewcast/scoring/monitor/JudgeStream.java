package io.crewcast.scoring.monitor;

import io.crewcast.schemas.DriftStatistics;
import io.crewcast.schemas.stream.HourCounts;
import io.crewcast.schemas.stream.Signal;
import io.crewcast.scoring.drift.Volume;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Judges each window of {@code work-events}, once all its counts are there, those too in which
 * nothing came for up to four weeks; keyed by {@link #KEY}. Whether that is worth an alert is said
 * by {@link #SIGNALS}.
 */
public final class JudgeStream extends KeyedProcessFunction<String, HourCounts, DriftStatistics> {

  public static final OutputTag<Signal> SIGNALS =
      new OutputTag<>("signals", new AvroTypeInfo<>(Signal.class));

  /** Windows of one length of one company. */
  public static final KeySelector<HourCounts, String> KEY =
      window ->
          String.join(
              "\u0001",
              window.getCompanyId(),
              Duration.between(window.getWindowStart(), window.getWindowEnd()).toString());

  private static final Duration WEEK = Duration.ofDays(7);
  private static final long REMEMBERED = Volume.WEEKS * WEEK.toMillis();

  private final StreamBounds bounds;

  private transient MapState<Long, HourCounts> windows;
  private transient ValueState<Long> first;

  @SuppressWarnings("NullAway.Init") // transient fields are set in open()
  public JudgeStream(StreamBounds bounds) {
    this.bounds = bounds;
  }

  @Override
  public void open(OpenContext context) {
    windows =
        getRuntimeContext()
            .getMapState(
                new MapStateDescriptor<>(
                    "windows", Types.LONG, new AvroTypeInfo<>(HourCounts.class)));
    first = getRuntimeContext().getState(new ValueStateDescriptor<>("first", Types.LONG));
  }

  @Override
  public void processElement(HourCounts part, Context context, Collector<DriftStatistics> out)
      throws Exception {
    long start = part.getWindowStart().toEpochMilli();
    HourCounts before = windows.get(start);
    windows.put(start, before == null ? part : sum(before, part));
    Long begun = first.value();
    if (part.getReceived() > 0 && (begun == null || start < begun)) {
      first.update(start);
    }
    context.timerService().registerEventTimeTimer(part.getWindowEnd().toEpochMilli() - 1);
  }

  private static HourCounts sum(HourCounts one, HourCounts other) {
    return HourCounts.newBuilder(one)
        .setReceived(one.getReceived() + other.getReceived())
        .setDeadLetters(one.getDeadLetters() + other.getDeadLetters())
        .setLate(one.getLate() + other.getLate())
        .build();
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<DriftStatistics> out)
      throws Exception {
    String[] key = context.getCurrentKey().split("\u0001", -1);
    long length = Duration.parse(key[1]).toMillis();
    long end = timestamp + 1;
    Map<Long, HourCounts> known = remembered(end - length);
    HourCounts closed = known.getOrDefault(end - length, none(key[0], end - length, end));
    var rows = new StreamRows(closed, usual(known, closed, length), bounds);
    rows.rows().forEach(out::collect);
    rows.signals().forEach(signal -> context.output(SIGNALS, signal));
    long newest = known.keySet().stream().mapToLong(Long::longValue).max().orElse(Long.MIN_VALUE);
    boolean isOver = context.timerService().currentWatermark() == Long.MAX_VALUE;
    if (end <= newest || (!isOver && end - length < newest + REMEMBERED)) {
      context.timerService().registerEventTimeTimer(timestamp + length);
    } else if (!isOver) {
      windows.clear();
      first.clear();
    }
  }

  /** What is not too long ago; the rest is forgotten. */
  private Map<Long, HourCounts> remembered(long start) throws Exception {
    Map<Long, HourCounts> known = new HashMap<>();
    for (Map.Entry<Long, HourCounts> entry : windows.entries()) {
      known.put(entry.getKey(), entry.getValue());
    }
    for (long old : List.copyOf(known.keySet())) {
      if (old < start - REMEMBERED) {
        windows.remove(old);
        known.remove(old);
      }
    }
    return known;
  }

  private static HourCounts none(String company, long start, long end) {
    return new HourCounts(
        company, Instant.ofEpochMilli(start), Instant.ofEpochMilli(end), 0L, 0L, 0L);
  }

  /** By all windows since the first, which the stream may have begun in the midst of. */
  private Volume usual(Map<Long, HourCounts> known, HourCounts closed, long length)
      throws Exception {
    long begun = first.value() == null ? Long.MAX_VALUE : first.value();
    long[] past = new long[(int) (REMEMBERED / length)];
    for (int i = 0; i < past.length; i++) {
      long start = closed.getWindowStart().toEpochMilli() - (i + 1) * length;
      HourCounts window = known.get(start);
      past[i] = start <= begun ? Volume.UNKNOWN : window == null ? 0 : window.getReceived();
    }
    return Volume.of(past, (int) (WEEK.toMillis() / length));
  }
}
