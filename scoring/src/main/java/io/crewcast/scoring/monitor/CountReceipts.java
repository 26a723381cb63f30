package io.crewcast.scoring.monitor;

import io.crewcast.schemas.state.ExceptionalRecord;
import io.crewcast.schemas.stream.Fate;
import io.crewcast.schemas.stream.HourCounts;
import io.crewcast.schemas.stream.Receipt;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/**
 * Counts the records of each partition of {@code work-events} by hour of event time, each once, by
 * its offset. Keyed by {@link #PARTITION}, whose records come in their order.
 *
 * <ul>
 *   <li>An event counts in the hour in which it was recorded. One that was recorded longer before
 *       the newest of its partition than records may be out of order is late, and counts in the
 *       newest's hour: its own is over.
 *   <li>What could not be read has no time: it counts with the newest event before it, or with the
 *       first.
 *   <li>An event that was refused afterwards is received once, with the record, and a dead letter
 *       once, however often its letter comes; the letter waits for the record.
 * </ul>
 */
public final class CountReceipts extends KeyedProcessFunction<Integer, Receipt, HourCounts> {

  public static final KeySelector<Receipt, Integer> PARTITION = Receipt::getPartition;

  static final Duration HOUR = Duration.ofHours(1);

  /** How long it is remembered that a record was counted as late or as a dead letter. */
  private static final Duration REMEMBERED = Duration.ofDays(7);

  private final long outOfOrderness;

  private transient ValueState<Long> newest;
  private transient ValueState<Long> read;
  private transient ListState<Receipt> unplaced;
  private transient MapState<Long, ExceptionalRecord> exceptional;
  private transient MapState<String, HourCounts> counts;

  /**
   * @param outOfOrderness how far records of a partition may be out of order
   */
  @SuppressWarnings("NullAway.Init") // transient fields are set in open()
  public CountReceipts(Duration outOfOrderness) {
    this.outOfOrderness = outOfOrderness.toMillis();
  }

  @Override
  public void open(OpenContext context) {
    var runtime = getRuntimeContext();
    newest = runtime.getState(new ValueStateDescriptor<>("newest", Types.LONG));
    read = runtime.getState(new ValueStateDescriptor<>("read", Types.LONG));
    unplaced =
        runtime.getListState(
            new ListStateDescriptor<>("unplaced", new AvroTypeInfo<>(Receipt.class)));
    exceptional =
        runtime.getMapState(
            new MapStateDescriptor<>(
                "exceptional", Types.LONG, new AvroTypeInfo<>(ExceptionalRecord.class)));
    counts =
        runtime.getMapState(
            new MapStateDescriptor<>("counts", Types.STRING, new AvroTypeInfo<>(HourCounts.class)));
  }

  @Override
  public void processElement(Receipt receipt, Context context, Collector<HourCounts> out)
      throws Exception {
    if (receipt.getFate() == Fate.REFUSED_AFTERWARDS) {
      letter(receipt, context);
      return;
    }
    read.update(receipt.getOffset());
    if (receipt.getRecordedAt() == null) {
      unreadable(receipt, context);
    } else {
      event(receipt, receipt.getRecordedAt().toEpochMilli(), context);
    }
  }

  private void unreadable(Receipt receipt, Context context) throws Exception {
    Long before = newest.value();
    if (before == null) {
      unplaced.add(receipt);
    } else {
      count(receipt, before, 1, 1, receipt.getFate() == Fate.REFUSED_AS_LATE, context);
    }
  }

  private void event(Receipt receipt, long recordedAt, Context context) throws Exception {
    Long before = newest.value();
    boolean isLate = before != null && recordedAt < before - outOfOrderness;
    long countedAt = isLate ? before : recordedAt;
    newest.update(before == null ? recordedAt : Math.max(before, recordedAt));
    if (before == null) {
      for (Receipt earlier : unplaced.get()) {
        unreadable(earlier, context);
      }
      unplaced.clear();
    }
    boolean isRefused = exceptional.contains(receipt.getOffset()); // its letter waits
    count(receipt, countedAt, 1, isRefused ? 1 : 0, isLate || isRefused, context);
    if (isLate || isRefused) {
      remember(receipt, countedAt, true, isRefused, context);
    }
  }

  private void letter(Receipt receipt, Context context) throws Exception {
    ExceptionalRecord known = exceptional.get(receipt.getOffset());
    if (known != null && known.getDeadLetter()) {
      return; // delivered at least once
    }
    long recordedAt = receipt.getRecordedAt().toEpochMilli();
    Long reached = read.value();
    if (reached == null || reached < receipt.getOffset()) {
      remember(receipt, recordedAt, false, true, context);
      return;
    }
    long countedAt = known == null ? recordedAt : known.getCountedAt().toEpochMilli();
    boolean isLate = known != null && known.getLate();
    count(receipt, countedAt, 0, 1, !isLate, context);
    remember(receipt, countedAt, true, true, context);
  }

  private void remember(
      Receipt receipt, long countedAt, boolean isLate, boolean isDeadLetter, Context context)
      throws Exception {
    Instant at = Instant.ofEpochMilli(countedAt);
    exceptional.put(receipt.getOffset(), new ExceptionalRecord(at, isLate, isDeadLetter));
    context.timerService().registerEventTimeTimer(forgottenAt(countedAt));
  }

  private static long forgottenAt(long countedAt) {
    return countedAt + REMEMBERED.toMillis();
  }

  /** What is known later than time has come counts now. */
  private void count(
      Receipt receipt, long at, int received, int dead, boolean isLate, Context context)
      throws Exception {
    long now = context.timerService().currentWatermark();
    TimeWindow hour =
        EventTimeWindows.tumbling(
            now == Long.MIN_VALUE ? at : Math.max(at, now + 1), HOUR.toMillis());
    String key = hour.getStart() + "\u0001" + receipt.getCompanyId();
    HourCounts counted = counts.get(key);
    if (counted == null) {
      counted =
          new HourCounts(
              receipt.getCompanyId(),
              Instant.ofEpochMilli(hour.getStart()),
              Instant.ofEpochMilli(hour.getEnd()),
              0L,
              0L,
              0L);
    }
    counted.setReceived(counted.getReceived() + received);
    counted.setDeadLetters(counted.getDeadLetters() + dead);
    counted.setLate(counted.getLate() + (isLate ? 1 : 0));
    counts.put(key, counted);
    context.timerService().registerEventTimeTimer(hour.maxTimestamp());
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<HourCounts> out)
      throws Exception {
    List<String> over = new ArrayList<>();
    for (Map.Entry<String, HourCounts> entry : counts.entries()) {
      if (entry.getValue().getWindowEnd().toEpochMilli() - 1 <= timestamp) {
        over.add(entry.getKey());
        out.collect(entry.getValue());
      }
    }
    for (String key : over) {
      counts.remove(key);
    }
    List<Long> forgotten = new ArrayList<>();
    for (Map.Entry<Long, ExceptionalRecord> entry : exceptional.entries()) {
      if (forgottenAt(entry.getValue().getCountedAt().toEpochMilli()) <= timestamp) {
        forgotten.add(entry.getKey());
      }
    }
    for (Long offset : forgotten) {
      exceptional.remove(offset);
    }
  }
}
