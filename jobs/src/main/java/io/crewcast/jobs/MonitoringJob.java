package io.crewcast.jobs;

import io.crewcast.features.definition.Definitions;
import io.crewcast.schemas.Alert;
import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.DriftStatistics;
import io.crewcast.schemas.ModelPerformance;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.schemas.serde.WorkEventDecoder;
import io.crewcast.schemas.stream.Arrival;
import io.crewcast.schemas.stream.HourCounts;
import io.crewcast.schemas.stream.Judged;
import io.crewcast.schemas.stream.ObservedValues;
import io.crewcast.schemas.stream.PerformanceSums;
import io.crewcast.schemas.stream.Receipt;
import io.crewcast.schemas.stream.Received;
import io.crewcast.schemas.stream.Signal;
import io.crewcast.schemas.stream.WindowCounts;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.monitor.AlertOnSignals;
import io.crewcast.scoring.monitor.ByGroup;
import io.crewcast.scoring.monitor.CompareWindows;
import io.crewcast.scoring.monitor.CountCells;
import io.crewcast.scoring.monitor.CountOnce;
import io.crewcast.scoring.monitor.CountReceipts;
import io.crewcast.scoring.monitor.DaysOfKnowledge;
import io.crewcast.scoring.monitor.DeclaredWindows;
import io.crewcast.scoring.monitor.InStreamWindows;
import io.crewcast.scoring.monitor.InWindows;
import io.crewcast.scoring.monitor.JoinLabels;
import io.crewcast.scoring.monitor.JudgeStream;
import io.crewcast.scoring.monitor.LabelKey;
import io.crewcast.scoring.monitor.MeasurePerformance;
import io.crewcast.scoring.monitor.NoteReceipts;
import io.crewcast.scoring.monitor.RankGroups;
import io.crewcast.scoring.monitor.SetLettersAside;
import io.crewcast.scoring.monitor.SumAnswers;
import io.crewcast.scoring.monitor.TellOfLate;
import io.crewcast.scoring.monitor.WatchValues;
import io.crewcast.scoring.request.CheckRequests;
import io.crewcast.sinks.kafka.TopicSinks;
import io.crewcast.sinks.parquet.LakeTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamUtils;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Watches models while they serve.
 *
 * <pre>
 * predictions ───────┐               ┌─▶ watch-values ─▶ count-once ─▶ count-cells ─▶ compare-windows ─▶ drift statistics
 * training-examples ─┼─▶ received ───┤                                                      └─ signals ─┐
 * observations ──────┘       │       └─▶ join-labels ─▶ sum-answers, rank-groups ─▶ measure-performance ─▶ model performance
 *                      dead letters                                          └────────────── signals ─┼─▶ alert-on-signals ─▶ alerts
 *                                                                                                       │
 * work-events ───────┬─▶ check-requests ─▶ note-receipts ─▶ count-receipts ─▶ judge-stream ─▶ drift statistics
 * dead-letters ──────┘                                                            └─────────── signals ─┘
 * </pre>
 *
 * <p>All windows are of event time, and what is counted is whole numbers or sums that are rounded
 * once: rows are the same however many tasks there are and in whatever order records came.
 */
public final class MonitoringJob {

  private MonitoringJob() {}

  public static void main(String[] args) throws Exception {
    Configuration options = MonitoringJobOptions.parse(args);
    Path directory = Path.of(options.get(JobOptions.DEFINITIONS));
    Definitions definitions = Definitions.load(directory);
    List<ModelSpec> models = ModelSpec.loadAll(directory.resolve("models"), definitions.schemas());
    var registry = new SchemaRegistry(options.get(JobOptions.REGISTRY));
    var env = StreamExecutionEnvironment.getExecutionEnvironment();

    String group = options.get(MonitoringJobOptions.GROUP);
    Streams streams =
        define(
            WatchedTopics.records(env, options, group, registry),
            WatchedTopics.events(
                env,
                options,
                group,
                registry,
                new WorkEventDecoder(registry, definitions.lateAfter())),
            models,
            options);

    deliver(streams, options, registry);
    env.execute("monitoring");
  }

  private static void deliver(Streams streams, ReadableConfig options, SchemaRegistry registry) {
    var delivery = new Delivery(options);
    TopicSinks topics = delivery.topics(registry, options.get(MonitoringJobOptions.GROUP));
    Delivery.to(
        streams.drift(),
        topics.of(Topic.DRIFT_STATISTICS, DriftStatistics::getModel),
        "drift-statistics");
    Delivery.to(
        streams.performance(),
        topics.of(Topic.MODEL_PERFORMANCE, ModelPerformance::getModel),
        "model-performance");
    Delivery.to(streams.deadLetters(), topics.ofDeadLetters(), "dead-letters");
    delivery.alerts(streams.alerts(), topics);
    delivery.toLake(streams.drift(), LakeTable.of(Topic.DRIFT_STATISTICS, "as_of"));
    delivery.toLake(streams.performance(), LakeTable.of(Topic.MODEL_PERFORMANCE, "as_of"));
    // not by ExperimentJob too, which reads the same records
    delivery.toLake(streams.deadLetters(), LakeTable.of(Topic.DEAD_LETTERS, "appended_at"));
  }

  /** What the topology produces. Whoever called {@link #define} decides where each stream goes. */
  record Streams(
      DataStream<DriftStatistics> drift,
      DataStream<ModelPerformance> performance,
      DataStream<Alert> alerts,
      DataStream<DeadLetter> deadLetters) {}

  static Streams define(
      DataStream<Received> records,
      DataStream<Arrival> events,
      List<ModelSpec> defined,
      ReadableConfig options) {
    String versions = options.get(MonitoringJobOptions.MODELS);
    Map<String, ModelSpec> models =
        defined.stream().collect(Collectors.toMap(ModelSpec::name, Function.identity()));

    var received = records.process(new SetLettersAside()).uid("received").name("received");

    var values =
        received
            .process(new WatchValues(versions, defined))
            .uid("watch-values")
            .name("watch-values");

    var once =
        values
            .flatMap(new InWindows(defined))
            .returns(new AvroTypeInfo<>(ObservedValues.class))
            .uid("in-windows")
            .name("in-windows")
            .keyBy(CountOnce.OWNER)
            .window(new DeclaredWindows())
            .sideOutputLateData(TellOfLate.LATE)
            .reduce(
                CountOnce.FIRST, new CountOnce(defined), new AvroTypeInfo<>(ObservedValues.class))
            .uid("count-once")
            .name("count-once");

    var counted =
        once.keyBy(CountCells.SHARE)
            .window(new DeclaredWindows())
            .aggregate(
                new CountCells(),
                new AvroTypeInfo<>(WindowCounts.class),
                new AvroTypeInfo<>(WindowCounts.class))
            .uid("count-cells")
            .name("count-cells");

    var drift =
        counted
            .keyBy(CompareWindows.KEY)
            .process(new CompareWindows(versions, defined))
            .uid("compare-windows")
            .name("compare-windows");

    LabelKey key = new LabelKey(models);
    var judged =
        received
            .filter(key)
            .uid("can-be-judged")
            .name("can-be-judged")
            .keyBy(key)
            .process(new JoinLabels(models))
            .returns(new AvroTypeInfo<>(Judged.class))
            .uid("join-labels")
            .name("join-labels");

    var grouped =
        judged
            .flatMap(new ByGroup(models))
            .returns(new AvroTypeInfo<>(Judged.class))
            .uid("by-group")
            .name("by-group");

    var ranked =
        grouped
            .filter(RankGroups.RANKED)
            .uid("ranked")
            .name("ranked")
            .keyBy(RankGroups.KEY)
            .process(new RankGroups(models))
            .returns(new AvroTypeInfo<>(PerformanceSums.class))
            .uid("rank-groups")
            .name("rank-groups");

    var performance =
        grouped
            .keyBy(SumAnswers.SHARE)
            .window(new DaysOfKnowledge())
            .aggregate(
                new SumAnswers(models),
                new SumAnswers.KnownUntil(),
                new AvroTypeInfo<>(PerformanceSums.class),
                new AvroTypeInfo<>(PerformanceSums.class),
                new AvroTypeInfo<>(PerformanceSums.class))
            .uid("sum-answers")
            .name("sum-answers")
            .union(ranked)
            .keyBy(MeasurePerformance.KEY)
            .process(new MeasurePerformance(models))
            .uid("measure-performance")
            .name("measure-performance");

    var stream = judged(events, defined, options);

    DataStream<Signal> signals =
        values
            .getSideOutput(WatchValues.SIGNALS)
            .union(
                once.getSideOutput(TellOfLate.LATE)
                    .process(new TellOfLate())
                    .returns(new AvroTypeInfo<>(Signal.class))
                    .uid("tell-of-late")
                    .name("tell-of-late"),
                drift.getSideOutput(CompareWindows.SIGNALS),
                stream.getSideOutput(JudgeStream.SIGNALS),
                performance.getSideOutput(MeasurePerformance.SIGNALS));
    var alerts =
        signals
            .keyBy(AlertOnSignals.KEY)
            .process(new AlertOnSignals())
            .uid("alert-on-signals")
            .name("alert-on-signals");

    return new Streams(
        drift.union(stream),
        performance,
        alerts,
        received.getSideOutput(SetLettersAside.DEAD_LETTERS));
  }

  /** How the stream of work events itself does. */
  private static SingleOutputStreamOperator<DriftStatistics> judged(
      DataStream<Arrival> events, List<ModelSpec> defined, ReadableConfig options) {
    var receipts =
        events
            .keyBy(arrival -> arrival.getRaw().getPartition()) // keeps each partition's order
            .map(new CheckRequests(defined))
            .returns(new AvroTypeInfo<>(Arrival.class))
            .uid("check-requests")
            .name("check-requests")
            .map(new NoteReceipts())
            .returns(new AvroTypeInfo<>(Receipt.class))
            .uid("note-receipts")
            .name("note-receipts");
    return DataStreamUtils.reinterpretAsKeyedStream(receipts, CountReceipts.PARTITION)
        .process(new CountReceipts(options.get(JobOptions.OUT_OF_ORDERNESS)))
        .returns(new AvroTypeInfo<>(HourCounts.class))
        .uid("count-receipts")
        .name("count-receipts")
        .flatMap(new InStreamWindows(Set.copyOf(options.get(MonitoringJobOptions.COMPANIES))))
        .returns(new AvroTypeInfo<>(HourCounts.class))
        .uid("in-stream-windows")
        .name("in-stream-windows")
        .keyBy(JudgeStream.KEY)
        .process(new JudgeStream(MonitoringJobOptions.bounds(options)))
        .returns(new AvroTypeInfo<>(DriftStatistics.class))
        .uid("judge-stream")
        .name("judge-stream");
  }
}
