package io.crewcast.scoring.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.DriftStatistics;
import io.crewcast.schemas.stream.HourCounts;
import io.crewcast.schemas.stream.Signal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/** What the stream of work events is held to. */
final class JudgeStreamTest {

  private static final Instant MONDAY = Instant.parse("2026-03-02T00:00:00Z");
  private static final int WEEK = 168;

  private static KeyedOneInputStreamOperatorTestHarness<String, HourCounts, DriftStatistics>
      harness() throws Exception {
    return new KeyedOneInputStreamOperatorTestHarness<>(
        new KeyedProcessOperator<>(new JudgeStream(new StreamBounds(0.01, 0.05))),
        JudgeStream.KEY,
        Types.STRING);
  }

  private static HourCounts hour(int hour, long received, long dead, long late) {
    Instant start = MONDAY.plus(Duration.ofHours(hour));
    return new HourCounts("*", start, start.plus(Duration.ofHours(1)), received, dead, late);
  }

  private static Watermark at(int hour) {
    return new Watermark(MONDAY.plus(Duration.ofHours(hour)).toEpochMilli() - 1);
  }

  private static List<DriftStatistics> rows(List<DriftStatistics> all, String method) {
    return all.stream().filter(row -> row.getMethod().equals(method)).toList();
  }

  @Test
  void comparesSharesWithWhatIsBorneAndWhatChanceMakesOfIt() throws Exception {
    try (var harness = harness()) {
      harness.open();
      harness.processElement(hour(0, 600, 6, 30), 0);
      harness.processElement(hour(0, 400, 9, 100), 0);
      harness.processElement(hour(1, 1_000, 40, 0), 0);
      harness.processElement(hour(2, 199, 199, 199), 0);
      harness.processWatermark(at(3));
      List<DriftStatistics> dead = rows(harness.extractOutputValues(), "dead_letter_share");
      assertThat(dead).extracting(DriftStatistics::getDriftScore).containsExactly(0.015, 0.04, 1.0);
      assertThat(dead).extracting(DriftStatistics::getDrifted).containsExactly(false, true, false);
      assertThat(dead)
          .extracting(DriftStatistics::getInsufficient)
          .containsExactly(false, false, true);
      assertThat(rows(harness.extractOutputValues(), "late_share"))
          .extracting(DriftStatistics::getDrifted)
          .containsExactly(true, false, false);
      List<Signal> signals = new ArrayList<>();
      for (StreamRecord<Signal> signal : harness.getSideOutput(JudgeStream.SIGNALS)) {
        signals.add(signal.getValue());
      }
      assertThat(signals)
          .extracting(signal -> signal.getTopic() + " " + signal.getBad() + signal.getConfirm())
          .containsExactly(
              "dead letter share, 1h false2",
              "late share, 1h true1",
              "dead letter share, 1h true2",
              "late share, 1h false2");
    }
  }

  @Test
  void tellsOfHoursInWhichNothingCameForFourWeeks() throws Exception {
    try (var harness = harness()) {
      harness.open();
      for (int hour = 0; hour < 4 * WEEK; hour++) {
        harness.processElement(hour(hour, 100 + hour % 24, 0, 0), 0);
      }
      harness.processWatermark(at(4 * WEEK + 5));
      List<DriftStatistics> volumes = rows(harness.extractOutputValues(), "event_volume");
      assertThat(volumes).hasSize(4 * WEEK + 5);
      assertThat(volumes.subList(0, 3 * WEEK + 1)).allMatch(DriftStatistics::getInsufficient);
      assertThat(volumes.subList(3 * WEEK + 1, 4 * WEEK))
          .noneMatch(DriftStatistics::getDrifted)
          .noneMatch(DriftStatistics::getInsufficient);
      assertThat(volumes.subList(4 * WEEK, 4 * WEEK + 5))
          .allMatch(DriftStatistics::getDrifted)
          .allMatch(row -> row.getDriftScore() == 0 && row.getLower() > 0);
      harness.processWatermark(at(20 * WEEK));
      assertThat(harness.numKeyedStateEntries()).isZero();
      assertThat(harness.numEventTimeTimers()).isZero();
    }
  }
}
