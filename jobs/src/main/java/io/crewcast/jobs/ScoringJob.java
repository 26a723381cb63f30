package io.crewcast.jobs;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toMap;

import io.crewcast.features.definition.Definitions;
import io.crewcast.features.definition.EntityDefinition;
import io.crewcast.features.ledger.FactLedger;
import io.crewcast.features.operator.KeepLedger;
import io.crewcast.features.operator.Keys;
import io.crewcast.features.operator.ReleaseInOrder;
import io.crewcast.features.operator.SetFaultsAside;
import io.crewcast.features.operator.UpdateFeatures;
import io.crewcast.jobs.ScoringJobOptions.Mode;
import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureSchema.Column;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.TrainingExample;
import io.crewcast.schemas.serde.RecordKey;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.schemas.serde.WorkEventDecoder;
import io.crewcast.schemas.stream.Arrival;
import io.crewcast.schemas.stream.Change;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.operator.LabelPredictions;
import io.crewcast.scoring.operator.ScoreEvents;
import io.crewcast.scoring.operator.ServingOptions;
import io.crewcast.sinks.kafka.ArrivalDeserializer;
import io.crewcast.sinks.kafka.TopicSinks;
import io.crewcast.sinks.parquet.LakeSink;
import io.crewcast.sinks.parquet.LakeTable;
import io.crewcast.sinks.parquet.LakeTables;
import io.crewcast.sinks.redis.OnlineStore;
import io.crewcast.sinks.redis.RedisFeatureSink;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.source.Source;
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
import org.jspecify.annotations.Nullable;

/**
 * Turns events into features and features into scores. Bounded, it is the backfill.
 *
 * <pre>
 * work-events ─▶ decode ─▶ ledger ─▶ task ─▶ project ─▶ crew ─▶ worker ─▶ score ─▶ label ─▶ training examples
 *                  │         │         └────────┴─────────┴───────┤         └─ predictions
 *            dead letters ◀──┘                           feature vectors
 * </pre>
 */
public final class ScoringJob {

  private ScoringJob() {}

  public static void main(String[] args) throws Exception {
    Configuration options = ScoringJobOptions.parse(args);
    Path directory = Path.of(options.get(ScoringJobOptions.DEFINITIONS));
    Definitions definitions = Definitions.load(directory);
    List<ModelSpec> models = ModelSpec.loadAll(directory.resolve("models"), definitions.schemas());
    ScoringJobOptions.requireKnownPins(options, models.stream().map(ModelSpec::name).toList());
    var registry = new SchemaRegistry(options.get(ScoringJobOptions.REGISTRY));
    var env = StreamExecutionEnvironment.getExecutionEnvironment();

    Streams streams =
        define(env, workEvents(options, registry, definitions), definitions, models, options);

    boolean live = options.get(ScoringJobOptions.MODE) == Mode.LIVE;
    deliver(streams, definitions, models, registry, options, live);
    env.execute(live ? "scoring" : "scoring backfill");
  }

  /** What the topology produces. Whoever called {@link #define} decides where each stream goes. */
  record Streams(
      DataStream<Arrival> events,
      Map<EntityType, DataStream<FeatureVector>> features,
      DataStream<Prediction> predictions,
      DataStream<TrainingExample> trainingExamples,
      DataStream<DeadLetter> deadLetters) {}

  static Streams define(
      StreamExecutionEnvironment env,
      Source<Arrival, ?, ?> workEvents,
      Definitions definitions,
      List<ModelSpec> models,
      ReadableConfig options) {
    boolean ordered = options.get(ScoringJobOptions.MODE) == Mode.BACKFILL;

    var events =
        env.fromSource(workEvents, watermarks(options), "work-events")
            .uid("work-events")
            .process(new SetFaultsAside())
            .uid("decode")
            .name("decode");

    var ledger =
        inOrder(events, ordered, "ledger", Arrival.class, ScoringJob::factKey, BY_ARRIVAL)
            .process(new KeepLedger(EntityDefinition.CORRECTABLE_FOR))
            .uid("ledger")
            .name("ledger");

    DataStream<Change> changes = ledger;
    Map<EntityType, DataStream<FeatureVector>> features = new EnumMap<>(EntityType.class);
    for (EntityDefinition definition : definitions.entities()) {
      EntityType entity = definition.entity();
      String name = FeatureSchema.nameOf(entity);
      var visited =
          inOrder(changes, ordered, name, Change.class, Keys.entity(entity), BY_KNOWLEDGE)
              .process(new UpdateFeatures(definition, definitions.schemas()))
              .uid(name)
              .name(name);
      features.put(entity, visited.getSideOutput(UpdateFeatures.features(entity)));
      changes = visited;
    }

    List<DataStream<Prediction>> predictions = new ArrayList<>();
    List<DataStream<TrainingExample>> examples = new ArrayList<>();
    ServingOptions serving = ScoringJobOptions.serving(options);
    for (var scored : models.stream().collect(groupingBy(ModelSpec::scores)).entrySet()) {
      EntityType entity = scored.getKey();
      String name = "score-" + FeatureSchema.nameOf(entity);
      var scores =
          inOrder(changes, ordered, name, Change.class, Keys.entity(entity), BY_KNOWLEDGE)
              .process(new ScoreEvents(entity, scored.getValue(), serving))
              .uid(name)
              .name(name);
      predictions.add(scores.getSideOutput(ScoreEvents.PREDICTIONS));
      String label = "label-" + FeatureSchema.nameOf(entity);
      KeySelector<Change, String> key = Keys.entity(entity);
      examples.add(
          DataStreamUtils.reinterpretAsKeyedStream(scores, change -> key.getKey(change.getChange()))
              .process(new LabelPredictions(entity, scored.getValue(), null))
              .uid(label)
              .name(label));
    }

    var deadLetters =
        events
            .getSideOutput(SetFaultsAside.DEAD_LETTERS)
            .union(ledger.getSideOutput(KeepLedger.DEAD_LETTERS));
    return new Streams(events, features, union(predictions), union(examples), deadLetters);
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
      ReadableConfig options,
      boolean live) {
    var topics =
        new TopicSinks(
            options.get(ScoringJobOptions.BOOTSTRAP_SERVERS),
            registry,
            options.get(ScoringJobOptions.DELIVERY),
            options.get(ScoringJobOptions.GROUP));
    String lake = options.get(ScoringJobOptions.LAKE);
    Map<String, List<Column>> inputs =
        models.stream().collect(toMap(ModelSpec::name, ModelSpec::columns));

    if (live) {
      streams
          .features()
          .forEach(
              (entity, vectors) -> {
                FeatureSchema schema = Objects.requireNonNull(definitions.schemas().get(entity));
                to(vectors, topics.ofFeatures(schema), Topic.featuresOf(entity).topicName());
                toLake(vectors, lake, LakeTables.features(schema), options);
              });
      if (options.get(ScoringJobOptions.REDIS) != null) {
        online(streams.features(), definitions, options);
      }
      to(streams.predictions(), topics.of(Topic.PREDICTIONS, RecordKey::of), "predictions");
      toLake(streams.predictions(), lake, LakeTables.predictions(inputs), options);
      toLake(streams.events(), lake, LakeTables.workEvents(), options);
      to(streams.deadLetters(), topics.ofDeadLetters(), "dead-letters");
    }
    toLake(streams.trainingExamples(), lake, LakeTables.trainingExamples(inputs), options);
    toLake(streams.deadLetters(), lake, LakeTable.of(Topic.DEAD_LETTERS, "appended_at"), options);
  }

  private static void online(
      Map<EntityType, DataStream<FeatureVector>> features,
      Definitions definitions,
      ReadableConfig options) {
    URI uri = URI.create(options.get(ScoringJobOptions.REDIS));
    features.forEach(
        (entity, vectors) -> {
          // tasks come and go by the million and are read from their topic
          if (entity != EntityType.TASK) {
            FeatureSchema schema = Objects.requireNonNull(definitions.schemas().get(entity));
            var store =
                new OnlineStore(uri, List.of(schema), options.get(ScoringJobOptions.REDIS_TTL));
            to(vectors, new RedisFeatureSink(store), "redis-" + FeatureSchema.nameOf(entity));
          }
        });
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
        int event = recorded != 0 ? recorded : one.getEventId().compareTo(other.getEventId());
        return event != 0
            ? event
            : Boolean.compare(one.getApplied() != null, other.getApplied() != null);
      };

  private static <T extends org.apache.avro.specific.SpecificRecordBase>
      KeyedStream<T, String> inOrder(
          DataStream<T> stream,
          boolean ordered,
          String stage,
          Class<T> type,
          KeySelector<T, String> key,
          ReleaseInOrder.Order<T> order) {
    TypeInformation<T> information = new AvroTypeInfo<>(type);
    var released =
        stream
            .keyBy(key)
            .process(new ReleaseInOrder<>(ordered, information, order))
            .returns(information)
            .uid(stage + "-order")
            .name(stage + " order");
    return DataStreamUtils.reinterpretAsKeyedStream(released, key);
  }

  private static String factKey(Arrival arrival) {
    return FactKind.factKey(arrival.getEvent());
  }

  private static WatermarkStrategy<Arrival> watermarks(ReadableConfig options) {
    var strategy =
        WatermarkStrategy.<Arrival>forBoundedOutOfOrderness(
                options.get(ScoringJobOptions.OUT_OF_ORDERNESS))
            .withTimestampAssigner(
                (arrival, previous) ->
                    arrival.getEvent() == null
                        ? Long.MIN_VALUE // says nothing about time
                        : arrival.getEvent().getRecordedAt().toEpochMilli());
    if (options.get(ScoringJobOptions.MODE) == Mode.BACKFILL) {
      return strategy;
    }
    return strategy
        .withIdleness(options.get(ScoringJobOptions.IDLENESS))
        .withWatermarkAlignment(
            "work-events", options.get(ScoringJobOptions.MAX_DRIFT), Duration.ofMillis(50));
  }

  private static KafkaSource<Arrival> workEvents(
      ReadableConfig options, SchemaRegistry registry, Definitions definitions) {
    var source =
        KafkaSource.<Arrival>builder()
            .setBootstrapServers(options.get(ScoringJobOptions.BOOTSTRAP_SERVERS))
            .setTopics(Topic.WORK_EVENTS.topicName())
            .setGroupId(options.get(ScoringJobOptions.GROUP))
            .setProperty("partition.discovery.interval.ms", "30000")
            .setProperty("isolation.level", "read_committed") // what a producer took back never was
            .setDeserializer(
                new ArrivalDeserializer(new WorkEventDecoder(registry, definitions.lateAfter())));
    if (options.get(ScoringJobOptions.MODE) == Mode.BACKFILL) {
      return source
          .setStartingOffsets(OffsetsInitializer.earliest())
          .setBounded(OffsetsInitializer.latest())
          .build();
    }
    // without a savepoint state is empty, so it is rebuilt from the first event on
    return source.setStartingOffsets(OffsetsInitializer.earliest()).build();
  }
}
