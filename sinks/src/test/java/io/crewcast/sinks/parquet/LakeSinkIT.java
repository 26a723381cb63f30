package io.crewcast.sinks.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.Contribution;
import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.DeadLetterReason;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureSchema.Column;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.LabelOutcome;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.TimeEntry;
import io.crewcast.schemas.TrainingExample;
import io.crewcast.schemas.ValueType;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.schemas.stream.Arrival;
import io.crewcast.schemas.stream.RawRecord;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.core.fs.Path;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LakeSinkIT {

  private static final Instant AS_OF = Instant.parse("2026-03-02T16:30:00.123456Z");
  private static final FeatureSchema WORKER =
      new FeatureSchema(
          EntityType.WORKER,
          "a worker",
          List.of(
              new Column("hours_7d", ValueType.DOUBLE, "hours"),
              new Column("open_tasks", ValueType.LONG, "tasks"),
              new Column("last_entry_at", ValueType.INSTANT, "newest entry"),
              new Column("skills", ValueType.STRINGS, "skills")));
  private static final List<Column> INPUTS =
      List.of(
          new Column("worker.hours_7d", ValueType.DOUBLE, "hours"),
          new Column("task.phase", ValueType.STRING, "phase"),
          new Column("worker.last_entry_at", ValueType.INSTANT, "newest entry"));

  @TempDir private java.nio.file.Path lake;

  @Test
  void duckDbReadsEventsWithTheirPlaceInTheTopic() throws Exception {
    write(LakeTables.workEvents(), new AvroTypeInfo<>(Arrival.class), List.of(arrival()));

    assertThat(
            query(
                "select kind, time_entry.minutes, task is null, kafka_partition, kafka_offset,"
                    + " epoch_us(recorded_at), typeof(recorded_at), date from %s",
                "work_events"))
        .containsExactly(
            "[time_entry, 480, true, 3, 42, 1772469000123456, TIMESTAMP WITH TIME ZONE, 2026-03-02]");
  }

  @Test
  void duckDbReadsFeaturesAsOneTypedColumnEach() throws Exception {
    write(
        LakeTables.features(WORKER),
        new AvroTypeInfo<>(FeatureVector.class),
        List.of(
            vector("w-1", Arrays.asList(12.5, 3L, 1_772_469_000_123_456L, List.of("weld", "lift"))),
            vector("w-2", Arrays.asList(null, null, null, null))));

    assertThat(
            query(
                "select worker_id, hours_7d, open_tasks, epoch_us(last_entry_at), skills[2] from %s"
                    + " order by 1",
                "worker_features"))
        .containsExactly("[w-1, 12.5, 3, 1772469000123456, lift]", "[w-2, null, null, null, null]");
  }

  @Test
  void duckDbReadsInputsAsOneTypedColumnEach() throws Exception {
    List<Object> inputs = Arrays.asList(12.5, null, 1_772_469_000_123_456L);
    write(
        LakeTables.predictions(Map.of("overrun", INPUTS)),
        new AvroTypeInfo<>(Prediction.class),
        List.of(prediction(inputs)));
    write(
        LakeTables.trainingExamples(Map.of("overrun", INPUTS)),
        new AvroTypeInfo<>(TrainingExample.class),
        List.of(example(inputs)));

    assertThat(
            query(
                "select worker_hours_7d, task_phase, epoch_us(worker_last_entry_at),"
                    + " outputs['score'], contributions[1].feature, contributions[1].text, role"
                    + " from %s",
                "predictions"))
        .containsExactly("[12.5, null, 1772469000123456, 0.25, task.phase, design, CHAMPION]");
    assertThat(
            query(
                "select worker_hours_7d, task_phase, label, outcome from %s", "training_examples"))
        .containsExactly("[12.5, null, 1.0, LABELLED]");
  }

  @Test
  void duckDbReadsATopicsOwnRecords() throws Exception {
    write(
        LakeTable.of(Topic.DEAD_LETTERS, "appended_at"),
        new AvroTypeInfo<>(DeadLetter.class),
        List.of(
            DeadLetter.newBuilder()
                .setTopic("work-events")
                .setPartition(1)
                .setOffset(2)
                .setValue(ByteBuffer.wrap(new byte[] {7, 8}))
                .setReason(DeadLetterReason.NOT_AVRO)
                .setDetail("not Avro")
                .setAppendedAt(AS_OF)
                .build()));

    assertThat(query("select reason, octet_length(value), date from %s", "dead_letters"))
        .containsExactly("[NOT_AVRO, 2, 2026-03-02]");
  }

  @Test
  void makesOneCompressedFileADayAndLeavesNothingElse() throws Exception {
    List<FeatureVector> vectors = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      FeatureVector vector = vector("w-" + i, Arrays.asList(1.0 * i, null, null, null));
      vector.setAsOf(AS_OF.plus(Duration.ofDays(i % 3)));
      vectors.add(vector);
    }
    write(LakeTables.features(WORKER), new AvroTypeInfo<>(FeatureVector.class), vectors);

    try (var walk = Files.walk(lake)) {
      List<String> files =
          walk.filter(Files::isRegularFile)
              .map(file -> lake.relativize(file.getParent()).toString())
              .filter(folder -> !folder.endsWith(".crc"))
              .sorted()
              .toList();
      assertThat(files)
          .containsExactly(
              "worker_features/date=2026-03-02",
              "worker_features/date=2026-03-03",
              "worker_features/date=2026-03-04");
    }
    assertThat(query("select count(*), sum(hours_7d) from %s", "worker_features"))
        .containsExactly("[300, 44850.0]");
    assertThat(
            queryFiles(
                "select distinct compression from parquet_metadata('%s')", "worker_features"))
        .containsExactly("[ZSTD]");
  }

  @Test
  void countsEveryRowOnceWhenTheJobFailsBetweenCheckpoints() throws Exception {
    Configuration config = new Configuration();
    config.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(50));
    config.setString("restart-strategy.type", "fixed-delay");
    config.setString("restart-strategy.fixed-delay.attempts", "10");
    config.setString("restart-strategy.fixed-delay.delay", "10 ms");
    var env = StreamExecutionEnvironment.getExecutionEnvironment(config);
    env.setParallelism(2);
    int rows = 4_000;
    GeneratorFunction<Long, FeatureVector> vectors =
        i -> {
          FeatureVector vector = vector("w-" + i, Arrays.asList(1.0, i, null, null));
          vector.setAsOf(AS_OF.plus(Duration.ofDays(i % 7)));
          return vector;
        };
    env.fromSource(
            new DataGeneratorSource<>(
                vectors,
                rows,
                RateLimiterStrategy.perSecond(2_000),
                new AvroTypeInfo<>(FeatureVector.class)),
            WatermarkStrategy.noWatermarks(),
            "vectors")
        .map(new FailTwice())
        .returns(new AvroTypeInfo<>(FeatureVector.class))
        .sinkTo(
            new LakeSink<>(
                new Path(lake.toUri()), LakeTables.features(WORKER), Duration.ofMillis(300)))
        .uid("lake");

    env.execute();

    assertThat(FailTwice.FAILURES.get()).isEqualTo(2);
    assertThat(
            query(
                "select count(*), count(distinct worker_id), count(distinct filename) > 7 from %s",
                "worker_features"))
        .containsExactly("[4000, 4000, true]");
  }

  /** Fails when a third and when two thirds of the rows have passed. */
  private static final class FailTwice
      implements org.apache.flink.api.common.functions.MapFunction<FeatureVector, FeatureVector> {
    static final java.util.concurrent.atomic.AtomicInteger FAILURES =
        new java.util.concurrent.atomic.AtomicInteger();
    static final java.util.concurrent.atomic.AtomicInteger SEEN =
        new java.util.concurrent.atomic.AtomicInteger();

    @Override
    public FeatureVector map(FeatureVector vector) {
      int seen = SEEN.incrementAndGet();
      int failures = FAILURES.get();
      if (failures < 2
          && seen > 1_300 * (failures + 1)
          && FAILURES.compareAndSet(failures, failures + 1)) {
        throw new IllegalStateException("as the test asks");
      }
      return vector;
    }
  }

  private <T> void write(LakeTable<T> table, TypeInformation<T> type, List<T> records)
      throws Exception {
    Configuration strict = new Configuration();
    strict.set(PipelineOptions.GENERIC_TYPES, false);
    var env = StreamExecutionEnvironment.getExecutionEnvironment(strict);
    env.setParallelism(2);
    env.fromData(records, type)
        .rebalance() // both writers get rows of every day
        .sinkTo(new LakeSink<>(new Path(lake.toUri()), table, Duration.ofMinutes(10)))
        .uid("lake");
    env.execute();
  }

  /** Rows of a query in which %s stands for the table. */
  private List<String> query(String sql, String table) throws SQLException {
    return queryFiles(
        sql.replace("%s", "read_parquet('%s', hive_partitioning = true, filename = true)"), table);
  }

  /** Rows of a query in which %s stands for the pattern of the table's files. */
  private List<String> queryFiles(String sql, String table) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (var duckDb = DriverManager.getConnection("jdbc:duckdb:");
        var statement = duckDb.createStatement();
        ResultSet result =
            statement.executeQuery(sql.replace("%s", lake + "/" + table + "/**/*.parquet"))) {
      int columns = result.getMetaData().getColumnCount();
      while (result.next()) {
        List<String> row = new ArrayList<>();
        for (int i = 1; i <= columns; i++) {
          row.add(String.valueOf(result.getObject(i)));
        }
        rows.add(row.toString());
      }
    }
    return rows;
  }

  private static Arrival arrival() {
    Arrival arrival = new Arrival();
    arrival.setRaw(
        RawRecord.newBuilder()
            .setTopic("work-events")
            .setPartition(3)
            .setOffset(42)
            .setAppendedAt(AS_OF.plusSeconds(5))
            .build());
    arrival.setEvent(
        WorkEvent.newBuilder()
            .setEventId("e-1")
            .setCompanyId("acme")
            .setOccurredAt(AS_OF)
            .setRecordedAt(AS_OF)
            .setPayload(
                TimeEntry.newBuilder()
                    .setTimeEntryId("te-1")
                    .setWorkerId("w-1")
                    .setProjectId("p-1")
                    .setMinutes(480)
                    .build())
            .build());
    return arrival;
  }

  private static FeatureVector vector(String workerId, List<Object> values) {
    return FeatureVector.newBuilder()
        .setEntity(EntityType.WORKER)
        .setCompanyId("acme")
        .setEntityId(workerId)
        .setAsOf(AS_OF)
        .setSequence(1)
        .setValues(values)
        .build();
  }

  private static Prediction prediction(List<Object> inputs) {
    return Prediction.newBuilder()
        .setPredictionId("p")
        .setCompanyId("acme")
        .setEntity("task")
        .setEntityId("t-1")
        .setEventId("e-1")
        .setTrigger("task")
        .setModel("overrun")
        .setModelVersion(1)
        .setRole(PredictionRole.CHAMPION)
        .setOutputs(Map.of("score", 0.25))
        .setInputs(inputs)
        .setContributions(
            List.of(
                Contribution.newBuilder()
                    .setFeature("task.phase")
                    .setValue("design")
                    .setContribution(0.5)
                    .build()))
        .setAsOf(AS_OF)
        .setScoredAt(AS_OF)
        .build();
  }

  private static TrainingExample example(List<Object> inputs) {
    return TrainingExample.newBuilder()
        .setPredictionId("p")
        .setCompanyId("acme")
        .setModel("overrun")
        .setEntity("task")
        .setEntityId("t-1")
        .setEventId("e-1")
        .setAsOf(AS_OF)
        .setInputs(inputs)
        .setOutcome(LabelOutcome.LABELLED)
        .setLabel(1.0)
        .build();
  }
}
