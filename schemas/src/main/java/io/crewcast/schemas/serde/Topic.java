package io.crewcast.schemas.serde;

import static io.crewcast.schemas.serde.Compatibility.BACKWARD_TRANSITIVE;
import static io.crewcast.schemas.serde.Compatibility.FULL_TRANSITIVE;

import io.crewcast.schemas.Alert;
import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.DriftStatistics;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.ExperimentMetrics;
import io.crewcast.schemas.Exposure;
import io.crewcast.schemas.ModelPerformance;
import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.Observation;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.Ranking;
import io.crewcast.schemas.TrainingExample;
import io.crewcast.schemas.WorkEvent;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Every topic: its name, value schema, compatibility, retention, key and lake table. The one place
 * where topic names stand.
 */
public enum Topic {
  WORK_EVENTS(
      "work_events",
      WorkEvent.getClassSchema(),
      BACKWARD_TRANSITIVE,
      false,
      "company_id:project_id, else company_id:worker_id"),
  OBSERVATIONS(
      null,
      Observation.getClassSchema(),
      BACKWARD_TRANSITIVE,
      false,
      "company_id and unit or prediction"),
  MODEL_ROLLOUTS("rollouts", ModelRollout.getClassSchema(), BACKWARD_TRANSITIVE, true, "model"),
  TASK_FEATURES("task_features", null, FULL_TRANSITIVE, true, "company_id:task_id"),
  PROJECT_FEATURES("project_features", null, FULL_TRANSITIVE, true, "company_id:project_id"),
  CREW_FEATURES("crew_features", null, FULL_TRANSITIVE, true, "company_id:crew_id"),
  WORKER_FEATURES("worker_features", null, FULL_TRANSITIVE, true, "company_id:worker_id"),
  WORKER_PROJECT_FEATURES(
      "worker_project_features", null, FULL_TRANSITIVE, true, "company_id:worker_id/project_id"),
  PREDICTIONS(
      "predictions", Prediction.getClassSchema(), FULL_TRANSITIVE, false, "company_id:entity_id"),
  TRAINING_EXAMPLES(
      "training_examples",
      TrainingExample.getClassSchema(),
      FULL_TRANSITIVE,
      false,
      "company_id:entity_id"),
  RANKINGS(null, Ranking.getClassSchema(), FULL_TRANSITIVE, false, "request_id"),
  EXPOSURES("exposures", Exposure.getClassSchema(), FULL_TRANSITIVE, false, "experiment"),
  EXPERIMENT_METRICS(
      "experiment_metrics",
      ExperimentMetrics.getClassSchema(),
      FULL_TRANSITIVE,
      false,
      "experiment"),
  MODEL_PERFORMANCE(
      "model_performance", ModelPerformance.getClassSchema(), FULL_TRANSITIVE, false, "model"),
  DRIFT_STATISTICS(
      "drift_statistics", DriftStatistics.getClassSchema(), FULL_TRANSITIVE, false, "model"),
  ALERTS("alerts", Alert.getClassSchema(), FULL_TRANSITIVE, false, "subject"),
  DEAD_LETTERS("dead_letters", DeadLetter.getClassSchema(), FULL_TRANSITIVE, false, "as received");

  private static final int PARTITIONS = 4;
  private static final Duration RETENTION = Duration.ofDays(90);

  private final @Nullable String table;
  private final @Nullable Schema schema;
  private final Compatibility compatibility;
  private final boolean compacted;
  private final String key;

  Topic(
      @Nullable String table,
      @Nullable Schema schema,
      Compatibility compatibility,
      boolean compacted,
      String key) {
    this.table = table;
    this.schema = schema;
    this.compatibility = compatibility;
    this.compacted = compacted;
    this.key = key;
  }

  /** The topic's name in Kafka, such as {@code work-events}. */
  public String topicName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The registry's subject of its values. */
  public String subject() {
    return topicName() + "-value";
  }

  /** Schema of its values; empty for feature rows, whose schema comes from the feature file. */
  public Optional<Schema> schema() {
    return Optional.ofNullable(schema);
  }

  /** Rule that the registry holds its schemas to. */
  public Compatibility compatibility() {
    return compatibility;
  }

  /** True: the newest value of each key is kept; false: all values are kept for a time. */
  public boolean compacted() {
    return compacted;
  }

  /**
   * How long a value is kept; empty: for ever, or of a compacted topic until its key has a newer
   * one.
   */
  public Optional<Duration> retention() {
    // a job that starts without a savepoint counts anew from the first event
    return compacted || this == WORK_EVENTS ? Optional.empty() : Optional.of(RETENTION);
  }

  /** Partitions that the topic is created with. */
  public int partitions() {
    return PARTITIONS;
  }

  /** What its keys are, in words. */
  public String key() {
    return key;
  }

  /** Name of the lake table that keeps its values, where there is one. */
  public Optional<String> table() {
    return Optional.ofNullable(table);
  }

  /** The topic of an entity's feature rows. */
  public static Topic featuresOf(EntityType entity) {
    return valueOf(entity.name() + "_FEATURES");
  }

  /**
   * The topic of that name in Kafka.
   *
   * @throws IllegalArgumentException naming the topics that exist
   */
  public static Topic named(String topicName) {
    return Arrays.stream(values())
        .filter(topic -> topic.topicName().equals(topicName))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "No topic is called %s; choose one of %s"
                        .formatted(
                            topicName,
                            Arrays.stream(values())
                                .map(Topic::topicName)
                                .collect(Collectors.joining(", ")))));
  }
}
