package io.crewcast.features.operator;

import static io.crewcast.features.Events.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.crewcast.features.definition.Definitions;
import io.crewcast.schemas.Alert;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.stream.NewestFacts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchFreshnessTest {

  private static final String WORKER =
      """
      entity: worker
      about: One worker
      fresh_within: 1h
      facts:
        entry: {from: time_entry}
        done:  {from: task, when: status == "COMPLETED", fresh_within: 2h}
        idle:  {from: worker}
      features:
        hours:       {sum: entry.minutes, unit: hours, windows: [7d], about: Hours}
        active_days: {distinct: entry.local_date, windows: [7d], about: Days}
        done:        {count: done, about: Done}
      """;

  @TempDir Path directory;

  @Test
  void alertsOnceWhenFactsAreStaleAndOnceWhenTheyAreFreshAgain() throws Exception {
    try (var watch = watch(WORKER)) {
      watch.open();
      hears(watch, "entry", NOON);
      hears(watch, "done", NOON);
      clock(watch, NOON.plus(Duration.ofMinutes(60)));
      assertThat(watch.extractOutputValues()).isEmpty();

      clock(watch, NOON.plus(Duration.ofMinutes(61)));
      clock(watch, NOON.plus(Duration.ofMinutes(90)));
      assertThat(watch.extractOutputValues())
          .singleElement()
          .satisfies(
              alert -> {
                assertThat(alert.getSubject()).isEqualTo("worker.entry");
                assertThat(alert.getMessage())
                    .contains("1 h", "hours, active_days")
                    .doesNotContain("done");
                assertThat(alert.getThreshold()).isEqualTo(3_600);
                assertThat(alert.getValue()).isEqualTo(3_660);
                assertThat(alert.getResolved()).isFalse();
              });

      hears(watch, "entry", NOON.plus(Duration.ofMinutes(89)));
      clock(watch, NOON.plus(Duration.ofMinutes(91)));
      clock(watch, NOON.plus(Duration.ofMinutes(92)));
      assertThat(watch.extractOutputValues())
          .extracting(Alert::getSubject, Alert::getResolved)
          .containsExactly(tuple("worker.entry", false), tuple("worker.entry", true));
      assertThat(watch.extractOutputValues())
          .extracting(Alert::getAlertId)
          .containsOnly("worker.entry@" + NOON);
    }
  }

  @Test
  void holdsASourceToItsOwnLimitAndLeavesOutWhatNoFeatureUses() throws Exception {
    try (var watch = watch(WORKER)) {
      watch.open();
      clock(watch, NOON.plus(Duration.ofHours(1)));
      hears(watch, "done", NOON);
      clock(watch, NOON.plus(Duration.ofHours(2)).plusSeconds(2));

      assertThat(watch.extractOutputValues())
          .extracting(Alert::getSubject, Alert::getThreshold)
          .containsExactlyInAnyOrder(tuple("worker.entry", 3_600.0), tuple("worker.done", 7_200.0));
    }
  }

  @Test
  void isAsFreshAsTheNewestFactOfAllTasks() throws Exception {
    try (var watch = watch(WORKER)) {
      watch.open();
      hears(watch, "entry", NOON.plus(Duration.ofMinutes(30)));
      hears(watch, "entry", NOON); // of another task, which came less far
      hears(watch, "done", NOON);
      clock(watch, NOON.plus(Duration.ofMinutes(89)));

      assertThat(watch.extractOutputValues()).isEmpty();
    }
  }

  @Test
  void alertsWhenNothingEverComes() throws Exception {
    try (var watch = watch(WORKER)) {
      watch.open();
      clock(watch, NOON.plus(Duration.ofMinutes(61)));

      assertThat(watch.extractOutputValues())
          .singleElement()
          .satisfies(
              alert ->
                  assertThat(alert.getMessage()).contains("nothing was counted since " + NOON));
    }
  }

  @Test
  void repeatsNoAlertAfterARestartAndForgetsNoFact() throws Exception {
    OperatorSubtaskState snapshot;
    try (var watch = watch(WORKER)) {
      watch.open();
      hears(watch, "entry", NOON);
      hears(watch, "done", NOON);
      clock(watch, NOON.plus(Duration.ofMinutes(61)));
      assertThat(watch.extractOutputValues()).hasSize(1);
      snapshot = watch.snapshot(1, 1);
    }
    try (var watch = watch(WORKER)) {
      watch.setProcessingTime(NOON.plus(Duration.ofMinutes(100)).toEpochMilli());
      watch.initializeState(snapshot);
      watch.open();
      clock(watch, NOON.plus(Duration.ofMinutes(121)));
      assertThat(watch.extractOutputValues())
          .singleElement()
          .satisfies(alert -> assertThat(alert.getSubject()).isEqualTo("worker.done"));

      hears(watch, "entry", NOON.plus(Duration.ofMinutes(121)));
      clock(watch, NOON.plus(Duration.ofMinutes(122)));
      assertThat(watch.extractOutputValues().get(1))
          .satisfies(
              alert -> {
                assertThat(alert.getResolved()).isTrue();
                assertThat(alert.getAlertId()).isEqualTo("worker.entry@" + NOON);
              });
    }
  }

  @Test
  void endsAnAlertWhoseLimitIsGoneOrIsLonger() throws Exception {
    OperatorSubtaskState snapshot;
    try (var watch = watch(WORKER)) {
      watch.open();
      clock(watch, NOON.plus(Duration.ofHours(3)));
      assertThat(watch.extractOutputValues()).hasSize(2);
      snapshot = watch.snapshot(1, 1);
    }
    try (var watch =
        watch(
            WORKER.replace("fresh_within: 1h", "fresh_within: 9h").replaceAll(".*done.*\n", ""))) {
      watch.initializeState(snapshot);
      watch.open();
      clock(watch, NOON.plus(Duration.ofHours(4)));

      assertThat(watch.extractOutputValues())
          .extracting(Alert::getSubject, Alert::getResolved)
          .containsExactlyInAnyOrder(tuple("worker.entry", true), tuple("worker.done", true));
    }
  }

  private OneInputStreamOperatorTestHarness<NewestFacts, Alert> watch(String worker)
      throws Exception {
    Files.createDirectories(directory.resolve("features"));
    Files.writeString(directory.resolve("features/worker.yaml"), worker);
    var watch =
        new OneInputStreamOperatorTestHarness<NewestFacts, Alert>(
            new WatchFreshness(Definitions.load(directory).entities()));
    clock(watch, NOON);
    return watch;
  }

  private static void hears(
      OneInputStreamOperatorTestHarness<NewestFacts, Alert> watch, String source, Instant newest)
      throws Exception {
    watch.processElement(
        new NewestFacts(EntityType.WORKER, Map.of(source, Instants.micros(newest))), 0);
  }

  private static void clock(
      OneInputStreamOperatorTestHarness<NewestFacts, Alert> watch, Instant now) throws Exception {
    watch.setProcessingTime(now.toEpochMilli());
  }
}
