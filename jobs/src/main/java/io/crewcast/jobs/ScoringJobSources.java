package io.crewcast.jobs;

import static java.util.stream.Collectors.toSet;

import io.crewcast.features.definition.Definitions;
import io.crewcast.jobs.ScoringJobOptions.Mode;
import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.serde.Feed;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.schemas.serde.WorkEventDecoder;
import io.crewcast.schemas.stream.Arrival;
import io.crewcast.schemas.stream.RawRecord;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.request.CheckRequests;
import io.crewcast.sinks.kafka.ArrivalDeserializer;
import io.crewcast.sinks.kafka.BackfillWatermarks;
import io.crewcast.sinks.kafka.EndsOfEvents;
import io.crewcast.sinks.kafka.FollowedTopic;
import io.crewcast.sinks.kafka.RawRecordDeserializer;
import io.crewcast.sinks.kafka.Topics;
import io.crewcast.sinks.parquet.EventArchive;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * What {@link ScoringJob} reads: work events from their topic or from a lake, and rollouts, which
 * its scorers follow and its lake keeps.
 */
final class ScoringJobSources {

  private static final Duration BACKFILL_IDLENESS = Duration.ofSeconds(30);

  /** How often a source learns how far the others are: what overtakes them is put in order. */
  private static final Duration BACKFILL_ALIGNMENT = Duration.ofMillis(200);

  /** The same where no one puts it in order any more. */
  private static final Duration LIVE_ALIGNMENT = Duration.ofMillis(50);

  private ScoringJobSources() {}

  /**
   * What there is to read.
   *
   * @param began when the first of the events was recorded; null where there is none yet
   * @param newest when the last of them was recorded; null where more will come
   */
  record History(DataStream<Arrival> events, @Nullable Instant began, @Nullable Instant newest) {}

  /** What the options say is to be read. */
  static History history(
      StreamExecutionEnvironment env,
      ReadableConfig options,
      SchemaRegistry registry,
      Definitions definitions,
      List<ModelSpec> defined)
      throws IOException, InterruptedException {
    return options.getOptional(ScoringJobOptions.FROM_LAKE).isPresent()
        ? inTheLake(env, options)
        : onTheTopic(
            env,
            options,
            new WorkEventDecoder(registry, definitions.lateAfter()),
            new CheckRequests(defined)::map);
  }

  /** What the scorers follow; a backfill must give the same whenever it runs. */
  static @Nullable Feed<ModelRollout> rollouts(ReadableConfig options, SchemaRegistry registry)
      throws InterruptedException {
    if (options.get(ScoringJobOptions.MODE).isBackfill()) {
      return null;
    }
    String brokers = options.get(JobOptions.BOOTSTRAP_SERVERS);
    Topics.ends(brokers, Topic.MODEL_ROLLOUTS); // fails here and clearly where it is not
    return new FollowedTopic<>(brokers, registry, Topic.MODEL_ROLLOUTS, ModelRollout.class);
  }

  /** All rollouts, as the broker has them; one task keeps their order. */
  static DataStream<RawRecord> rolloutRecords(
      StreamExecutionEnvironment env, ReadableConfig options) {
    var source =
        KafkaSource.<RawRecord>builder()
            .setBootstrapServers(options.get(JobOptions.BOOTSTRAP_SERVERS))
            .setGroupId(options.get(ScoringJobOptions.GROUP) + "-rollouts")
            .setTopics(Topic.MODEL_ROLLOUTS.topicName())
            .setStartingOffsets(OffsetsInitializer.earliest())
            .setProperty("isolation.level", "read_committed")
            .setDeserializer(new RawRecordDeserializer())
            .build();
    return env.fromSource(source, WatermarkStrategy.noWatermarks(), "model-rollouts")
        .uid("model-rollouts")
        .setParallelism(1);
  }

  private static History onTheTopic(
      StreamExecutionEnvironment env,
      ReadableConfig options,
      WorkEventDecoder decoder,
      UnaryOperator<Arrival> checked)
      throws InterruptedException {
    String brokers = options.get(JobOptions.BOOTSTRAP_SERVERS);
    // a live job has no use for them, but fails here and clearly where Kafka or the topic is not
    Map<Integer, Long> ends = Topics.ends(brokers, Topic.WORK_EVENTS);
    var events =
        env.fromSource(
            workEvents(options, decoder, ends), watermarks(options, ends), "work-events");
    return new History(
        events.uid("work-events"),
        EndsOfEvents.firstRecordedAt(brokers, decoder),
        options.get(ScoringJobOptions.MODE) == Mode.BACKFILL
            ? EndsOfEvents.lastRecordedAt(brokers, decoder, checked)
            : null);
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
    return new History(
        events.uid("archived-events"), archive.firstRecordedAt(), archive.lastRecordedAt());
  }

  /**
   * @param ends of a backfill: the offset after the last event of each partition
   */
  static WatermarkStrategy<Arrival> watermarks(ReadableConfig options, Map<Integer, Long> ends) {
    Duration outOfOrderness = options.get(JobOptions.OUT_OF_ORDERNESS);
    boolean backfill = options.get(ScoringJobOptions.MODE).isBackfill();
    boolean bounded = options.get(ScoringJobOptions.MODE) == Mode.BACKFILL;
    WatermarkStrategy<Arrival> strategy =
        backfill
            ? context -> new BackfillWatermarks(outOfOrderness, ends, bounded)
            : WatermarkStrategy.forBoundedOutOfOrderness(outOfOrderness);
    return strategy
        .withTimestampAssigner(
            (arrival, previous) ->
                arrival.getEvent() == null
                    ? Long.MIN_VALUE // says nothing about time
                    : recordedAt(arrival))
        // in a backfill a partition is silent that waits for its turn: the order must not suffer
        .withIdleness(backfill ? BACKFILL_IDLENESS : options.get(JobOptions.IDLENESS))
        .withWatermarkAlignment(
            "work-events",
            options.get(JobOptions.MAX_DRIFT),
            backfill ? BACKFILL_ALIGNMENT : LIVE_ALIGNMENT);
  }

  private static long recordedAt(Arrival arrival) {
    return arrival.getEvent().getRecordedAt().toEpochMilli();
  }

  private static KafkaSource<Arrival> workEvents(
      ReadableConfig options, WorkEventDecoder decoder, Map<Integer, Long> ends) {
    var source =
        KafkaSource.<Arrival>builder()
            .setBootstrapServers(options.get(JobOptions.BOOTSTRAP_SERVERS))
            .setGroupId(options.get(ScoringJobOptions.GROUP))
            // without a savepoint state is empty, so it is rebuilt from the first event on
            .setStartingOffsets(OffsetsInitializer.earliest())
            .setProperty("partition.discovery.interval.ms", "30000")
            .setProperty("isolation.level", "read_committed") // what a producer took back never was
            // partitions take turns so short that none runs far ahead of the others
            .setProperty("max.partition.fetch.bytes", "32768")
            .setProperty("max.poll.records", Integer.toString(BackfillWatermarks.POLL))
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
