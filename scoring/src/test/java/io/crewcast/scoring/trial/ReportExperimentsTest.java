package io.crewcast.scoring.trial;

import static io.crewcast.scoring.trial.Trials.RUNNING;
import static io.crewcast.scoring.trial.Trials.SPEC;
import static io.crewcast.scoring.trial.Trials.at;
import static io.crewcast.scoring.trial.Trials.event;
import static io.crewcast.scoring.trial.Trials.millis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.crewcast.schemas.ExperimentMetrics;
import io.crewcast.schemas.stream.TrialEvent;
import io.crewcast.schemas.stream.TrialHour;
import io.crewcast.schemas.stream.TrialStep;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/** Hours are folded and experiments looked at when each is over. */
final class ReportExperimentsTest {

  private static final int HOURS = 60;

  private static KeyedOneInputStreamOperatorTestHarness<String, TrialEvent, TrialHour> fold()
      throws Exception {
    return new KeyedOneInputStreamOperatorTestHarness<>(
        new KeyedProcessOperator<>(new FoldHours(null)), FoldHours.KEY, Types.STRING);
  }

  private static KeyedOneInputStreamOperatorTestHarness<String, TrialHour, ExperimentMetrics>
      report(Instant newest) throws Exception {
    return new KeyedOneInputStreamOperatorTestHarness<>(
        new KeyedProcessOperator<>(new ReportExperiments(RUNNING, newest)),
        ReportExperiments.KEY,
        Types.STRING);
  }

  private static List<TrialEvent> history() {
    var random = new SplittableRandom(5);
    List<TrialEvent> history = new ArrayList<>();
    for (int unit = 0; unit < 400; unit++) {
      String variation = unit % 2 == 0 ? "champion" : "challenger";
      double exposed = 30 * random.nextDouble();
      history.add(event(TrialStep.EXPOSED, "unit" + unit, variation, exposed));
      TrialEvent closed = event(TrialStep.CLOSED, "unit" + unit, variation, exposed + 24);
      closed.setMetric("hours");
      closed.setValues(List.of(random.nextDouble() + unit % 2, 1.0, random.nextDouble(), 1.0));
      history.add(closed);
    }
    return history;
  }

  /** Both stages, with a restart after some hours where one is asked for. */
  private static List<ExperimentMetrics> run(List<TrialEvent> history, int step, int restartAt)
      throws Exception {
    List<ExperimentMetrics> rows = new ArrayList<>();
    var fold = fold();
    var report = report(null);
    fold.open();
    report.open();
    int passed = 0;
    for (TrialEvent event : history) {
      fold.processElement(event, 0);
    }
    for (int hour = step; hour <= HOURS; hour += step) {
      fold.processWatermark(millis(hour));
      List<TrialHour> hours = fold.extractOutputValues();
      for (TrialHour over : hours.subList(passed, hours.size())) {
        report.processElement(over, 0);
      }
      passed = hours.size();
      report.processWatermark(millis(hour));
      if (hour == restartAt) {
        OperatorSubtaskState folded = fold.snapshot(1, 1);
        OperatorSubtaskState reported = report.snapshot(1, 1);
        rows.addAll(report.extractOutputValues());
        fold.close();
        report.close();
        fold = fold();
        report = report(null);
        fold.initializeState(folded);
        report.initializeState(reported);
        fold.open();
        report.open();
        passed = 0;
      }
    }
    rows.addAll(report.extractOutputValues());
    fold.close();
    report.close();
    return rows;
  }

  @Test
  void looksAtTheEndOfEachHourInWhichSomethingChanged() throws Exception {
    List<ExperimentMetrics> rows = run(history(), 1, 0);

    assertThat(rows).hasSize(3 * 54).extracting(ExperimentMetrics::getAsOf).isSorted();
    assertThat(rows.get(0).getAsOf()).isEqualTo(at(1));
    ExperimentMetrics last = rows.get(rows.size() - 1);
    assertThat(last.getMetric()).isEqualTo("hours");
    assertThat(last.getUnits()).isEqualTo(200);
    assertThat(last.getExposedUnits()).isEqualTo(200);
    assertThat(last.getEffect()).isBetween(0.8, 1.2);
  }

  @Test
  void reportsTheSameToTheLastBitInAnyOrderAtAnyPaceAndOverARestart() throws Exception {
    List<TrialEvent> history = history();
    List<ExperimentMetrics> rows = run(history, 1, 0);
    Collections.shuffle(history, new Random(1));

    assertThat(run(history, 1, 0)).isEqualTo(rows);
    assertThat(run(history, HOURS, 0)).as("all at once").isEqualTo(rows);
    assertThat(run(history, 1, 40)).as("restarted").isEqualTo(rows);
  }

  @Test
  void countsWhatCameTooLateForItsHourInTheHourThatRuns() throws Exception {
    try (var report = report(null)) {
      report.open();
      report.processElement(hour(2, 10), 0);
      report.processWatermark(millis(4.5));
      report.processElement(hour(2, 3), 0);
      report.processElement(hour(5, 4), 0);
      report.processWatermark(millis(5));
      assertThat(report.extractOutputValues())
          .filteredOn(row -> row.getMetric().equals("srm"))
          .extracting(ExperimentMetrics::getAsOf, ExperimentMetrics::getExposedUnits)
          .containsExactly(tuple(at(2), 10L), tuple(at(5), 17L));
    }
  }

  /** In which so many units were exposed to what is on trial. */
  private static TrialHour hour(double end, long units) {
    return new TrialHour("trial", at(end), Map.of("challenger", units), 0L, List.of());
  }

  @Test
  void forgetsAnExperimentADayAfterItsLastUnitIsComplete() throws Exception {
    try (var report = report(null)) {
      report.open();
      report.processElement(
          new TrialHour("trial", at(1), java.util.Map.of("champion", 1L), 0L, List.of()), 0);
      report.processWatermark(millis(2));
      assertThat(report.numKeyedStateEntries()).isEqualTo(1);
      report.processWatermark(SPEC.closes().plus(Duration.ofDays(1)).toEpochMilli());
      assertThat(report.numKeyedStateEntries()).isZero();
      assertThat(report.numEventTimeTimers()).isZero();
    }
  }

  @Test
  void looksOfABoundedInputOnlyAtTheHoursThatItReaches() throws Exception {
    try (var report = report(at(1.5))) {
      report.open();
      for (int hour : new int[] {1, 2}) {
        report.processElement(
            new TrialHour("trial", at(hour), java.util.Map.of("champion", 1L), 0L, List.of()), 0);
      }
      report.processWatermark(Long.MAX_VALUE);
      assertThat(report.extractOutputValues())
          .extracting(ExperimentMetrics::getAsOf)
          .containsOnly(at(1));
    }
  }
}
