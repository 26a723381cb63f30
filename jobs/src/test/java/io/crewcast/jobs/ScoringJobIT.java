package io.crewcast.jobs;

import static io.crewcast.jobs.BoundedEvents.NOON;
import static io.crewcast.jobs.BoundedEvents.arrival;
import static io.crewcast.jobs.BoundedEvents.collect;
import static io.crewcast.jobs.BoundedEvents.event;
import static io.crewcast.jobs.BoundedEvents.list;
import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.features.definition.Definitions;
import io.crewcast.features.ledger.FactLedger;
import io.crewcast.jobs.ScoringJobSources.History;
import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.DeadLetterReason;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.LabelOutcome;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.TimeEntry;
import io.crewcast.schemas.TrainingExample;
import io.crewcast.schemas.ValueType;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.Arrival;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelManifest;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.operator.ServingOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class ScoringJobIT {

  private static final Path CONF = Path.of("../flink-conf");
  private static final List<String> IDS =
      List.of("ann", "bob", "bridge", "crew", "task-1", "ann/bridge", "bob/tunnel", "bob/bridge");

  private static final InMemoryReporter METRICS = InMemoryReporter.createWithRetainedMetrics();

  @RegisterExtension
  static final MiniClusterExtension FLINK =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setConfiguration(METRICS.addToConfiguration(new Configuration()))
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(2)
              .build());

  @TempDir private Path versions;
  private final List<Arrival> arrivals = history();
  private ServingOptions serving =
      new ServingOptions(null, Map.of(), Map.of(), null, false, List.of());
  private final Definitions definitions;
  private final List<ModelSpec> models;

  ScoringJobIT() throws Exception {
    definitions = Definitions.load(CONF);
    models =
        List.of(ModelSpec.load(CONF.resolve("models/task_overrun.yaml"), definitions.schemas()));
  }

  private record Output(
      Map<EntityType, List<FeatureVector>> features,
      List<Prediction> predictions,
      List<TrainingExample> examples,
      List<DeadLetter> deadLetters) {}

  /** What happens to work on a real platform, one of each. */
  private static List<Arrival> history() {
    WorkEvent original = entry("e1", 0, "entry-1", "ann", "bridge", "task-1", 30);
    WorkEvent voidable = entry("e4", 40, "entry-4", "ann", "bridge", "task-1", 500);
    WorkEvent itsVoid = entry("e4-void", 50, "entry-4", "ann", "bridge", "task-1", 500);
    itsVoid.setVoided(true);
    List<Arrival> arrivals = new ArrayList<>();
    for (WorkEvent event :
        List.of(
            task("t1", 0, "task-1", TaskStatus.STARTED, "ann"),
            original,
            original, // a repeat
            itsVoid,
            voidable, // its void came first
            entry("e2", 20, "entry-2", "ann", "bridge", "task-1", 60),
            entry("e2-moved", 60, "entry-2", "bob", "tunnel", "task-9", 60),
            entry("e3", 65, "entry-3", "ann", "bridge", "task-1", 50),
            task("t2", 70, "task-1", TaskStatus.COMPLETED, "ann"),
            task("u1", 80, "task-2", TaskStatus.STARTED, "ann"),
            task("u2", 90, "task-2", TaskStatus.STARTED, "bob"), // reassigned
            task("v1", 95, "task-3", TaskStatus.CREATED, null))) {
      arrivals.add(arrival(event));
    }
    arrivals.add(
        new Arrival(
            arrival(original).getRaw(),
            null,
            new DeadLetter(
                "work-events", 0, 99L, null, null, DeadLetterReason.NOT_AVRO, "x", null, NOON)));
    return arrivals;
  }

  @Test
  void leavesTheOldEntityAsIfAMovedEntryHadNeverBeenThere() throws Exception {
    Output output = run("live", 1);

    assertThat(last(output, EntityType.WORKER, "ann", "hours_total")).isEqualTo(80 / 60.0);
    assertThat(last(output, EntityType.WORKER, "bob", "hours_total")).isEqualTo(1.0);
    assertThat(last(output, EntityType.WORKER, "ann", "open_tasks")).isEqualTo(0L);
    assertThat(last(output, EntityType.WORKER, "bob", "open_tasks")).isEqualTo(1L);
    assertThat(last(output, EntityType.TASK, "task-1", "logged_minutes")).isEqualTo(80L);
    assertThat(last(output, EntityType.TASK, "task-9", "logged_minutes")).isEqualTo(60L);
    assertThat(last(output, EntityType.PROJECT, "bridge", "hours_total")).isEqualTo(80 / 60.0);
    assertThat(last(output, EntityType.PROJECT, "tunnel", "worker_count_30d")).isEqualTo(1L);
    assertThat(last(output, EntityType.WORKER, "ann", "overrun_rate_365d")).isEqualTo(1.0);
    assertThat(last(output, EntityType.WORKER_PROJECT, "ann/bridge", "hours_30d"))
        .isEqualTo(80 / 60.0);
    assertThat(last(output, EntityType.WORKER_PROJECT, "bob/tunnel", "hours_30d")).isEqualTo(1.0);
    assertThat(last(output, EntityType.WORKER_PROJECT, "bob/bridge", "open_tasks")).isEqualTo(1L);
    assertThat(last(output, EntityType.WORKER_PROJECT, "ann/bridge", "tasks_finished_365d"))
        .isEqualTo(1L);
    assertThat(output.deadLetters()).hasSize(1);
  }

  @Test
  void scoresAStartOnceAndLabelsItWhenTheTaskEnds() throws Exception {
    Output output = run("live", 1);

    assertThat(output.predictions())
        .extracting(Prediction::getEntityId)
        .containsExactlyInAnyOrder("task-1", "task-2");
    assertThat(output.predictions())
        .allSatisfy(
            prediction -> {
              assertThat(prediction.getRole()).isEqualTo(PredictionRole.FALLBACK);
              assertThat(prediction.getOutputs()).containsKey("score");
            });
    assertThat(output.examples())
        .singleElement()
        .satisfies(
            example -> {
              assertThat(example.getEntityId()).isEqualTo("task-1");
              assertThat(example.getOutcome()).isEqualTo(LabelOutcome.LABELLED);
              assertThat(example.getLabel()).isEqualTo(1.0);
            });
  }

  @Test
  void endsABackfillWithTheValuesOfTheLiveJob() throws Exception {
    Output live = run("live", 1);
    Output backfill = run("backfill", 2);

    definitions
        .schemas()
        .forEach(
            (entity, schema) ->
                schema.columns().stream()
                    .filter(column -> !splits(column.name()))
                    .forEach(
                        column -> {
                          for (String id : IDS) {
                            assertThat(last(backfill, entity, id, column.name()))
                                .as("%s %s %s", entity, id, column.name())
                                .isEqualTo(last(live, entity, id, column.name()));
                          }
                        }));
  }

  @Test
  void scoresAnEventTheSameLiveAndInABackfill() throws Exception {
    publish();
    // what arrives in another order than it was recorded in is scored by what was known
    arrivals.sort(
        Comparator.comparing(Arrival::getEvent, Comparator.nullsLast(FactLedger.BY_KNOWLEDGE)));
    Output live = run("live", 1);
    Output backfill = run("backfill", 2);

    assertThat(live.predictions())
        .hasSize(2)
        .allSatisfy(
            prediction -> assertThat(prediction.getRole()).isEqualTo(PredictionRole.CHAMPION));
    assertThat(answers(backfill)).isEqualTo(answers(live));
    assertThat(backfill.examples())
        .singleElement()
        .satisfies(
            example -> {
              Answer scored = answers(live).get(example.getPredictionId());
              assertThat(example.getInputs()).isEqualTo(scored.inputs());
              assertThat(example.getScore()).isEqualTo(scored.outputs().get("score"));
            });
  }

  /** What a prediction was made of and what it says: doubles are compared by their bits. */
  private record Answer(List<Object> inputs, Map<String, Double> outputs, Instant asOf) {}

  private static Map<String, Answer> answers(Output output) {
    Map<String, Answer> answers = new HashMap<>();
    for (Prediction prediction : output.predictions()) {
      answers.put(
          prediction.getPredictionId(),
          new Answer(prediction.getInputs(), prediction.getOutputs(), prediction.getAsOf()));
    }
    return answers;
  }

  /** A version whose trees ask for many of the inputs. */
  private void publish() throws Exception {
    ModelSpec spec = models.get(0);
    int width = spec.inputs().size();
    int count = 500;
    SplittableRandom random = new SplittableRandom(9);
    float[] rows = new float[count * width];
    float[] labels = new float[count];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = random.nextInt(4) == 0 ? Float.NaN : (float) random.nextDouble(3);
    }
    for (int i = 0; i < count; i++) {
      labels[i] = random.nextInt(2);
    }
    DMatrix matrix = new DMatrix(rows, count, width, Float.NaN);
    matrix.setLabel(labels);
    Booster booster =
        XGBoost.train(
            matrix,
            Map.of("objective", "binary:logistic", "max_depth", 6, "nthread", 1),
            20,
            Map.of(),
            null,
            null);
    List<ModelManifest.Input> inputs =
        spec.inputs().stream()
            .map(
                input ->
                    new ModelManifest.Input(
                        input.name(),
                        input.type() == ValueType.STRING ? "string" : "double",
                        input.type() == ValueType.STRING ? List.of("code", "design") : null))
            .toList();
    new ModelDirectory(versions)
        .publish(
            new ModelManifest(
                spec.name(),
                1,
                "binary:logistic",
                inputs,
                List.of("score"),
                null,
                Map.of(),
                Map.of(),
                20,
                "xgboost4j",
                Map.of(),
                null,
                null),
            Map.of(ModelDirectory.TREES, booster.toByteArray("ubj")));
    booster.dispose();
    matrix.dispose();
    serving =
        new ServingOptions(
            versions.toString(), Map.of(spec.name(), 1), Map.of(), null, false, List.of());
  }

  /** A split column shows the share of the row's event, and the last events may differ. */
  private boolean splits(String column) {
    return definitions.entities().stream()
        .flatMap(entity -> entity.features().stream())
        .anyMatch(feature -> feature.isSplit() && column.startsWith(feature.name()));
  }

  @Test
  void everyOperatorHasAUidAndNoTypeFallsBackToKryo() {
    var strict = new Configuration();
    strict.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
    strict.set(PipelineOptions.GENERIC_TYPES, false);
    var env = StreamExecutionEnvironment.getExecutionEnvironment(strict);
    var streams = define(env, "live");
    streams.features().forEach((entity, stream) -> discard(stream, entity + "-sink"));
    discard(streams.predictions(), "predictions-sink");
    discard(streams.rankings(), "rankings-sink");
    discard(streams.trainingExamples(), "examples-sink");
    discard(streams.deadLetters(), "dead-letters-sink");
    discard(ScoringJob.alerts(streams, definitions), "alerts-sink");

    // building the job graph is what checks both
    assertThat(env.getStreamGraph().getJobGraph().getNumberOfVertices()).isPositive();
  }

  @Test
  void tellsTheFreshnessOfEachFeatureOnceOverAllTasks() throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(2);
    discard(ScoringJob.alerts(define(env, "live"), definitions), "alerts-sink");
    env.execute();

    long features =
        definitions.entities().stream().mapToLong(entity -> entity.features().size()).sum();
    assertThat(METRICS.getMetricsByGroup().entrySet())
        .filteredOn(of -> of.getValue().containsKey("newestFactAgeSeconds"))
        .hasSize((int) features)
        .extracting(of -> of.getKey().getAllVariables())
        .anySatisfy(
            of ->
                assertThat(of)
                    .containsEntry("<operator_name>", "freshness")
                    .containsEntry("<entity>", "worker")
                    .containsEntry("<feature>", "hours"));
  }

  private static <T> void discard(DataStream<T> stream, String uid) {
    stream.sinkTo(new DiscardingSink<>()).uid(uid);
  }

  private ScoringJob.Streams define(StreamExecutionEnvironment env, String mode) {
    Configuration options =
        ScoringJobOptions.parse(
            new String[] {
              "--bootstrap-servers", "none:1", "--registry", "http://none", "--mode", mode
            });
    Instant longAgo = NOON.minus(Duration.ofDays(400));
    return ScoringJob.define(
        new History(BoundedEvents.stream(env, options, arrivals), longAgo, null),
        definitions,
        models,
        options,
        serving,
        null);
  }

  private Output run(String mode, int parallelism) throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(parallelism);
    var streams = define(env, mode);
    Map<EntityType, DataStream.Collector<FeatureVector>> features = new EnumMap<>(EntityType.class);
    streams.features().forEach((entity, stream) -> features.put(entity, collect(stream)));
    var predictions = collect(streams.predictions());
    var examples = collect(streams.trainingExamples());
    var deadLetters = collect(streams.deadLetters());
    env.executeAsync();
    Map<EntityType, List<FeatureVector>> vectors = new EnumMap<>(EntityType.class);
    features.forEach((entity, collector) -> vectors.put(entity, list(collector)));
    return new Output(vectors, list(predictions), list(examples), list(deadLetters));
  }

  private Object last(Output output, EntityType entity, String id, String column) {
    FeatureVector newest = null;
    for (FeatureVector vector : output.features().get(entity)) {
      if (vector.getEntityId().equals(id)
          && (newest == null || vector.getSequence() > newest.getSequence())) {
        newest = vector;
      }
    }
    return newest == null
        ? null
        : newest.getValues().get(definitions.schemas().get(entity).indexOf(column));
  }

  private static WorkEvent entry(
      String eventId, long minute, String id, String worker, String project, String task, long n) {
    return event(
        eventId,
        minute,
        new TimeEntry(id, worker, project, "crew", task, n, 0L, 0L, null, "code", null));
  }

  private static WorkEvent task(
      String eventId, long minute, String id, TaskStatus status, String worker) {
    return event(
        eventId,
        minute,
        Task.newBuilder()
            .setTaskId(id)
            .setStatus(status)
            .setProjectId("bridge")
            .setWorkerId(worker)
            .setCrewId("crew")
            .setPlannedMinutes(60.0)
            .setPhase("code")
            .build());
  }
}
