package io.crewcast.scoring.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.stream.Fate;
import io.crewcast.schemas.stream.HourCounts;
import io.crewcast.schemas.stream.Receipt;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/** Each record of a partition counts once, as what became of it. */
final class CountReceiptsTest {

  private static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");
  private static final Duration ORDER = Duration.ofMinutes(10);

  private static KeyedOneInputStreamOperatorTestHarness<Integer, Receipt, HourCounts> harness()
      throws Exception {
    return new KeyedOneInputStreamOperatorTestHarness<>(
        new KeyedProcessOperator<>(new CountReceipts(ORDER)), CountReceipts.PARTITION, Types.INT);
  }

  private static Receipt event(long offset, int minute) {
    return receipt(offset, minute, Fate.TAKEN);
  }

  private static Receipt receipt(long offset, int minute, Fate fate) {
    return new Receipt(0, offset, "acme", NOON.plus(Duration.ofMinutes(minute)), fate);
  }

  private static Receipt unreadable(long offset, Fate fate) {
    return new Receipt(0, offset, "acme", null, fate);
  }

  private static Watermark at(int minute) {
    return new Watermark(NOON.plus(Duration.ofMinutes(minute)).toEpochMilli());
  }

  /** Hour from noon on, records, dead letters, late ones. */
  private static List<String> told(
      KeyedOneInputStreamOperatorTestHarness<Integer, Receipt, HourCounts> harness) {
    return harness.extractOutputValues().stream()
        .map(
            hour ->
                "%d: %d %d %d"
                    .formatted(
                        Duration.between(NOON, hour.getWindowStart()).toHours(),
                        hour.getReceived(),
                        hour.getDeadLetters(),
                        hour.getLate()))
        .toList();
  }

  @Test
  void countsWhatIsLateWhenItComesAndTheRestWhenItWasRecorded() throws Exception {
    try (var harness = harness()) {
      harness.open();
      harness.processElement(event(0, 50), 0);
      harness.processElement(event(1, 65), 0);
      harness.processElement(event(2, 55), 0); // out of order by no more than is allowed for
      harness.processElement(event(3, 54), 0);
      harness.processWatermark(at(180));
      assertThat(told(harness)).containsExactly("0: 2 0 0", "1: 2 0 1");
      assertThat(harness.numKeyedStateEntries())
          .as("the newest, the last, the late one")
          .isEqualTo(3);
    }
  }

  @Test
  void countsWhatCannotBeReadWithTheEventBeforeItOrTheFirst() throws Exception {
    try (var harness = harness()) {
      harness.open();
      harness.processElement(unreadable(0, Fate.REFUSED), 0);
      harness.processElement(event(1, 5), 0);
      harness.processElement(event(2, 70), 0);
      harness.processElement(unreadable(3, Fate.REFUSED_AS_LATE), 0);
      harness.processWatermark(at(180));
      assertThat(told(harness)).containsExactly("0: 2 1 0", "1: 2 1 1");
    }
  }

  @Test
  void countsOnceWhatWasRefusedAfterwardsWhicheverComesFirst() throws Exception {
    OperatorSubtaskState snapshot;
    try (var harness = harness()) {
      harness.open();
      harness.processElement(event(0, 30), 0);
      harness.processElement(receipt(1, 31, Fate.REFUSED_AFTERWARDS), 0);
      harness.processElement(receipt(1, 31, Fate.REFUSED_AFTERWARDS), 0);
      snapshot = harness.snapshot(1, 1);
    }
    try (var harness = harness()) {
      harness.initializeState(snapshot);
      harness.open();
      harness.processElement(event(1, 31), 0);
      harness.processElement(event(2, 32), 0);
      harness.processElement(receipt(2, 32, Fate.REFUSED_AFTERWARDS), 0);
      harness.processElement(receipt(2, 32, Fate.REFUSED_AFTERWARDS), 0);
      harness.processElement(receipt(1, 31, Fate.REFUSED_AFTERWARDS), 0);
      harness.processElement(event(3, 2), 0); // late, and then refused
      harness.processElement(receipt(3, 2, Fate.REFUSED_AFTERWARDS), 0);
      harness.processWatermark(at(60));
      assertThat(told(harness)).containsExactly("0: 4 3 3");
      harness.processWatermark(at(60 * 24 * 8));
      assertThat(harness.numKeyedStateEntries()).as("the newest and the last").isEqualTo(2);
    }
  }

  @Test
  void countsNowWhatIsKnownAfterItsHour() throws Exception {
    try (var harness = harness()) {
      harness.open();
      harness.processElement(event(0, 30), 0);
      harness.processWatermark(at(90));
      harness.processElement(receipt(0, 30, Fate.REFUSED_AFTERWARDS), 0);
      harness.processWatermark(at(180));
      assertThat(told(harness)).containsExactly("0: 1 0 0", "1: 0 1 1");
    }
  }
}
