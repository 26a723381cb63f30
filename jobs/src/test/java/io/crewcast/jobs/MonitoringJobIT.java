package io.crewcast.jobs;

import static io.crewcast.jobs.BoundedEvents.collect;
import static io.crewcast.jobs.BoundedEvents.list;
import static io.crewcast.schemas.DeadLetterReason.CORRUPT_PAYLOAD;
import static io.crewcast.schemas.DeadLetterReason.UNCORRECTABLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crewcast.features.definition.Definitions;
import io.crewcast.schemas.Alert;
import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.DeadLetterReason;
import io.crewcast.schemas.DriftReference;
import io.crewcast.schemas.DriftStatistics;
import io.crewcast.schemas.LabelOutcome;
import io.crewcast.schemas.ModelPerformance;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.TrainingExample;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.Worker;
import io.crewcast.schemas.WorkerStatus;
import io.crewcast.schemas.serde.DeadLetters;
import io.crewcast.schemas.serde.ReceivedDecoder;
import io.crewcast.schemas.stream.Arrival;
import io.crewcast.schemas.stream.RawRecord;
import io.crewcast.schemas.stream.Received;
import io.crewcast.scoring.fixture.PublishedModels;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.Profile;
import io.crewcast.scoring.model.Reference;
import io.crewcast.scoring.statistics.RankingGain;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class MonitoringJobIT {

  @RegisterExtension
  static final MiniClusterExtension FLINK =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(4)
              .build());

  private static final Instant MONDAY = Instant.parse("2026-03-02T00:00:00Z");
  private static final Duration LATENESS = Duration.ofMinutes(30);
  private static final int DAYS = 6;
  private static final int WORKERS = 250;

  /** From this day on workers log more hours. */
  private static final int CHANGED = 4;

  /** The first working day at eight, three weeks before. */
  private static final Instant STREAM = Instant.parse("2026-02-09T08:00:00Z");

  /** The day of the stream's fourth week on which nothing comes from bolt, at eight. */
  private static final Instant SILENCE = Instant.parse("2026-03-04T08:00:00Z");

  @TempDir private Path directory;
  private ModelSpec spec;
  private ModelSpec who;

  private record Output(
      List<DriftStatistics> drift, List<ModelPerformance> performance, List<Alert> alerts) {}

  @BeforeEach
  void publishAVersion() throws Exception {
    Path file = directory.resolve("late_task.yaml");
    Files.writeString(
        file,
        """
        model: late_task
        about: For a test
        scores: task
        trigger: {from: task, when: status == "STARTED"}
        label: {positive: task.logged_minutes > 60.0, negative: task.status == "COMPLETED", within: 2d}
        inputs:
          task: [planned_minutes, phase]
          worker: [hours_7d]
          derived: {weekday: weekday(occurred_at)}
        train: {objective: "binary:logistic", split: {train: 70%, validate: 15%, test: 15%}}
        serve: {fallback: [0.25]}
        gate: {metric: auc, segments: [phase]}
        monitor: {drift: [12h, 1d], by: company}
        """);
    spec = ModelSpec.load(file, Definitions.load(Path.of("../flink-conf")).schemas());
    Path ranking = directory.resolve("who.yaml");
    Files.writeString(
        ranking,
        """
        model: who
        about: For a test
        scores: worker
        trigger: {from: task, when: status == "STARTED"}
        label: {grade: {effort: {weight: 1.0, is: task.planned_minutes / task.logged_minutes}}, when: task.status == "COMPLETED", within: 2d, of: task}
        inputs: {task: [phase], worker: [hours_7d]}
        train: {objective: "rank:ndcg", group: [company_id, task.phase], period: 2d, split: {train: 70%, validate: 15%, test: 15%}}
        serve: {fallback: [worker.hours_7d, 30.0]}
        """);
    who = ModelSpec.load(ranking, Definitions.load(Path.of("../flink-conf")).schemas());
    Random random = new Random(1);
    double[] planned = random.doubles(5_000).map(x -> 30 + 400 * x).toArray();
    double[] hours = gaussian(random, 5_000, 30);
    List<String> phases = Stream.generate(() -> phase(random)).limit(5_000).toList();
    Map<String, Profile> inputs = new LinkedHashMap<>();
    inputs.put("task.planned_minutes", Profile.ofNumbers(planned, 5_000));
    inputs.put("task.phase", Profile.ofTexts(new ArrayList<>(phases), 5_000));
    inputs.put("worker.hours_7d", Profile.ofNumbers(hours, 5_000));
    inputs.put(
        "derived.weekday",
        Profile.ofNumbers(IntStream.range(0, 5_000).mapToDouble(i -> 1 + i % 7).toArray(), 5_000));
    double[] scores = random.doubles(5_000).map(x -> 0.1 + 0.5 * x).toArray();
    double[] labels = Arrays.stream(scores).map(p -> random.nextDouble() < p ? 1 : 0).toArray();
    new ModelDirectory(directory.resolve("models"))
        .publish(
            PublishedModels.manifest(spec, 1, List.of("score")),
            Map.of(
                ModelDirectory.TREES,
                new byte[] {1},
                ModelDirectory.REFERENCE,
                new Reference(
                        inputs,
                        Map.of("score", Profile.ofNumbers(scores, 5_000)),
                        Profile.ofNumbers(labels, 5_000),
                        Map.of("PT12H", inputs),
                        List.of())
                    .bytes()));
  }

  private static double[] gaussian(Random random, int count, double mean) {
    double[] values = new double[count];
    Arrays.setAll(values, i -> mean + 8 * random.nextGaussian());
    return values;
  }

  private static String phase(Random random) {
    return List.of("build", "test", "plan").get(random.nextInt(3));
  }

  /** Each worker starts some tasks a day, and has logged a little more or less by each. */
  private List<Received> history() {
    List<Received> history = new ArrayList<>();
    Random random = new Random(2);
    for (int day = 0; day < DAYS; day++) {
      for (int worker = 0; worker < WORKERS; worker++) {
        double hours = 30 + 8 * random.nextGaussian() + (day >= CHANGED ? 8 : 0);
        int tasks = 1 + random.nextInt(8);
        for (int task = 0; task < tasks; task++) {
          Instant at =
              MONDAY
                  .plus(Duration.ofDays(day))
                  .plusMillis(random.nextInt((int) Duration.ofDays(1).toMillis()));
          Prediction prediction = prediction(day, worker, task, at, hours, random);
          history.add(new Received(prediction, null));
          if (random.nextInt(10) > 0) {
            history.add(new Received(example(prediction, random), null));
          }
        }
      }
    }
    history.addAll(rankings(history));
    history.sort(Comparator.comparing(ReceivedDecoder::timeOf));
    return history;
  }

  /** Who should do each task, and how well it then went with who did it. */
  private static List<Received> rankings(List<Received> history) {
    Random random = new Random(8);
    List<Received> rankings = new ArrayList<>();
    for (Received received : history) {
      if (received.getValue() instanceof Prediction prediction) {
        rankings.add(
            new Received(
                Prediction.newBuilder(prediction)
                    .setPredictionId("who-" + prediction.getPredictionId())
                    .setModel("who")
                    .setModelVersion(0) // whose drift is not told
                    .setInputs(prediction.getInputs().subList(1, 3))
                    .setOutputs(Map.of("score", random.nextInt(20) / 10.0))
                    .build(),
                null));
      } else if (received.getValue() instanceof TrainingExample example) {
        rankings.add(
            new Received(
                TrainingExample.newBuilder(example)
                    .setPredictionId("who-" + example.getPredictionId())
                    .setModel("who")
                    .setModelVersion(0)
                    .setInputs(example.getInputs().subList(1, 3))
                    .setLabel(
                        example.getLabel() == null ? null : (Double) (4 * random.nextDouble()))
                    .build(),
                null));
      }
    }
    return rankings;
  }

  private Prediction prediction(
      int day, int worker, int task, Instant at, double hours, Random random) {
    String id = day + "-" + worker + "-" + task;
    return Prediction.newBuilder()
        .setPredictionId("p-" + id)
        .setCompanyId(worker % 2 == 0 ? "acme" : "bolt")
        .setEntity("task")
        .setEntityId("t-" + id)
        .setEventId("e-" + id)
        .setTrigger("task")
        .setModel("late_task")
        .setModelVersion(1)
        .setRole(random.nextInt(100) == 0 ? PredictionRole.FALLBACK : PredictionRole.CHAMPION)
        .setOutputs(Map.of("score", 0.1 + 0.5 * random.nextDouble()))
        .setInputs(
            Arrays.asList(
                30 + 400 * random.nextDouble(),
                phase(random),
                hours + random.nextGaussian(),
                (long) (day % 7 + 1)))
        .setEntities(Map.of("task", "t-" + id, "worker", "w" + worker))
        .setAsOf(at)
        .setScoredAt(at)
        .setScoreMicros(5L + random.nextInt(20))
        .build();
  }

  private static TrainingExample example(Prediction prediction, Random random) {
    boolean isCensored = random.nextInt(20) == 0;
    return TrainingExample.newBuilder()
        .setPredictionId(prediction.getPredictionId())
        .setCompanyId(prediction.getCompanyId())
        .setModel(prediction.getModel())
        .setEntity(prediction.getEntity())
        .setEntityId(prediction.getEntityId())
        .setEventId(prediction.getEventId())
        .setAsOf(prediction.getAsOf())
        .setInputs(prediction.getInputs())
        .setModelVersion(1)
        .setOutcome(isCensored ? LabelOutcome.CENSORED : LabelOutcome.LABELLED)
        .setLabel(
            isCensored
                ? null
                : (Double) (random.nextDouble() < prediction.getOutputs().get("score") ? 1.0 : 0.0))
        .setLabelledAt(
            isCensored
                ? null
                : prediction.getAsOf().plus(Duration.ofMinutes(random.nextInt(2_880))))
        .build();
  }

  /** Out of order by less than is allowed for. */
  private static List<Received> shuffled(List<Received> history, long seed) {
    Random random = new Random(seed);
    record Placed(long place, Received received) {}
    List<Received> shuffled =
        history.stream()
            .map(
                received ->
                    new Placed(
                        ReceivedDecoder.timeOf(received).toEpochMilli()
                            + random.nextInt((int) LATENESS.toMillis()),
                        received))
            .sorted(Comparator.comparingLong(Placed::place))
            .map(Placed::received)
            .toList();
    return shuffled;
  }

  /**
   * The mornings of working days in three partitions. One record of a hundred cannot be read, one
   * of fifty comes late, and one of forty is refused afterwards: its letter comes twice, before the
   * record or after it. On one day nothing comes from bolt.
   *
   * @param seed of whose turn it is: partitions keep their own order
   */
  private static List<Arrival> events(long seed) {
    record Placed(double place, Arrival arrival) {}
    Random random = new Random(4);
    Random turns = new Random(seed);
    List<Placed> placed = new ArrayList<>();
    for (int i = 0; i < 25 * 120; i++) {
      Instant at = STREAM.plus(Duration.ofDays(i / 120)).plus(Duration.ofMinutes(2L * (i % 120)));
      boolean isWeekend = i / 120 % 7 >= 5;
      List<Integer> partitions = new ArrayList<>(List.of(0, 1, 2));
      Collections.shuffle(partitions, turns);
      for (int partition = 0; partition < 3 && !isWeekend; partition++) {
        String company = random.nextBoolean() || isSilent(at) ? "acme" : "bolt";
        RawRecord raw = new RawRecord("work-events", partition, (long) i, at, null, null);
        double place = i + partitions.indexOf(partition) / 4.0;
        boolean isEarly = i % 120 < 20;
        if (random.nextInt(100) == 0 && !isEarly) {
          placed.add(
              new Placed(place, new Arrival(raw, null, letter(raw, CORRUPT_PAYLOAD, company))));
          continue;
        }
        Instant recordedAt =
            random.nextInt(50) == 0 && !isEarly ? at.minus(LATENESS.multipliedBy(4)) : at;
        WorkEvent event =
            new WorkEvent(
                "e" + i,
                company,
                recordedAt,
                recordedAt,
                "test",
                false,
                Worker.newBuilder().setWorkerId("w").setStatus(WorkerStatus.ACTIVE).build());
        placed.add(new Placed(place, new Arrival(raw, event, null)));
        // a letter is within what may be out of order, which a night is not
        if (random.nextInt(40) == 0 && i % 120 >= 20 && i % 120 < 100) {
          Arrival refused = new Arrival(raw, event, letter(raw, UNCORRECTABLE, company));
          placed.add(new Placed(place - 5 + turns.nextInt(10) + 0.1, refused));
          placed.add(new Placed(place - 5 + turns.nextInt(10) + 0.1, refused));
        }
      }
    }
    return placed.stream()
        .sorted(Comparator.comparingDouble(Placed::place))
        .map(Placed::arrival)
        .toList();
  }

  private static boolean isSilent(Instant at) {
    return at.truncatedTo(ChronoUnit.DAYS).equals(SILENCE.truncatedTo(ChronoUnit.DAYS));
  }

  private static DeadLetter letter(RawRecord raw, DeadLetterReason reason, String company) {
    return DeadLetters.of(raw, reason, "for a test", company);
  }

  private static DataStream<Arrival> watched(StreamExecutionEnvironment env, List<Arrival> events) {
    List<Arrival> serializable = new ArrayList<>(events);
    return env.fromSource(
            new DataGeneratorSource<>(
                index -> serializable.get(index.intValue()),
                events.size(),
                new AvroTypeInfo<>(Arrival.class)),
            WatermarkStrategy.<Arrival>forBoundedOutOfOrderness(LATENESS)
                .withTimestampAssigner(
                    (arrival, previous) ->
                        arrival.getEvent() == null
                            ? Long.MIN_VALUE
                            : arrival.getEvent().getRecordedAt().toEpochMilli()),
            "watched-events")
        .uid("watched-events")
        .setParallelism(1);
  }

  private Output run(
      Function<StreamExecutionEnvironment, DataStream<Received>> history,
      List<Arrival> events,
      int parallelism)
      throws Exception {
    Configuration strict = new Configuration();
    strict.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
    strict.set(PipelineOptions.GENERIC_TYPES, false);
    var env = StreamExecutionEnvironment.getExecutionEnvironment(strict);
    env.setParallelism(parallelism);
    Configuration options = new Configuration();
    options.set(MonitoringJobOptions.MODELS, directory.resolve("models").toString());
    options.set(JobOptions.OUT_OF_ORDERNESS, LATENESS);
    options.set(MonitoringJobOptions.COMPANIES, List.of("bolt"));
    MonitoringJob.Streams streams =
        MonitoringJob.define(history.apply(env), watched(env, events), List.of(spec, who), options);
    var drift = collect(streams.drift());
    var performance = collect(streams.performance());
    var alerts = collect(streams.alerts());
    env.executeAsync();
    return new Output(list(drift), list(performance), list(alerts));
  }

  private static Set<String> texts(List<?> rows) {
    Set<String> texts = new HashSet<>();
    rows.forEach(row -> assertThat(texts.add(row.toString())).as("twice: %s", row).isTrue());
    return texts;
  }

  @Test
  void tellsTheSameWhateverTheOrderTheNumberOfTasksAndAFailureInBetween() throws Exception {
    List<Received> history = history();
    Output one = run(env -> BoundedEvents.records(env, history, LATENESS), events(5), 1);
    List<Received> shuffled = shuffled(history, 3);
    Output other =
        run(env -> BoundedEvents.recordsAndAFailure(env, shuffled, LATENESS), events(6), 4);
    assertThat(FailOnce.seen())
        .as("read again from a checkpoint on")
        .isGreaterThan(history.size())
        .isLessThan(history.size() * 3 / 2);
    assertThat(texts(other.drift)).isEqualTo(texts(one.drift));
    assertThat(texts(other.performance)).isEqualTo(texts(one.performance));
    assertThat(texts(other.alerts)).isEqualTo(texts(one.alerts));

    countsEachWorkerOnce(one.drift);
    alertsOfTheDriftAlone(one.alerts);
    countsWhatBecameOfAll(one.performance, history);
    ranksEachGroup(one.performance, history);
    countsEachRecordOfTheStreamOnce(one.drift);
    tellsWhoseStreamStandsStill(one);
  }

  /** As it is when all is known, group by group. */
  private void ranksEachGroup(List<ModelPerformance> performance, List<Received> history) {
    Map<String, Prediction> made = new HashMap<>();
    Map<String, List<TrainingExample>> graded = new HashMap<>();
    for (Received received : history) {
      if (received.getValue() instanceof Prediction prediction
          && prediction.getModel().equals("who")
          && prediction.getRole() == PredictionRole.CHAMPION) {
        made.put(prediction.getPredictionId(), prediction);
      }
    }
    for (Received received : history) {
      if (received.getValue() instanceof TrainingExample example
          && made.containsKey(example.getPredictionId())
          && example.getLabel() != null) {
        String group = who.group(example.getCompanyId(), example.getAsOf(), example.getInputs());
        graded.computeIfAbsent(group, name -> new ArrayList<>()).add(example);
      }
    }
    Map<Instant, List<Double>> gains = new HashMap<>();
    graded.forEach(
        (group, examples) ->
            gains
                .computeIfAbsent(period(examples.get(0).getAsOf()), first -> new ArrayList<>())
                .add(
                    RankingGain.ofFirstThree(
                        examples.stream()
                            .map(example -> made.get(example.getPredictionId()))
                            .mapToDouble(prediction -> prediction.getOutputs().get("score"))
                            .toArray(),
                        examples.stream().mapToDouble(TrainingExample::getLabel).toArray())));
    assertThat(gains).hasSizeGreaterThan(2);
    gains.forEach(
        (start, values) -> {
          ModelPerformance last =
              performance.stream()
                  .filter(row -> row.getMetric().equals("ndcg@3") && !row.getProvisional())
                  .filter(row -> row.getWindowStart().equals(start))
                  .reduce((one, other) -> other)
                  .orElseThrow();
          assertThat(last.getGroups()).as("2 companies, 3 phases").isEqualTo(6);
          assertThat(last.getGroups()).isEqualTo(values.size());
          double mean = values.stream().mapToDouble(Double::doubleValue).sum() / values.size();
          assertThat(last.getValue()).isEqualTo(mean, within(1e-12)).isBetween(0.1, 0.9);
        });
    assertThat(performance)
        .filteredOn(row -> row.getModel().equals("who"))
        .extracting(ModelPerformance::getMetric)
        .contains("fallback_share", "latency_p99_micros");
  }

  private static Instant period(Instant asOf) {
    long length = Duration.ofDays(2).toMillis();
    return Instant.ofEpochMilli(Math.floorDiv(asOf.toEpochMilli(), length) * length);
  }

  private static void countsEachRecordOfTheStreamOnce(List<DriftStatistics> drift) {
    Map<Instant, Set<String>> received = new HashMap<>();
    Map<Instant, Set<String>> dead = new HashMap<>();
    Map<Instant, Set<String>> late = new HashMap<>();
    for (Arrival arrival : events(7)) {
      Instant at = arrival.getRaw().getAppendedAt();
      Instant day = at.truncatedTo(ChronoUnit.DAYS);
      String place = arrival.getRaw().getPartition() + "/" + arrival.getRaw().getOffset();
      boolean isRefused = arrival.getFault() != null;
      received.computeIfAbsent(day, first -> new HashSet<>()).add(place);
      dead.computeIfAbsent(day, first -> new HashSet<>())
          .addAll(isRefused ? Set.of(place) : Set.of());
      boolean isLate =
          arrival.getEvent() != null
              && (isRefused || !arrival.getEvent().getRecordedAt().equals(at));
      late.computeIfAbsent(day, first -> new HashSet<>()).addAll(isLate ? Set.of(place) : Set.of());
    }
    assertThat(received).hasSize(19);
    received.forEach(
        (day, records) -> {
          assertThat(ofStream(drift, day, "dead_letter_share").getEntities())
              .isEqualTo(records.size());
          assertThat(ofStream(drift, day, "dead_letter_share").getDriftScore())
              .isEqualTo((double) dead.get(day).size() / records.size())
              .isPositive();
          assertThat(ofStream(drift, day, "late_share").getDriftScore())
              .isEqualTo((double) late.get(day).size() / records.size())
              .isPositive();
        });
    assertThat(dead.values().stream().mapToInt(Set::size).sum()).isGreaterThan(100);
  }

  private static DriftStatistics ofStream(List<DriftStatistics> drift, Instant day, String method) {
    return drift.stream()
        .filter(row -> row.getModel().equals("*") && row.getCompanyId().equals("*"))
        .filter(row -> row.getMethod().equals(method) && hoursOf(row) == 24)
        .filter(row -> row.getWindowStart().equals(day))
        .findFirst()
        .orElseThrow();
  }

  private static void tellsWhoseStreamStandsStill(Output output) {
    assertThat(output.alerts)
        .filteredOn(alert -> alert.getSubject().equals("stream.work-events"))
        .allSatisfy(alert -> assertThat(alert.getCompanyId()).isEqualTo("bolt"))
        .allSatisfy(alert -> assertThat(alert.getMessage()).contains("0 records of work-events"))
        .extracting(Alert::getAsOf)
        .as("after two hours without any, and after two with as many as usual")
        .containsExactlyInAnyOrder(
            SILENCE.plus(Duration.ofHours(2)), SILENCE.plus(Duration.ofHours(26)));
  }

  private static void countsEachWorkerOnce(List<DriftStatistics> drift) {
    List<DriftStatistics> hours =
        drift.stream()
            .filter(row -> row.getFeature().equals("worker.hours_7d"))
            .filter(row -> row.getMethod().equals("psi"))
            .filter(row -> row.getReference() == DriftReference.TRAINING)
            .filter(row -> row.getCompanyId().equals("*"))
            .filter(row -> hoursOf(row) == 24)
            .sorted(Comparator.comparing(DriftStatistics::getWindowStart))
            .toList();
    assertThat(hours).hasSize(DAYS);
    assertThat(hours).allMatch(row -> row.getEntities() == WORKERS);
    assertThat(hours)
        .extracting(DriftStatistics::getDrifted)
        .containsExactly(false, false, false, false, true, true);
    assertThat(hours)
        .allMatch(row -> row.getCurrent().stream().mapToLong(Long::longValue).sum() == WORKERS)
        .allMatch(row -> row.getCells().size() == row.getExpected().size());
    assertThat(drift)
        .filteredOn(row -> row.getFeature().equals("derived.weekday"))
        .as("a window has one weekday, which is no drift and no fault")
        .isEmpty();
  }

  private static long hoursOf(DriftStatistics row) {
    return Duration.between(row.getWindowStart(), row.getWindowEnd()).toHours();
  }

  private static void alertsOfTheDriftAlone(List<Alert> alerts) {
    assertThat(alerts).isNotEmpty();
    assertThat(alerts)
        .filteredOn(alert -> alert.getSubject().equals("model.late_task"))
        .allSatisfy(alert -> assertThat(alert.getMessage()).contains("worker.hours_7d"));
    assertThat(alerts)
        .filteredOn(alert -> !alert.getResolved() && alert.getMessage().contains("training"))
        .extracting(Alert::getAsOf)
        .as("at the end of the first day: the shift is major")
        .contains(MONDAY.plus(Duration.ofDays(CHANGED + 1)));
  }

  private static void countsWhatBecameOfAll(
      List<ModelPerformance> performance, List<Received> history) {
    for (int day = 0; day < DAYS; day++) {
      Instant start = MONDAY.plus(Duration.ofDays(day));
      List<ModelPerformance> rows =
          performance.stream()
              .filter(row -> row.getWindowStart().equals(start) && row.getMetric().equals("brier"))
              .filter(row -> row.getSegment().equals("*") && row.getCompanyId().equals("*"))
              .sorted(Comparator.comparing(ModelPerformance::getAsOf))
              .toList();
      ModelPerformance last = rows.get(rows.size() - 1);
      assertThat(last.getProvisional()).isFalse();
      assertThat(rows.subList(0, rows.size() - 1)).allMatch(ModelPerformance::getProvisional);
      Expected expected = Expected.of(history, start);
      assertThat(last.getPredictions()).isEqualTo(expected.predictions);
      assertThat(last.getLabelled()).isEqualTo(expected.labelled);
      assertThat(last.getCensored()).isEqualTo(expected.censored);
      assertThat(last.getValue()).isEqualTo(expected.brier, within(1e-12));
    }
    assertThat(performance).extracting(ModelPerformance::getSegment).contains("task.phase=build");
  }

  /** Counted anew, without windows. */
  private record Expected(long predictions, long labelled, long censored, double brier) {

    static Expected of(List<Received> history, Instant start) {
      Map<String, Prediction> made = new LinkedHashMap<>();
      history.forEach(
          received -> {
            if (received.getValue() instanceof Prediction prediction
                && prediction.getModel().equals("late_task")
                && !prediction.getAsOf().isBefore(start)
                && prediction.getAsOf().isBefore(start.plus(Duration.ofDays(1)))) {
              made.put(prediction.getPredictionId(), prediction);
            }
          });
      long labelled = 0;
      long censored = 0;
      double squares = 0;
      for (Received received : history) {
        if (received.getValue() instanceof TrainingExample example
            && made.containsKey(example.getPredictionId())) {
          if (example.getLabel() == null) {
            censored++;
          } else {
            labelled++;
            double score = made.get(example.getPredictionId()).getOutputs().get("score");
            squares += (score - example.getLabel()) * (score - example.getLabel());
          }
        }
      }
      return new Expected(made.size(), labelled, censored, squares / labelled);
    }
  }
}
