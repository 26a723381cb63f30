package io.crewcast.jobs;

import static io.crewcast.jobs.BoundedEvents.collect;
import static io.crewcast.jobs.BoundedEvents.list;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crewcast.features.definition.Definitions;
import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.DeadLetterReason;
import io.crewcast.schemas.ExperimentMetrics;
import io.crewcast.schemas.Exposure;
import io.crewcast.schemas.LabelOutcome;
import io.crewcast.schemas.Observation;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.TrainingExample;
import io.crewcast.schemas.serde.ReceivedDecoder;
import io.crewcast.schemas.stream.Received;
import io.crewcast.scoring.experiment.ExperimentSpec;
import io.crewcast.scoring.fixture.HeldRollouts;
import io.crewcast.scoring.fixture.Served;
import io.crewcast.scoring.model.ModelSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The experiment that the repository ships, over ninety days of a bounded stream. */
class ExperimentJobIT {

  private static final Path CONF = Path.of("../flink-conf");
  private static final long SEED = 17;
  private static final int UNITS = 400;
  private static final Duration OUT_OF_ORDERNESS = Duration.ofHours(2);
  private static final Duration SHUFFLED = Duration.ofMinutes(110);
  private static final Comparator<ExperimentMetrics> BY_TIME =
      Comparator.comparing(ExperimentMetrics::getAsOf)
          .thenComparing(ExperimentMetrics::getMetric)
          .thenComparing(ExperimentMetrics::getVariation);

  @RegisterExtension
  static final MiniClusterExtension FLINK =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(4)
              .build());

  private final ModelSpec model;
  private final ExperimentSpec spec;
  private final List<Received> records;

  ExperimentJobIT() throws Exception {
    model =
        ModelSpec.load(CONF.resolve("models/task_overrun.yaml"), Definitions.load(CONF).schemas());
    spec =
        ExperimentSpec.loadAll(CONF.resolve("experiments"), List.of(model)).stream()
            .filter(each -> each.name().equals("overrun_warnings"))
            .findFirst()
            .orElseThrow();
    records = history();
  }

  private record Output(
      List<Exposure> exposures, List<ExperimentMetrics> metrics, List<DeadLetter> deadLetters) {}

  /** Projects that are served, with what becomes of their tasks and what their people do. */
  private List<Received> history() {
    var random = new SplittableRandom(SEED);
    List<Object> values = new ArrayList<>();
    for (int unit = 0; unit < UNITS; unit++) {
      String project = "acme:project-" + unit;
      String variation = random.nextInt(2) == 0 ? "champion" : "challenger";
      double rate = random.nextDouble();
      Instant first = spec.start().plus(Duration.ofSeconds(random.nextLong(30 * 86_400)));
      for (int task = 0; task < 12; task++) {
        String id = "prediction-" + unit + "-" + task;
        Instant at = first.plus(Duration.ofSeconds(random.nextLong(40 * 86_400)));
        boolean isCrossing = unit % 50 == 7 && task == 11;
        values.add(prediction(id, project, isCrossing ? "challenger" : variation, at, rate, false));
        values.add(prediction(id + "-shadow", project, "challenger", at, rate, true));
        double label =
            random.nextDouble() < 0.8 * rate - (variation.equals("champion") ? 0 : 0.1) ? 1 : 0;
        values.add(label(id, at, label, at.plus(Duration.ofSeconds(random.nextLong(20 * 86_400)))));
        values.add(
            new Observation("acme", id, null, null, "shown", 1.0, at.plus(Duration.ofMinutes(5))));
        values.add(
            new Observation(
                "acme",
                id,
                null,
                null,
                "accepted",
                (double) random.nextInt(2),
                at.plus(Duration.ofMinutes(9))));
        values.add(
            new Observation(
                "acme",
                null,
                null,
                project,
                "overridden",
                random.nextDouble(),
                at.plus(Duration.ofMinutes(7))));
      }
    }
    values.add( // time goes on until all are complete
        new Observation(
            "acme", null, null, "acme", "tick", 0.0, spec.start().plus(Duration.ofDays(130))));
    List<Received> history = new ArrayList<>();
    values.forEach(value -> history.add(new Received(value, null)));
    history.add(
        new Received(
            null,
            new DeadLetter(
                "predictions",
                0,
                1L,
                null,
                null,
                DeadLetterReason.NOT_AVRO,
                "x",
                null,
                spec.start())));
    return history;
  }

  private Prediction prediction(
      String id, String unit, String variation, Instant at, double rate, boolean isShadow) {
    List<Object> inputs = new ArrayList<>(Collections.nCopies(model.inputs().size(), null));
    inputs.set(spec.covariate().index(), rate);
    return Served.prediction(id, unit, variation, at)
        .setModelVersion(1)
        .setRole(isShadow ? PredictionRole.SHADOW : PredictionRole.CHAMPION)
        .setExperiment(spec.name())
        .setInputs(inputs)
        .build();
  }

  private TrainingExample label(String id, Instant asOf, double label, Instant at) {
    return TrainingExample.newBuilder()
        .setPredictionId(id)
        .setCompanyId("acme")
        .setModel(model.name())
        .setEntity("task")
        .setEntityId(id)
        .setEventId(id)
        .setAsOf(asOf)
        .setInputs(List.of())
        .setOutcome(LabelOutcome.LABELLED)
        .setLabel(label)
        .setLabelledAt(at)
        .build();
  }

  private static Instant time(Received received) {
    Instant time = ReceivedDecoder.timeOf(received);
    return time == null ? Instant.EPOCH : time;
  }

  /** By time, but for what may be out of order. */
  private List<Received> inOrder(long seed) {
    var random = new SplittableRandom(seed);
    Map<Received, Instant> arrivals = new HashMap<>();
    for (Received record : records) {
      long delay = seed == 0 ? 0 : random.nextLong(SHUFFLED.toMillis());
      arrivals.put(record, time(record).plusMillis(delay));
    }
    List<Received> sorted = new ArrayList<>(records);
    sorted.sort(Comparator.comparing(arrivals::get));
    return sorted;
  }

  private ExperimentJob.Streams define(DataStream<Received> received) {
    Instant newest =
        records.stream().map(ExperimentJobIT::time).max(Comparator.naturalOrder()).get();
    return ExperimentJob.define(received, List.of(spec), new HeldRollouts(), newest);
  }

  private Output run(int parallelism, List<Received> input) throws Exception {
    return run(parallelism, env -> BoundedEvents.records(env, input, OUT_OF_ORDERNESS));
  }

  private Output run(
      int parallelism, Function<StreamExecutionEnvironment, DataStream<Received>> input)
      throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(parallelism);
    ExperimentJob.Streams streams = define(input.apply(env));
    var exposures = collect(streams.exposures());
    var metrics = collect(streams.metrics());
    var deadLetters = collect(streams.deadLetters());
    env.executeAsync();
    List<ExperimentMetrics> rows = list(metrics);
    rows.sort(BY_TIME);
    return new Output(list(exposures), rows, list(deadLetters));
  }

  @Test
  void tellsTheSameToTheLastBitWhateverTheParallelismTheOrderOfArrivalAndAFailureInBetween()
      throws Exception {
    Output one = run(1, inOrder(0));
    List<Received> other = inOrder(1);
    Output four = run(4, env -> BoundedEvents.recordsAndAFailure(env, other, OUT_OF_ORDERNESS));
    assertThat(FailOnce.seen())
        .as("read again from a checkpoint on")
        .isGreaterThan(other.size())
        .isLessThan(other.size() * 3 / 2);
    Output shuffled = run(1, inOrder(2));

    assertThat(one.metrics()).hasSizeGreaterThan(1_000);
    assertThat(four.metrics()).isEqualTo(one.metrics());
    assertThat(shuffled.metrics()).isEqualTo(one.metrics());
    assertThat(one.exposures()).hasSize(UNITS);
    assertThat(four.exposures()).containsExactlyInAnyOrderElementsOf(one.exposures());
    assertThat(one.deadLetters()).hasSize(1);
  }

  @Test
  void comparesWhatAReaderOfTheTopicsWouldCompute() throws Exception {
    Output output = run(4, inOrder(3));
    Map<String, Exposure> exposed = new HashMap<>();
    output.exposures().forEach(exposure -> exposed.put(exposure.getUnitId(), exposure));
    Map<String, Prediction> served = new HashMap<>();
    Set<String> crossed = new HashSet<>();
    for (Received record : records) {
      if (record.getValue() instanceof Prediction prediction
          && prediction.getRole() != PredictionRole.SHADOW
          && spec.runsAt(prediction.getAsOf())) {
        served.put(prediction.getPredictionId(), prediction);
        if (!prediction.getVariation().equals(exposed.get(prediction.getUnitId()).getVariation())) {
          crossed.add(prediction.getUnitId()); // within forty days
        }
      }
    }
    double labels = 0;
    double count = 0;
    for (Received record : records) {
      if (record.getValue() instanceof TrainingExample example
          && served.get(example.getPredictionId()) != null) {
        Exposure exposure = exposed.get(served.get(example.getPredictionId()).getUnitId());
        Instant end = exposure.getExposedAt().plus(Duration.ofDays(45));
        if (exposure.getVariation().equals("challenger")
            && !crossed.contains(exposure.getUnitId())
            && example.getLabelledAt().isBefore(end)) {
          labels += example.getLabel();
          count++;
        }
      }
    }
    ExperimentMetrics last =
        output.metrics().stream()
            .filter(row -> row.getMetric().equals("overruns"))
            .reduce((before, after) -> after)
            .orElseThrow();

    assertThat(last.getMultipleExposures()).isEqualTo(crossed.size()).isPositive();
    assertThat(last.getExcludedUnits()).isEqualTo(crossed.size());
    assertThat(last.getUnits() + last.getControlUnits() + last.getExcludedUnits()).isEqualTo(UNITS);
    assertThat(last.getMean()).isCloseTo(labels / count, within(1e-12));
    assertThat(last.getEffect()).as("covariate taken out").isBetween(-0.2, 0.0);
    assertThat(last.getSrmPValue()).isGreaterThan(0.001);
    assertThat(last.getReason()).isNotEmpty();
  }

  @Test
  void namesEachOperatorAndSerializesByAvroAlone() {
    var strict = new Configuration();
    strict.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
    strict.set(PipelineOptions.GENERIC_TYPES, false);
    var env = StreamExecutionEnvironment.getExecutionEnvironment(strict);
    ExperimentJob.Streams streams = define(BoundedEvents.records(env, records, OUT_OF_ORDERNESS));
    streams.exposures().sinkTo(new DiscardingSink<>()).uid("exposures-sink");
    streams.metrics().sinkTo(new DiscardingSink<>()).uid("experiment-metrics-sink");
    streams.rollouts().sinkTo(new DiscardingSink<>()).uid("model-rollouts-sink");
    streams.alerts().sinkTo(new DiscardingSink<>()).uid("alerts-sink");
    streams.deadLetters().sinkTo(new DiscardingSink<>()).uid("dead-letters-sink");

    // building the job graph is what checks both
    assertThat(env.getStreamGraph().getJobGraph().getNumberOfVertices()).isPositive();
  }
}
