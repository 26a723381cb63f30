package io.crewcast.jobs;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;

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
import io.crewcast.schemas.Alert;
import io.crewcast.schemas.CodePoints;
import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureSchema.Column;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.TrainingExample;
import io.crewcast.schemas.serde.Feed;
import io.crewcast.schemas.serde.RecordKey;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.schemas.serde.WorkEventDecoder;
import io.crewcast.schemas.stream.Arrival;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.NewestFacts;
import io.crewcast.schemas.stream.RawRecord;
import io.crewcast.schemas.stream.ScoredChange;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.operator.DecodeRollouts;
import io.crewcast.scoring.operator.LabelPredictions;
import io.crewcast.scoring.operator.ScoreEvents;
import io.crewcast.scoring.operator.ServingOptions;
import io.crewcast.sinks.kafka.ArrivalDeserializer;
import io.crewcast.sinks.kafka.BackfillWatermarks;
import io.crewcast.sinks.kafka.FirstEvents;
import io.crewcast.sinks.kafka.FollowedTopic;
import io.crewcast.sinks.kafka.RawRecordDeserializer;
import io.crewcast.sinks.kafka.TopicSinks;
import io.crewcast.sinks.kafka.Topics;
import io.crewcast.sinks.parquet.EventArchive;
import io.crewcast.sinks.parquet.LakeSink;
import io.crewcast.sinks.parquet.LakeTable;
import io.crewcast.sinks.parquet.LakeTables;
import io.crewcast.sinks.redis.OnlineStore;
import io.crewcast.sinks.redis.RedisFeatureSink;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamUtils;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Turns events into features and features into scores. Bounded, it is the backfill.
 *
 * <pre>
 * work-events ─▶ decode ─▶ ledger ─▶ task ─▶ project ─▶ crew ─▶ worker ─▶ score ─▶ label ─▶ training examples
 *                  │         │         └────────┴─────────┴───────┤         └─ predictions
 *            dead letters ◀──┘                           feature vectors ── how new their facts are ─▶ alerts
 *
 * model-rollouts ─▶ decode ─▶ the lake's record of them
 * </pre>
 *
 * <p>The scorers follow {@code model-rollouts} themselves: a stream of the job could not be waited
 * for, and what a checkpoint holds back would be late.
 */
public final class ScoringJob {

  private static final Duration BACKFILL_IDLENESS = Duration.ofSeconds(30);

  /** How often a source learns how far the others are: what overtakes them is put in order. */
  private static final Duration BACKFILL_ALIGNMENT = Duration.ofMillis(200);

  /** The same where no one puts it in order any more. */
  private static final Duration LIVE_ALIGNMENT = Duration.ofMillis(50);

  private ScoringJob() {}

  public static void main(String[] args) throws Exception {
    Configuration options = ScoringJobOptions.parse(args);
    Path directory = Path.of(options.get(ScoringJobOptions.DEFINITIONS));
    Definitions definitions = Definitions.load(directory);
    List<ModelSpec> models = ModelSpec.loadAll(directory.resolve("models"), definitions.schemas());
    var registry = new SchemaRegistry(options.get(ScoringJobOptions.REGISTRY));
    var env = StreamExecutionEnvironment.getExecutionEnvironment();

    History history =
        options.contains(ScoringJobOptions.FROM_LAKE)
            ? inTheLake(env, options)
            : onTheTopic(env, options, new WorkEventDecoder(registry, definitions.lateAfter()));
    ServingOptions serving = ScoringJobOptions.serving(options, models);
    Streams streams =
        define(
            history.events(),
            definitions,
            models,
            history.began(),
            options,
            serving,
            rollouts(options, registry));

    if (options.get(ScoringJobOptions.MODE) == Mode.LIVE) {
      streams = streams.withDeadLetters(record(env, registry, options));
    }
    deliver(streams, definitions, models, registry, options);
    env.execute(options.get(ScoringJobOptions.MODE).isBackfill() ? "scoring backfill" : "scoring");
  }

  /**
   * What there is to read.
   *
   * @param began when the first of the events was recorded; null where there is none yet
   */
  private record History(DataStream<Arrival> events, @Nullable Instant began) {}

  /** What the scorers follow; a backfill must give the same whenever it runs. */
  private static @Nullable Feed<ModelRollout> rollouts(
      ReadableConfig options, SchemaRegistry registry) throws InterruptedException {
    if (options.get(ScoringJobOptions.MODE).isBackfill()) {
      return null;
    }
    String brokers = options.get(ScoringJobOptions.BOOTSTRAP_SERVERS);
    Topics.ends(brokers, Topic.MODEL_ROLLOUTS); // fails here and clearly where it is not
    return new FollowedTopic<>(brokers, registry, Topic.MODEL_ROLLOUTS, ModelRollout.class);
  }

  /**
   * Keeps what served when, which a compacted topic forgets.
   *
   * @return what scorers will not follow
   */
  static DataStream<DeadLetter> record(
      StreamExecutionEnvironment env, SchemaRegistry registry, ReadableConfig options) {
    var source =
        KafkaSource.<RawRecord>builder()
            .setBootstrapServers(options.get(ScoringJobOptions.BOOTSTRAP_SERVERS))
            .setGroupId(options.get(ScoringJobOptions.GROUP) + "-rollouts")
            .setTopics(Topic.MODEL_ROLLOUTS.topicName())
            .setStartingOffsets(OffsetsInitializer.earliest())
            .setProperty("isolation.level", "read_committed")
            .setDeserializer(new RawRecordDeserializer())
            .build();
    var rollouts =
        env.fromSource(source, WatermarkStrategy.noWatermarks(), "model-rollouts")
            .uid("model-rollouts")
            .setParallelism(1)
            .process(new DecodeRollouts(registry))
            .uid("decode-rollouts")
            .name("decode-rollouts")
            .setParallelism(1);
    String lake = options.get(ScoringJobOptions.LAKE);
    toLake(rollouts, lake, LakeTable.of(Topic.MODEL_ROLLOUTS, "published_at"), options);
    return rollouts.getSideOutput(DecodeRollouts.DEAD_LETTERS);
  }

  private static History onTheTopic(
      StreamExecutionEnvironment env, ReadableConfig options, WorkEventDecoder decoder)
      throws InterruptedException {
    String brokers = options.get(ScoringJobOptions.BOOTSTRAP_SERVERS);
    // a live job has no use for them, but fails here and clearly where Kafka or the topic is not
    Map<Integer, Long> ends = Topics.ends(brokers, Topic.WORK_EVENTS);
    var events =
        env.fromSource(
            workEvents(options, decoder, ends), watermarks(options, ends), "work-events");
    return new History(events.uid("work-events"), FirstEvents.recordedAt(brokers, decoder));
  }

  /** What the table holds was judged when it came; none of it is a dead letter of the source. */
  private static History inTheLake(StreamExecutionEnvironment env, ReadableConfig options)
      throws IOException {
    var archive = new EventArchive(options.get(ScoringJobOptions.FROM_LAKE));
    var events =
        env.fromSource(
                archive.source(),
                WatermarkStrategy.<Arrival>forGenerator(context -> new EventArchive.Watermarks())
                    .withTimestampAssigner((arrival, previous) -> recordedAt(arrival)),
                "archived-events")
            .setParallelism(1); // one reader keeps the order of the days
    return new History(events.uid("archived-events"), archive.firstRecordedAt());
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
          trainingExamples,
          alerts,
          deadLetters.union(others));
    }
  }

  /**
   * @param began when the first of the events was recorded; null where there is none yet
   * @param rollouts null where they do not say which version answers
   */
  static Streams define(
      DataStream<Arrival> workEvents,
      Definitions definitions,
      List<ModelSpec> models,
      @Nullable Instant began,
      ReadableConfig options,
      ServingOptions serving,
      @Nullable Feed<ModelRollout> rollouts) {
    boolean backfill = options.get(ScoringJobOptions.MODE).isBackfill();

    var events = workEvents.process(new SetFaultsAside()).uid("decode").name("decode");

    var ledger =
        inOrder(events, backfill, "ledger", Arrival.class, ScoringJob::factKey, BY_ARRIVAL)
            .process(new KeepLedger(EntityDefinition.CORRECTABLE_FOR))
            .uid("ledger")
            .name("ledger");

    DataStream<Change> changes = ledger;
    Map<EntityType, DataStream<FeatureVector>> features = new EnumMap<>(EntityType.class);
    Map<EntityType, DataStream<FeatureVector>> standing = new EnumMap<>(EntityType.class);
    List<DataStream<NewestFacts>> newestFacts = new ArrayList<>();
    for (EntityDefinition definition : definitions.entities()) {
      EntityType entity = definition.entity();
      String name = FeatureSchema.nameOf(entity);
      var visited =
          inOrder(changes, backfill, name, Change.class, Keys.entity(entity), BY_KNOWLEDGE)
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
    for (var scored : models.stream().collect(groupingBy(ModelSpec::scores)).entrySet()) {
      EntityType entity = scored.getKey();
      String name = "score-" + FeatureSchema.nameOf(entity);
      var scores =
          inOrder(changes, backfill, name, Change.class, Keys.entity(entity), BY_KNOWLEDGE)
              .transform(
                  name,
                  new AvroTypeInfo<>(ScoredChange.class),
                  new ScoreEvents(entity, scored.getValue(), serving, rollouts))
              .uid(name);
      predictions.add(scores.getSideOutput(ScoreEvents.PREDICTIONS));
      alerts.add(scores.getSideOutput(ScoreEvents.ALERTS));
      String label = "label-" + FeatureSchema.nameOf(entity);
      KeySelector<Change, String> key = Keys.entity(entity);
      examples.add(
          DataStreamUtils.reinterpretAsKeyedStream(scores, change -> key.getKey(change.getChange()))
              .process(new LabelPredictions(entity, scored.getValue(), began))
              .uid(label)
              .name(label));
    }

    var deadLetters =
        events
            .getSideOutput(SetFaultsAside.DEAD_LETTERS)
            .union(ledger.getSideOutput(KeepLedger.DEAD_LETTERS));
    return new Streams(
        events,
        features,
        standing,
        union(newestFacts),
        union(predictions),
        union(examples),
        union(alerts),
        deadLetters);
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

  private static void deliver(
      Streams streams,
      Definitions definitions,
      List<ModelSpec> models,
      SchemaRegistry registry,
      ReadableConfig options) {
    var topics =
        new TopicSinks(
            options.get(ScoringJobOptions.BOOTSTRAP_SERVERS),
            registry,
            options.get(ScoringJobOptions.DELIVERY),
            options.get(ScoringJobOptions.GROUP));
    String lake = options.get(ScoringJobOptions.LAKE);
    Map<String, List<Column>> inputs =
        models.stream().collect(toMap(ModelSpec::name, ModelSpec::columns));

    Mode mode = options.get(ScoringJobOptions.MODE);
    if (mode.isOfRecord()) {
      toLake(streams.events(), lake, LakeTables.workEvents(), options);
      streams
          .features()
          .forEach(
              (entity, vectors) ->
                  toLake(vectors, lake, LakeTables.features(schema(definitions, entity)), options));
      to(streams.deadLetters(), topics.ofDeadLetters(), "dead-letters");
    }
    if (mode == Mode.LIVE) {
      streams
          .features()
          .forEach(
              (entity, vectors) -> {
                FeatureSchema schema = schema(definitions, entity);
                DataStream<FeatureVector> standing =
                    Objects.requireNonNull(streams.standing().get(entity));
                serve(vectors.union(standing), schema, topics, options);
              });
      to(streams.predictions(), topics.of(Topic.PREDICTIONS, RecordKey::of), "predictions");
      toLake(streams.predictions(), lake, LakeTables.predictions(inputs), options);
      to(alerts(streams, definitions), topics.of(Topic.ALERTS, Alert::getSubject), "alerts");
    }
    toLake(streams.trainingExamples(), lake, LakeTables.trainingExamples(inputs), options);
    if (options.get(ScoringJobOptions.FROM_LAKE) == null) { // the job that wrote those events did
      toLake(streams.deadLetters(), lake, LakeTable.of(Topic.DEAD_LETTERS, "appended_at"), options);
    }
  }

  private static FeatureSchema schema(Definitions definitions, EntityType entity) {
    return Objects.requireNonNull(definitions.schemas().get(entity));
  }

  /** To the entity's topic and, if there is one, to Redis. */
  private static void serve(
      DataStream<FeatureVector> vectors,
      FeatureSchema schema,
      TopicSinks topics,
      ReadableConfig options) {
    to(vectors, topics.ofFeatures(schema), Topic.featuresOf(schema.entity()).topicName());
    String redis = options.get(ScoringJobOptions.REDIS);
    // tasks come and go by the million and are read from their topic
    if (redis != null && schema.entity() != EntityType.TASK) {
      var store =
          new OnlineStore(
              URI.create(redis), List.of(schema), options.get(ScoringJobOptions.REDIS_TTL));
      to(vectors, new RedisFeatureSink(store), "redis-" + schema.name());
    }
  }

  private static <T> void to(DataStream<T> stream, Sink<T> sink, String name) {
    stream.sinkTo(sink).uid(name + "-sink").name(name);
  }

  private static <T> void toLake(
      DataStream<T> stream, @Nullable String lake, LakeTable<T> table, ReadableConfig options) {
    if (lake != null) {
      var sink =
          new LakeSink<>(
              new org.apache.flink.core.fs.Path(lake),
              table,
              options.get(ScoringJobOptions.PUBLISH_AFTER));
      to(stream, sink, "lake-" + table.name().replace('_', '-'));
    }
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

  /**
   * @param ends of a backfill: the offset after the last event of each partition
   */
  static WatermarkStrategy<Arrival> watermarks(ReadableConfig options, Map<Integer, Long> ends) {
    Duration outOfOrderness = options.get(ScoringJobOptions.OUT_OF_ORDERNESS);
    boolean backfill = options.get(ScoringJobOptions.MODE).isBackfill();
    WatermarkStrategy<Arrival> strategy =
        backfill
            ? context -> new BackfillWatermarks(outOfOrderness, ends)
            : WatermarkStrategy.forBoundedOutOfOrderness(outOfOrderness);
    return strategy
        .withTimestampAssigner(
            (arrival, previous) ->
                arrival.getEvent() == null
                    ? Long.MIN_VALUE // says nothing about time
                    : recordedAt(arrival))
        // in a backfill a partition is silent that waits for its turn: the order must not suffer
        .withIdleness(backfill ? BACKFILL_IDLENESS : options.get(ScoringJobOptions.IDLENESS))
        .withWatermarkAlignment(
            "work-events",
            options.get(ScoringJobOptions.MAX_DRIFT),
            backfill ? BACKFILL_ALIGNMENT : LIVE_ALIGNMENT);
  }

  private static long recordedAt(Arrival arrival) {
    return arrival.getEvent().getRecordedAt().toEpochMilli();
  }

  private static KafkaSource<Arrival> workEvents(
      ReadableConfig options, WorkEventDecoder decoder, Map<Integer, Long> ends) {
    var source =
        KafkaSource.<Arrival>builder()
            .setBootstrapServers(options.get(ScoringJobOptions.BOOTSTRAP_SERVERS))
            .setGroupId(options.get(ScoringJobOptions.GROUP))
            // without a savepoint state is empty, so it is rebuilt from the first event on
            .setStartingOffsets(OffsetsInitializer.earliest())
            .setProperty("partition.discovery.interval.ms", "30000")
            .setProperty("isolation.level", "read_committed") // what a producer took back never was
            // partitions take turns so short that none runs far ahead of the others
            .setProperty("max.partition.fetch.bytes", "32768")
            .setDeserializer(new ArrivalDeserializer(decoder));
    if (options.get(ScoringJobOptions.MODE) == Mode.BACKFILL) {
      source.setBounded(OffsetsInitializer.latest());
    }
    if (options.get(ScoringJobOptions.MODE) != Mode.BACKFILL_THEN_LIVE) {
      return source.setTopics(Topic.WORK_EVENTS.topicName()).build();
    }
    // an empty partition would hold back all; the live job finds it
    return source
        .setPartitions(
            ends.entrySet().stream()
                .filter(end -> end.getValue() > 0)
                .map(end -> new TopicPartition(Topic.WORK_EVENTS.topicName(), end.getKey()))
                .collect(toSet()))
        .build();
  }
}
