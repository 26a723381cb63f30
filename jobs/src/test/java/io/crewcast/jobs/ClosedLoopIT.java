package io.crewcast.jobs;

import static io.crewcast.jobs.BoundedEvents.collect;
import static io.crewcast.jobs.BoundedEvents.list;
import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.features.definition.Definitions;
import io.crewcast.schemas.Alert;
import io.crewcast.schemas.AlertSeverity;
import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.RolloutStage;
import io.crewcast.schemas.serde.ReceivedDecoder;
import io.crewcast.schemas.stream.Received;
import io.crewcast.scoring.experiment.ExperimentSpec;
import io.crewcast.scoring.fixture.HeldRollouts;
import io.crewcast.scoring.fixture.Served;
import io.crewcast.scoring.model.ModelSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What is done without a hand about experiments whose outcome is known. */
class ClosedLoopIT {

  private static final Path CONF = Path.of("../flink-conf");

  /** Ahead of the clock, so that no rollout is in effect only after all is over. */
  private static final Instant START = Instant.parse("2100-03-01T00:00:00Z");

  private static final Duration EXPOSED = Duration.ofDays(20);
  private static final String RAMP = "ramp: [1%, 5%, 10%, 25%, 50%, 100%]\nhold: 1d\n";

  @RegisterExtension
  static final MiniClusterExtension FLINK =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(4)
              .build());

  @TempDir private Path folder;
  private ModelSpec model;

  /** What the units of a trial are like. */
  private record Scenario(
      int units, double challenged, double complaints, double moreComplaints, double unanswered) {}

  private record Output(List<ModelRollout> rollouts, List<Alert> alerts) {

    List<ModelRollout> activations() {
      return rollouts.stream().filter(r -> r.getStage() == RolloutStage.ACTIVATE).toList();
    }
  }

  @BeforeEach
  void serves() throws Exception {
    model =
        ModelSpec.load(CONF.resolve("models/task_overrun.yaml"), Definitions.load(CONF).schemas());
    Instant before = Instant.parse("2026-01-01T00:00:00Z");
    HeldRollouts.clear();
    HeldRollouts.hand(Served.trial(0.01, before), before);
  }

  private ExperimentSpec experiment(String line) throws Exception {
    Path file = folder.resolve("trial.yaml");
    Files.writeString(
        file,
        """
        experiment: trial
        about: Whether it helps
        model: task_overrun
        unit: project
        variations: {champion: 1, challenger: 2}
        start: 2100-03-01T00:00:00Z
        end: 2100-04-01T00:00:00Z
        planned_units: 400
        goals:
          accepted: {from: accepted, kind: mean, window: 1d, good: increase}
        guardrails:
          complained: {from: complaint, kind: proportion, window: 1d, good: decrease, margin: 0.02}
          unanswered: {from: fallback, kind: proportion, window: 1d, good: decrease, margin: 0.05}
        """
            + line);
    return ExperimentSpec.load(file, List.of(model));
  }

  private static List<Received> history(Scenario scenario, long seed) {
    var random = new SplittableRandom(seed);
    List<Object> values = new ArrayList<>();
    for (int unit = 0; unit < scenario.units; unit++) {
      boolean isChallenged = random.nextDouble() < scenario.challenged;
      String project = "acme:project-" + unit;
      Instant at = START.plusMillis(random.nextLong(EXPOSED.toMillis()));
      boolean fellBack = isChallenged && random.nextDouble() < scenario.unanswered;
      Prediction.Builder served =
          Served.prediction(
              "prediction-" + unit, project, isChallenged ? "challenger" : "champion", at);
      values.add((fellBack ? served.setRole(PredictionRole.FALLBACK) : served).build());
      double rate = scenario.complaints + (isChallenged ? scenario.moreComplaints : 0);
      if (random.nextDouble() < rate) {
        values.add(Served.observed(project, "complaint", 1, at.plus(Duration.ofHours(3))));
      }
      values.add(
          Served.observed(project, "accepted", random.nextInt(2), at.plus(Duration.ofHours(5))));
    }
    values.add(Served.observed("acme", "tick", 0, START.plus(Duration.ofDays(25))));
    return values.stream()
        .map(value -> new Received(value, null))
        .sorted(Comparator.comparing(ClosedLoopIT::time))
        .toList();
  }

  private static Instant time(Received received) {
    return Objects.requireNonNull(ReceivedDecoder.timeOf(received));
  }

  private static Output run(ExperimentSpec spec, List<Received> history, int parallelism)
      throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(parallelism);
    var received = BoundedEvents.records(env, history, Duration.ofHours(2));
    ExperimentJob.Streams streams =
        ExperimentJob.define(
            received, List.of(spec), new HeldRollouts(), time(history.get(history.size() - 1)));
    var rollouts = collect(streams.rollouts());
    var alerts = collect(streams.alerts());
    env.executeAsync();
    return new Output(list(rollouts), list(alerts));
  }

  private static void assertStopped(Output output, String why) {
    assertThat(output.activations())
        .singleElement()
        .satisfies(
            rollout -> {
              assertThat(rollout.getChampion()).isEqualTo(1);
              assertThat(rollout.getChallenger()).isNull();
              assertThat(rollout.getCoverage()).isZero();
              assertThat(rollout.getReason()).contains(why);
              assertThat(rollout.getReplaces().getRolloutId()).isEqualTo("rollout-1");
            });
    assertThat(output.rollouts()).hasSize(2);
    assertThat(output.alerts())
        .singleElement()
        .satisfies(
            alert -> {
              assertThat(alert.getSeverity()).isEqualTo(AlertSeverity.CRITICAL);
              assertThat(alert.getSubject()).isEqualTo("experiment.trial");
              assertThat(alert.getMessage()).contains(why, "serves all again");
            });
  }

  @Test
  void rollsABadChallengerBackAndTellsItOnceWhateverTheParallelism() throws Exception {
    List<Received> history = history(new Scenario(1_000, 0.5, 0.05, 0.3, 0), 11);
    Output one = run(experiment("act: automatic"), history, 1);
    Output four = run(experiment("act: automatic"), history, 4);

    assertStopped(one, "complained of challenger");
    assertThat(one.alerts().get(0).getAsOf()).isBefore(START.plus(Duration.ofDays(10)));
    assertThat(four.alerts()).isEqualTo(one.alerts());
    assertThat(four.rollouts())
        .extracting(ModelRollout::getRolloutId)
        .isEqualTo(one.rollouts().stream().map(ModelRollout::getRolloutId).toList());
  }

  @Test
  void rollsAChallengerBackThatTheFallbackAnswersFor() throws Exception {
    List<Received> history = history(new Scenario(1_000, 0.5, 0.05, 0, 0.4), 12);
    assertStopped(run(experiment("act: automatic"), history, 2), "unanswered of challenger");
  }

  @Test
  void climbsTheRampWithAHealthyChallengerADayAStep() throws Exception {
    List<Received> history = history(new Scenario(1_000, 0.5, 0.05, 0, 0), 13);
    Output output = run(experiment(RAMP + "act: automatic"), history, 4);

    assertThat(output.activations())
        .extracting(ModelRollout::getCoverage)
        .containsExactly(0.05, 0.1, 0.25, 0.5, 1.0);
    assertThat(output.activations()).extracting(ModelRollout::getChallenger).containsOnly(2);
    assertThat(output.alerts()).extracting(Alert::getSeverity).containsOnly(AlertSeverity.INFO);
    for (int step = 0; step < 5; step++) {
      assertThat(output.alerts().get(step).getAsOf())
          .isEqualTo(START.plus(Duration.ofDays(step + 1)));
    }
  }

  @Test
  void climbsNoFurtherOnceHarmIsShown() throws Exception {
    List<Received> history = history(new Scenario(4_000, 0.5, 0.05, 0.3, 0), 14);
    Output output = run(experiment(RAMP + "act: automatic"), history, 4);

    List<ModelRollout> made = output.activations();
    assertThat(made.get(made.size() - 1).getChallenger()).isNull();
    assertThat(made.subList(0, made.size() - 1))
        .isNotEmpty()
        .extracting(ModelRollout::getCoverage)
        .doesNotContain(1.0)
        .isSorted();
    assertThat(output.alerts())
        .filteredOn(alert -> alert.getSeverity() == AlertSeverity.CRITICAL)
        .hasSize(1);
  }

  @Test
  void stopsAtASplitThatIsNotAsPromised() throws Exception {
    List<Received> history = history(new Scenario(9_000, 0.45, 0.05, 0, 0), 15);
    assertStopped(run(experiment("act: automatic"), history, 4), "sample ratio mismatch");
  }

  @Test
  void onlyAdvisesWhereTheFileDoesNotSayToAct() throws Exception {
    List<Received> history = history(new Scenario(1_000, 0.5, 0.05, 0.3, 0), 11);
    Output output = run(experiment(""), history, 2);

    assertThat(output.rollouts()).isEmpty();
    assertThat(output.alerts())
        .singleElement()
        .satisfies(
            alert ->
                assertThat(alert.getMessage())
                    .endsWith("Stop it with ./crewcast models rollout task_overrun --champion 1"));
  }
}
