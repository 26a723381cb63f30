package io.crewcast.local.demo;

import io.crewcast.local.scoring.ExperimentRun;
import io.crewcast.schemas.ModelLineup;
import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.RolloutStage;
import io.crewcast.schemas.serde.Feed;
import io.crewcast.schemas.serde.Feed.Published;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.sinks.kafka.FollowedTopic;
import io.crewcast.sinks.kafka.RolloutPublisher;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A second version on trial: it is trained, served to half of the tasks and followed by an
 * ExperimentJob, which leads the experiment without a hand.
 *
 * <p>A rollout holds for what is recorded after it is published, and what is replayed was recorded
 * long before. So the topic begins as compaction leaves it: with a preparation that says in {@code
 * replaces} what has served since the split. The rollback that the job publishes is in effect from
 * now on; what is published at a steady pace is therefore recorded now.
 */
final class Trial implements AutoCloseable {

  /** Name of the rollout that began it. */
  private static final String BEGUN = "trial-of-version-" + TrialFile.CHALLENGER;

  /** What the planners say comes a little after the predictions. */
  private static final String IDLENESS = "10 s";

  private final DemoStack demo;
  private final Instant since;
  private final ExperimentRun experiment;
  private final Planners planners;
  private final List<Published<ModelRollout>> rollouts = new CopyOnWriteArrayList<>();
  private final Feed.Following following;

  private Trial(DemoStack demo, Instant since, ExperimentRun experiment, Overruns overruns) {
    String brokers = demo.servers().bootstrapServers();
    this.demo = demo;
    this.since = since;
    this.experiment = experiment;
    this.planners = new Planners(brokers, demo.registry(), overruns);
    this.following =
        new FollowedTopic<>(brokers, demo.registry(), Topic.MODEL_ROLLOUTS, ModelRollout.class)
            .follow(rollouts::add);
  }

  /**
   * Trains the challenger and begins to try it.
   *
   * @param scenario says what is wrong
   */
  static Trial begin(
      Scenario scenario, DemoStack demo, LearnedPart learned, ModelSpec spec, String jar)
      throws Exception {
    Instant since = learned.events().liveFrom();
    learned.train(
        spec, scenario == Scenario.BAD_CHALLENGER ? contrary(demo) : demo.options().lake());
    int newest = new ModelDirectory(demo.options().models()).newest(DemoRun.MODEL).orElse(0);
    if (newest < TrialFile.CHALLENGER) {
      throw new IllegalStateException(
          "There is nothing to try, %d of 2 versions were published: raise --events"
              .formatted(newest));
    }
    try (RolloutPublisher publisher =
        new RolloutPublisher(demo.servers().bootstrapServers(), demo.registry())) {
      publisher.publish(begun(since));
    }
    ExperimentRun experiment =
        ExperimentRun.start(
            demo.flink(),
            jar,
            demo.watching("crewcast-demo-experiments", Map.of("idleness", IDLENESS)),
            run -> run.withParallelism(1).with(DemoStack.BULK_SETTINGS));
    experiment.job().awaitRunning(DemoStack.SHORT_PATIENCE);
    return new Trial(demo, since, experiment, Overruns.in(demo.options().file()));
  }

  private static Path contrary(DemoStack demo) throws Exception {
    Path copy = demo.options().directory().resolve("contrary-lake");
    ContraryLabels.write(demo.options().lake(), copy);
    return copy;
  }

  private static ModelRollout begun(Instant since) {
    return ModelRollout.newBuilder()
        .setModel(DemoRun.MODEL)
        .setRolloutId(BEGUN + "-goes-on")
        .setStage(RolloutStage.PREPARE)
        .setChampion(TrialFile.CHAMPION)
        .setChallenger(TrialFile.CHALLENGER)
        .setCoverage(1)
        .setExperiment(TrialFile.NAME)
        .setPublishedAt(Instant.now().truncatedTo(ChronoUnit.MILLIS))
        .setReason("demo")
        .setReplaces(
            new ModelLineup(
                BEGUN,
                since,
                TrialFile.CHAMPION,
                TrialFile.CHALLENGER,
                1.0,
                List.of(),
                TrialFile.NAME))
        .build();
  }

  /** Waits until the job has acted on all that was replayed, and what it did is in effect. */
  void awaitSteered() throws Exception {
    planners.awaitObserved();
    planners.close();
    long records = demo.topics().watched();
    demo.stages()
        .run(
            "experiment",
            records,
            bar -> {
              experiment.awaitRead(records, bar::stepTo, DemoStack.PATIENCE);
              Rollback rollback = awaitRollback();
              return rollback == null
                  ? "%s goes on".formatted(TrialFile.NAME)
                  : "%s is over, in effect from %s"
                      .formatted(TrialFile.NAME, rollback.effectiveAt());
            });
  }

  /** The rollback once it is in effect; null if none was published. */
  private @Nullable Rollback awaitRollback() throws InterruptedException {
    if (!following.awaitKnown(Instant.now(), DemoStack.SHORT_PATIENCE)) {
      throw new IllegalStateException("model-rollouts cannot be read: see that Kafka runs");
    }
    Rollback rollback = rollback();
    while (rollback != null && Instant.now().isBefore(rollback.effectiveAt())) {
      LockSupport.parkNanos(Duration.between(Instant.now(), rollback.effectiveAt()).toNanos());
    }
    return rollback;
  }

  /** The rollback, in effect or not; null if none was published. */
  @Nullable Rollback rollback() {
    return Rollback.of(BEGUN, rollouts).orElse(null);
  }

  /** When something was found, in the time of events. */
  String inWords(ToldAlert alert) {
    return "as of %s, %,d days after it began"
        .formatted(alert.asOf(), Duration.between(since, alert.asOf()).toDays());
  }

  /** Ends the job once it has read all, so that its rows are in the lake. */
  void end() throws InterruptedException {
    experiment.awaitRead(demo.topics().watched(), read -> {}, DemoStack.PATIENCE);
    experiment.job().stopWithSavepoint(DemoStack.PATIENCE);
  }

  @Override
  public void close() {
    planners.close();
    following.close();
  }
}
