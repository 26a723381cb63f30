package io.crewcast.jobs;

import io.crewcast.features.definition.Definitions;
import io.crewcast.schemas.Alert;
import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.ExperimentMetrics;
import io.crewcast.schemas.Exposure;
import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.serde.Feed;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.schemas.stream.Received;
import io.crewcast.scoring.experiment.ExperimentSpec;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.trial.AttributeOutcomes;
import io.crewcast.scoring.trial.CloseUnits;
import io.crewcast.scoring.trial.ExposeUnits;
import io.crewcast.scoring.trial.FoldHours;
import io.crewcast.scoring.trial.ReportExperiments;
import io.crewcast.scoring.trial.RouteRecords;
import io.crewcast.scoring.trial.RunningExperiments;
import io.crewcast.scoring.trial.SteerExperiments;
import io.crewcast.sinks.kafka.FollowedTopic;
import io.crewcast.sinks.kafka.TopicSinks;
import io.crewcast.sinks.kafka.Topics;
import io.crewcast.sinks.parquet.LakeTable;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * Follows experiments: who was served what first, and what came of it.
 *
 * <pre>
 * predictions ───────┐            ┌─ served ─▶ expose-units ─▶ exposures
 * training-examples ─┼─▶ route ───┤                  └─ exposed, crossed ─┬──────────────┐
 * observations ──────┘     │      ├─ of predictions ─▶ attribute-outcomes ┤              │
 *                    dead letters └─ of units ────────────────────────────┴─▶ close-units ┴─▶ fold-hours ─▶ report-experiments ─▶ experiment metrics
 *                                                                                                                   └─▶ steer-experiments ─▶ rollouts, alerts
 * </pre>
 *
 * <p>What steers follows {@code model-rollouts} itself: it must know what serves before it acts.
 */
public final class ExperimentJob {

  private ExperimentJob() {}

  public static void main(String[] args) throws Exception {
    Configuration options = ExperimentJobOptions.parse(args);
    List<ExperimentSpec> experiments = experiments(options);
    var registry = new SchemaRegistry(options.get(JobOptions.REGISTRY));
    var env = StreamExecutionEnvironment.getExecutionEnvironment();

    String brokers = options.get(JobOptions.BOOTSTRAP_SERVERS);
    Topics.ends(brokers, Topic.MODEL_ROLLOUTS); // fails here and clearly where it is not
    var rollouts = new FollowedTopic<>(brokers, registry, Topic.MODEL_ROLLOUTS, ModelRollout.class);

    Streams streams =
        define(
            WatchedTopics.records(env, options, options.get(ExperimentJobOptions.GROUP), registry),
            experiments,
            rollouts,
            null);

    deliver(streams, options, registry);
    env.execute("experiments");
  }

  private static List<ExperimentSpec> experiments(ReadableConfig options) throws Exception {
    Path directory = Path.of(options.get(JobOptions.DEFINITIONS));
    List<ModelSpec> models =
        ModelSpec.loadAll(directory.resolve("models"), Definitions.load(directory).schemas());
    Path folder = directory.resolve("experiments");
    List<ExperimentSpec> experiments = ExperimentSpec.loadAll(folder, models);
    if (experiments.isEmpty()) {
      throw new IllegalArgumentException(
          "No experiment is defined: write %s/*.yaml".formatted(folder));
    }
    return experiments;
  }

  /** What the topology produces. Whoever called {@link #define} decides where each stream goes. */
  record Streams(
      DataStream<Exposure> exposures,
      DataStream<ExperimentMetrics> metrics,
      DataStream<ModelRollout> rollouts,
      DataStream<Alert> alerts,
      DataStream<DeadLetter> deadLetters) {}

  /**
   * @param rollouts that say what serves
   * @param newest when the newest record of a bounded input was made; null of one without end
   */
  static Streams define(
      DataStream<Received> received,
      List<ExperimentSpec> experiments,
      Feed<ModelRollout> rollouts,
      @Nullable Instant newest) {
    var running = new RunningExperiments(experiments);

    var routed = received.process(new RouteRecords(running)).uid("route").name("route");

    var exposures =
        routed
            .getSideOutput(RouteRecords.SERVED)
            .keyBy(ExposeUnits.KEY)
            .process(new ExposeUnits(running, newest))
            .uid("expose-units")
            .name("expose-units");

    var outcomes =
        routed
            .keyBy(AttributeOutcomes.KEY)
            .process(new AttributeOutcomes(running, newest))
            .uid("attribute-outcomes")
            .name("attribute-outcomes")
            .union(routed.getSideOutput(RouteRecords.OF_UNITS));

    var exposed = exposures.getSideOutput(ExposeUnits.EVENTS);
    var closed =
        exposed
            .keyBy(CloseUnits.EVENT_KEY)
            .connect(outcomes.keyBy(CloseUnits.OUTCOME_KEY))
            .process(new CloseUnits(running, newest))
            .uid("close-units")
            .name("close-units");

    var metrics =
        exposed
            .union(closed)
            .keyBy(FoldHours.KEY)
            .process(new FoldHours(newest))
            .uid("fold-hours")
            .name("fold-hours")
            .keyBy(ReportExperiments.KEY)
            .process(new ReportExperiments(running, newest))
            .uid("report-experiments")
            .name("report-experiments");

    var steered =
        metrics
            .keyBy(SteerExperiments.KEY)
            .process(new SteerExperiments(running, rollouts, newest))
            .uid("steer-experiments")
            .name("steer-experiments");

    return new Streams(
        exposures,
        metrics,
        steered,
        steered.getSideOutput(SteerExperiments.ALERTS),
        routed.getSideOutput(RouteRecords.DEAD_LETTERS));
  }

  private static void deliver(Streams streams, ReadableConfig options, SchemaRegistry registry) {
    var delivery = new Delivery(options);
    TopicSinks topics = delivery.topics(registry, options.get(ExperimentJobOptions.GROUP));
    Delivery.to(
        streams.exposures(), topics.of(Topic.EXPOSURES, Exposure::getExperiment), "exposures");
    Delivery.to(
        streams.metrics(),
        topics.of(Topic.EXPERIMENT_METRICS, ExperimentMetrics::getExperiment),
        "experiment-metrics");
    // a rollback must not wait for a checkpoint; what comes twice has the same identity
    var atOnce =
        new TopicSinks(
            topics.bootstrapServers(),
            registry,
            DeliveryGuarantee.AT_LEAST_ONCE,
            topics.transactionalIdPrefix());
    Delivery.to(
        streams.rollouts(),
        atOnce.of(Topic.MODEL_ROLLOUTS, ModelRollout::getModel),
        "model-rollouts");
    delivery.alerts(streams.alerts(), topics);
    Delivery.to(streams.deadLetters(), topics.ofDeadLetters(), "dead-letters");
    delivery.toLake(streams.exposures(), LakeTable.of(Topic.EXPOSURES, "exposed_at"));
    delivery.toLake(streams.metrics(), LakeTable.of(Topic.EXPERIMENT_METRICS, "as_of"));
  }
}
