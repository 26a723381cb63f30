package io.crewcast.jobs;

import static java.util.stream.Collectors.groupingBy;

import io.crewcast.features.definition.Definitions;
import io.crewcast.features.definition.EntityDefinition;
import io.crewcast.features.ledger.FactLedger;
import io.crewcast.features.operator.GoLive;
import io.crewcast.features.operator.KeepLedger;
import io.crewcast.features.operator.Keys;
import io.crewcast.features.operator.ReleaseInOrder;
import io.crewcast.features.operator.SetFaultsAside;
import io.crewcast.features.operator.UpdateFeatures;
import io.crewcast.features.operator.WatchFreshness;
import io.crewcast.jobs.ScoringJobOptions.Mode;
import io.crewcast.jobs.ScoringJobSources.History;
import io.crewcast.schemas.Alert;
import io.crewcast.schemas.CodePoints;
import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.Ranking;
import io.crewcast.schemas.TrainingExample;
import io.crewcast.schemas.serde.Feed;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.schemas.stream.Arrival;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.NewestFacts;
import io.crewcast.schemas.stream.ScoredChange;
import io.crewcast.scoring.experiment.ExperimentSpec;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.operator.AlertOnScores;
import io.crewcast.scoring.operator.DecodeRollouts;
import io.crewcast.scoring.operator.LabelPredictions;
import io.crewcast.scoring.operator.ScoreEvents;
import io.crewcast.scoring.operator.ServingOptions;
import io.crewcast.scoring.request.AskOnSchedule;
import io.crewcast.scoring.request.CheckRequests;
import io.crewcast.scoring.request.FanOut;
import io.crewcast.scoring.request.GatherRankings;
import io.crewcast.sinks.parquet.LakeTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamUtils;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * Turns events into features and features into scores. Bounded, it is the backfill.
 *
 * <pre>
 * work-events ─▶ decode ─▶ ledger ─▶ task ─▶ project ─▶ crew ─▶ worker ─▶ worker-project ─▶ score ─▶ label ─▶ training examples
 *                  │         │         └────────┴─────────┴───────┴────────────┤             └─ predictions ─▶ rankings
 *            dead letters ◀──┘                                        feature vectors ── how new their facts are ─▶ alerts
 *
 * model-rollouts ─▶ decode ─▶ the lake's record of them
 * </pre>
 *
 * <p>The scorers follow {@code model-rollouts} themselves: a stream of the job could not be waited
 * for, and what a checkpoint holds back would be late.
 */
public final class ScoringJob {

  private ScoringJob() {}

  public static void main(String[] args) throws Exception {
    Configuration options = ScoringJobOptions.parse(args);
    Path directory = Path.of(options.get(JobOptions.DEFINITIONS));
    Definitions definitions = Definitions.load(directory);
    List<ModelSpec> defined = ModelSpec.loadAll(directory.resolve("models"), definitions.schemas());
    List<ModelSpec> models = ScoringJobOptions.served(options, defined);
    var registry = new SchemaRegistry(options.get(JobOptions.REGISTRY));
    var sinks = new ScoringJobSinks(definitions, options);
    var env = StreamExecutionEnvironment.getExecutionEnvironment();

    History history = ScoringJobSources.history(env, options, registry, definitions, defined);
    List<ExperimentSpec> experiments =
        ExperimentSpec.loadAll(directory.resolve("experiments"), defined);
    ServingOptions serving = ScoringJobOptions.serving(options, models, experiments);
    Streams streams =
        define(
            history,
            definitions,
            defined,
            options,
            serving,
            ScoringJobSources.rollouts(options, registry));

    if (options.get(ScoringJobOptions.MODE) == Mode.LIVE) {
      streams = streams.withDeadLetters(record(env, registry, options, sinks));
    }
    sinks.deliver(streams, models, registry);
    env.execute(options.get(ScoringJobOptions.MODE).isBackfill() ? "scoring backfill" : "scoring");
  }

  /**
   * Keeps what served when, which a compacted topic forgets.
   *
   * @return what scorers will not follow
   */
  private static DataStream<DeadLetter> record(
      StreamExecutionEnvironment env,
      SchemaRegistry registry,
      ReadableConfig options,
      ScoringJobSinks sinks) {
    var rollouts =
        ScoringJobSources.rolloutRecords(env, options)
            .process(new DecodeRollouts(registry))
            .uid("decode-rollouts")
            .name("decode-rollouts")
            .setParallelism(1);
    sinks.toLake(rollouts, LakeTable.of(Topic.MODEL_ROLLOUTS, "published_at"));
    return rollouts.getSideOutput(DecodeRollouts.DEAD_LETTERS);
  }

  /**
   * What the topology produces. Whoever called {@link #define} decides where each stream goes.
   *
   * @param features every vector of each kind of entity
   * @param standing those that a live job finds when it takes over from a backfill
   * @param newestFacts how new the facts are behind the vectors
   * @param alerts what is wrong with the versions of models
   */
  record Streams(
      DataStream<Arrival> events,
      Map<EntityType, DataStream<FeatureVector>> features,
      Map<EntityType, DataStream<FeatureVector>> standing,
      DataStream<NewestFacts> newestFacts,
      DataStream<Prediction> predictions,
      DataStream<Ranking> rankings,
      DataStream<TrainingExample> trainingExamples,
      DataStream<Alert> alerts,
      DataStream<DeadLetter> deadLetters) {

    /** The same with those of another topic. */
    Streams withDeadLetters(DataStream<DeadLetter> others) {
      return new Streams(
          events,
          features,
          standing,
          newestFacts,
          predictions,
          rankings,
          trainingExamples,
          alerts,
          deadLetters.union(others));
    }
  }

  /**
   * @param defined all models, of which options may choose some
   * @param rollouts null where they do not say which version answers
   */
  static Streams define(
      History history,
      Definitions definitions,
      List<ModelSpec> defined,
      ReadableConfig options,
      ServingOptions serving,
      @Nullable Feed<ModelRollout> rollouts) {
    boolean backfill = options.get(ScoringJobOptions.MODE).isBackfill();
    List<ModelSpec> models = ScoringJobOptions.served(options, defined);

    var events =
        history
            .events()
            .map(new CheckRequests(defined))
            .returns(new AvroTypeInfo<>(Arrival.class))
            .uid("check-requests")
            .name("check-requests")
            .process(new SetFaultsAside())
            .uid("decode")
            .name("decode");

    var ledger =
        inOrder(events, backfill, "ledger", Arrival.class, ScoringJob::factKey, BY_ARRIVAL)
            .process(
                new KeepLedger(EntityDefinition.CORRECTABLE_FOR, definitions.schemas().keySet()))
            .uid("ledger")
            .name("ledger");

    var asked = ledger.process(new FanOut()).uid("fan-out").name("fan-out");

    DataStream<Change> changes = asked;
    Map<EntityType, DataStream<FeatureVector>> features = new EnumMap<>(EntityType.class);
    Map<EntityType, DataStream<FeatureVector>> standing = new EnumMap<>(EntityType.class);
    List<DataStream<NewestFacts>> newestFacts = new ArrayList<>();
    for (EntityDefinition definition : definitions.entities()) {
      EntityType entity = definition.entity();
      String name = kebabCase(FeatureSchema.nameOf(entity));
      var ordered =
          inOrder(changes, backfill, name, Change.class, Keys.entity(entity), BY_KNOWLEDGE);
      var visited =
          onSchedule(ordered, entity, models, history)
              .transform(
                  name,
                  new AvroTypeInfo<>(Change.class),
                  new GoLive<>(new UpdateFeatures(definition, definitions.schemas()), backfill))
              .uid(name);
      features.put(entity, visited.getSideOutput(UpdateFeatures.features(entity)));
      standing.put(entity, visited.getSideOutput(UpdateFeatures.standing(entity)));
      newestFacts.add(visited.getSideOutput(UpdateFeatures.NEWEST_FACTS));
      changes = visited;
    }

    List<DataStream<Prediction>> predictions = new ArrayList<>();
    List<DataStream<TrainingExample>> examples = new ArrayList<>();
    List<DataStream<Alert>> alerts = new ArrayList<>();
    DataStream<ScoredChange> ranked = asked.getSideOutput(FanOut.RANKINGS);
    for (var scored : models.stream().collect(groupingBy(ModelSpec::scores)).entrySet()) {
      EntityType entity = scored.getKey();
      String name = "score-" + kebabCase(FeatureSchema.nameOf(entity));
      var scores =
          inOrder(changes, backfill, name, Change.class, Keys.entity(entity), BY_KNOWLEDGE)
              .transform(
                  name,
                  new AvroTypeInfo<>(ScoredChange.class),
                  new ScoreEvents(entity, scored.getValue(), serving, rollouts))
              .uid(name);
      predictions.add(scores.getSideOutput(ScoreEvents.PREDICTIONS));
      alerts.add(scores.getSideOutput(ScoreEvents.ALERTS));
      String candidates = "candidates-" + kebabCase(FeatureSchema.nameOf(entity));
      ranked =
          ranked.union(
              scores.filter(GatherRankings::answersRanking).uid(candidates).name(candidates));
      String label = "label-" + kebabCase(FeatureSchema.nameOf(entity));
      KeySelector<Change, String> key = Keys.entity(entity);
      examples.add(
          DataStreamUtils.reinterpretAsKeyedStream(scores, change -> key.getKey(change.getChange()))
              .process(
                  new LabelPredictions(
                      entity, scored.getValue(), history.began(), history.newest()))
              .uid(label)
              .name(label));
    }

    var rankings =
        ranked
            .keyBy(GatherRankings.KEY)
            .process(new GatherRankings(models, backfill, serving.predictFrom()))
            .uid("gather-rankings")
            .name("gather-rankings");

    var deadLetters =
        events
            .getSideOutput(SetFaultsAside.DEAD_LETTERS)
            .union(ledger.getSideOutput(KeepLedger.DEAD_LETTERS));
    DataStream<Prediction> predicted = union(predictions);
    alerts.add(
        predicted
            .keyBy(AlertOnScores.KEY)
            .process(new AlertOnScores(models))
            .uid("alert-on-scores")
            .name("alert-on-scores"));
    return new Streams(
        events,
        features,
        standing,
        union(newestFacts),
        predicted,
        rankings,
        union(examples),
        union(alerts),
        deadLetters);
  }

  /** With what models ask on their own, before an entity is visited. */
  private static KeyedStream<Change, String> onSchedule(
      KeyedStream<Change, String> changes,
      EntityType entity,
      List<ModelSpec> models,
      History history) {
    List<ModelSpec> scheduled =
        models.stream()
            .filter(model -> model.scores() == entity && AskOnSchedule.isFor(model))
            .toList();
    if (scheduled.isEmpty()) {
      return changes;
    }
    String name = "schedule-" + kebabCase(FeatureSchema.nameOf(entity));
    var asked =
        changes
            .transform(
                name,
                new AvroTypeInfo<>(Change.class),
                new AskOnSchedule(entity, scheduled, history.newest()))
            .uid(name);
    return DataStreamUtils.reinterpretAsKeyedStream(asked, Keys.entity(entity));
  }

  /** With those of features that are stale by the clock: only a live job's can be fresh. */
  static DataStream<Alert> alerts(Streams streams, Definitions definitions) {
    return streams.alerts().union(stale(streams, definitions));
  }

  private static DataStream<Alert> stale(Streams streams, Definitions definitions) {
    return streams
        .newestFacts()
        .transform(
            "freshness",
            new AvroTypeInfo<>(Alert.class),
            new WatchFreshness(definitions.entities()))
        .uid("freshness")
        .forceNonParallel();
  }

  /** One stream of those that the models of each kind of entity make. */
  private static <T> DataStream<T> union(List<DataStream<T>> streams) {
    return streams.stream()
        .reduce(DataStream::union)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "No model is defined: write flink-conf/models/*.yaml"));
  }

  /** Uids are so, names in files and tables are not. */
  static String kebabCase(String name) {
    return name.replace('_', '-');
  }

  private static final ReleaseInOrder.Order<Arrival> BY_ARRIVAL =
      (one, other) -> FactLedger.BY_KNOWLEDGE.compare(one.getEvent(), other.getEvent());

  /** What is taken back goes before what is applied in its place. */
  private static final ReleaseInOrder.Order<Change> BY_KNOWLEDGE =
      (one, other) -> {
        int recorded = one.getRecordedAt().compareTo(other.getRecordedAt());
        int event =
            recorded != 0
                ? recorded
                : CodePoints.ORDER.compare(one.getEventId(), other.getEventId());
        return event != 0
            ? event
            : Boolean.compare(one.getApplied() != null, other.getApplied() != null);
      };

  private static <T extends org.apache.avro.specific.SpecificRecordBase>
      KeyedStream<T, String> inOrder(
          DataStream<T> stream,
          boolean backfill,
          String stage,
          Class<T> type,
          KeySelector<T, String> key,
          ReleaseInOrder.Order<T> order) {
    TypeInformation<T> information = new AvroTypeInfo<>(type);
    var released =
        stream
            .keyBy(key)
            .transform(
                stage + " order",
                information,
                new GoLive<>(new ReleaseInOrder<>(backfill, information, order), backfill))
            .uid(stage + "-order");
    return DataStreamUtils.reinterpretAsKeyedStream(released, key);
  }

  private static String factKey(Arrival arrival) {
    return FactKind.factKey(arrival.getEvent());
  }
}
