package io.crewcast.jobs;

import static java.util.stream.Collectors.toMap;

import io.crewcast.features.definition.Definitions;
import io.crewcast.jobs.ScoringJob.Streams;
import io.crewcast.jobs.ScoringJobOptions.Mode;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureSchema.Column;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.Ranking;
import io.crewcast.schemas.serde.RecordKey;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.sinks.kafka.TopicSinks;
import io.crewcast.sinks.parquet.LakeTable;
import io.crewcast.sinks.parquet.LakeTables;
import io.crewcast.sinks.redis.OnlineSink;
import io.crewcast.sinks.redis.OnlineStore;
import io.crewcast.sinks.redis.PredictionSchema;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.jspecify.annotations.Nullable;

/** Where {@link ScoringJob} writes: topics, Redis and the lake. */
final class ScoringJobSinks {

  private final Definitions definitions;
  private final ReadableConfig options;
  private final Delivery delivery;
  private final @Nullable OnlineStore online;

  ScoringJobSinks(Definitions definitions, ReadableConfig options) {
    this.definitions = definitions;
    this.options = options;
    this.delivery = new Delivery(options);
    this.online = RedisOptions.store(options);
  }

  /**
   * Where a job of that mode writes.
   *
   * @param models that are scored
   */
  void deliver(Streams streams, List<ModelSpec> models, SchemaRegistry registry) {
    TopicSinks topics = delivery.topics(registry, options.get(ScoringJobOptions.GROUP));
    Map<String, List<Column>> inputs =
        models.stream().collect(toMap(ModelSpec::name, ModelSpec::columns));

    Mode mode = options.get(ScoringJobOptions.MODE);
    if (mode.isOfRecord()) {
      toLake(streams.events(), LakeTables.workEvents());
      streams
          .features()
          .forEach((entity, vectors) -> toLake(vectors, LakeTables.features(schema(entity))));
      Delivery.to(streams.deadLetters(), topics.ofDeadLetters(), "dead-letters");
    }
    if (mode == Mode.LIVE) {
      streams
          .features()
          .forEach(
              (entity, vectors) -> {
                FeatureSchema schema = schema(entity);
                DataStream<FeatureVector> standing =
                    Objects.requireNonNull(streams.standing().get(entity));
                serve(vectors.union(standing), schema, topics);
              });
      serve(streams.predictions(), models, topics);
      toLake(streams.predictions(), LakeTables.predictions(inputs));
      Delivery.to(
          streams.trainingExamples(),
          topics.of(Topic.TRAINING_EXAMPLES, RecordKey::of),
          "training-examples");
      Delivery.to(streams.rankings(), topics.of(Topic.RANKINGS, Ranking::getRequestId), "rankings");
      delivery.alerts(ScoringJob.alerts(streams, definitions), topics);
    }
    toLake(streams.trainingExamples(), LakeTables.trainingExamples(inputs));
    if (options.get(ScoringJobOptions.FROM_LAKE) == null) { // the job that wrote those events did
      toLake(streams.deadLetters(), LakeTable.of(Topic.DEAD_LETTERS, "appended_at"));
    }
  }

  private FeatureSchema schema(EntityType entity) {
    return Objects.requireNonNull(definitions.schemas().get(entity));
  }

  /** To the entity's topic and, if there is one, to Redis. */
  private void serve(DataStream<FeatureVector> vectors, FeatureSchema schema, TopicSinks topics) {
    Delivery.to(vectors, topics.ofFeatures(schema), Topic.featuresOf(schema.entity()).topicName());
    // tasks come and go by the million and are read from their topic
    if (online != null && schema.entity() != EntityType.TASK) {
      Delivery.to(
          vectors,
          OnlineSink.ofFeatures(online, List.of(schema)),
          "redis-" + ScoringJob.kebabCase(schema.name()));
    }
  }

  /** To their topic and, of models that are to be served from there, to Redis. */
  private void serve(
      DataStream<Prediction> predictions, List<ModelSpec> models, TopicSinks topics) {
    Delivery.to(predictions, topics.of(Topic.PREDICTIONS, RecordKey::of), "predictions");
    List<PredictionSchema> served = RedisOptions.predictions(options, models);
    if (online != null && !served.isEmpty()) {
      Delivery.to(
          predictions,
          OnlineSink.ofPredictions(online, served, options.get(RedisOptions.TASK_TTL)),
          "redis-predictions");
    }
  }

  /** To a table of the lake, if there is one. */
  <T> void toLake(DataStream<T> stream, LakeTable<T> table) {
    delivery.toLake(stream, table);
  }
}
