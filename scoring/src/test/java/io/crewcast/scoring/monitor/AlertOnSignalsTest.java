package io.crewcast.scoring.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.Alert;
import io.crewcast.schemas.AlertSeverity;
import io.crewcast.schemas.stream.Signal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/** A trouble is told once it is confirmed, and once it is over. */
final class AlertOnSignalsTest {

  private static final Instant MONDAY = Instant.parse("2026-03-02T00:00:00Z");

  private static KeyedOneInputStreamOperatorTestHarness<String, Signal, Alert> harness()
      throws Exception {
    return new KeyedOneInputStreamOperatorTestHarness<>(
        new KeyedProcessOperator<>(new AlertOnSignals()), AlertOnSignals.KEY, Types.STRING);
  }

  private static Signal look(int day, boolean bad, String topic) {
    return Signal.newBuilder()
        .setSubject("model.late")
        .setTopic(topic)
        .setCompanyId("*")
        .setBad(bad)
        .setSeverity(AlertSeverity.WARNING)
        .setMessage("looked on day " + day)
        .setValue((double) day)
        .setThreshold(0.1)
        .setAsOf(MONDAY.plus(Duration.ofDays(day)))
        .build();
  }

  @Test
  void tellsOfTwoBadWindowsInThreeAndOnceOfTheirEnd() throws Exception {
    try (var harness = harness()) {
      harness.open();
      boolean[] looks = {true, false, false, true, false, true, true, false, false, false};
      for (int day = 0; day < looks.length; day++) {
        harness.processElement(look(day, looks[day], "drift"), 0);
      }
      List<Alert> alerts = harness.extractOutputValues();
      assertThat(alerts)
          .extracting(Alert::getMessage)
          .containsExactly("looked on day 5", "over: looked on day 5");
      assertThat(alerts).extracting(Alert::getValue).containsExactly(5.0, 8.0);
      assertThat(alerts.get(0).getAlertId()).isEqualTo(alerts.get(1).getAlertId());
      assertThat(alerts).extracting(Alert::getResolved).containsExactly(false, true);
    }
  }

  @Test
  void tellsAgainUnderTheSameIdWhenItGetsWorse() throws Exception {
    try (var harness = harness()) {
      harness.open();
      for (int day = 0; day < 5; day++) {
        Signal look = look(day, day < 4, "drift");
        look.setSeverity(day == 2 ? AlertSeverity.CRITICAL : AlertSeverity.WARNING);
        harness.processElement(look, 0);
      }
      List<Alert> alerts = harness.extractOutputValues();
      assertThat(alerts)
          .extracting(Alert::getMessage)
          .containsExactly("looked on day 1", "looked on day 2");
      assertThat(alerts)
          .extracting(Alert::getSeverity)
          .containsExactly(AlertSeverity.WARNING, AlertSeverity.CRITICAL);
      assertThat(alerts.get(1).getAlertId()).isEqualTo(alerts.get(0).getAlertId());
    }
  }

  @Test
  void keepsTroublesApartAndGoesOnFromASnapshot() throws Exception {
    OperatorSubtaskState snapshot;
    try (var harness = harness()) {
      harness.open();
      harness.processElement(look(0, true, "drift"), 0);
      harness.processElement(look(0, true, "quality"), 0);
      harness.processElement(look(1, false, "quality"), 0);
      assertThat(harness.extractOutputValues()).isEmpty();
      snapshot = harness.snapshot(1, 1);
    }
    try (var harness = harness()) {
      harness.initializeState(snapshot);
      harness.open();
      harness.processElement(look(1, true, "drift"), 0);
      harness.processElement(look(2, false, "quality"), 0);
      assertThat(harness.extractOutputValues())
          .extracting(Alert::getMessage)
          .containsExactly("looked on day 1");
    }
  }

  @Test
  void endsWhatNobodyLooksAtAnyMore() throws Exception {
    try (var harness = harness()) {
      harness.open();
      harness.processElement(look(0, true, "drift"), 0);
      harness.processElement(look(1, true, "drift"), 0);
      harness.processWatermark(new Watermark(MONDAY.plus(Duration.ofDays(30)).toEpochMilli()));
      assertThat(harness.extractOutputValues()).hasSize(1);
      harness.processWatermark(new Watermark(MONDAY.plus(Duration.ofDays(31)).toEpochMilli()));
      assertThat(harness.extractOutputValues())
          .extracting(Alert::getMessage)
          .endsWith("not looked at for 30 days: looked on day 1");
      assertThat(harness.numKeyedStateEntries()).isZero();
      assertThat(harness.numEventTimeTimers()).isZero();
    }
  }
}
