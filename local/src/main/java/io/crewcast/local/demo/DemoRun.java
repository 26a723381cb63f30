package io.crewcast.local.demo;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toMap;

import io.crewcast.features.definition.Definitions;
import io.crewcast.local.ingest.BrokenFile;
import io.crewcast.local.ingest.CsvImport;
import io.crewcast.local.ingest.EventFile;
import io.crewcast.local.ingest.ImportAccount;
import io.crewcast.local.ingest.Mapping;
import io.crewcast.local.ingest.Replay;
import io.crewcast.local.ingest.Speed;
import io.crewcast.local.report.LakeReport;
import io.crewcast.local.report.TimeRange;
import io.crewcast.local.scoring.Handover;
import io.crewcast.local.scoring.MonitoringRun;
import io.crewcast.local.scoring.ScoringRun;
import io.crewcast.local.scoring.ScoringRun.Counters;
import io.crewcast.local.simulation.Simulation;
import io.crewcast.local.simulation.SimulationOptions;
import io.crewcast.local.stack.FlinkClient;
import io.crewcast.local.stack.LocalStack;
import io.crewcast.local.verify.FeatureVerification;
import io.crewcast.local.verify.Selection;
import io.crewcast.local.verify.VerificationReport;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelManifest;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.training.ModelCard;
import io.crewcast.scoring.training.TrainModel;
import io.crewcast.scoring.training.Training;
import io.crewcast.scoring.training.TrainingRequest;
import io.crewcast.scoring.training.Verdict;
import io.crewcast.sinks.kafka.ReceivedSource;
import io.crewcast.sinks.kafka.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressBar;

/**
 * From nothing to live predictions and an account of them, on a running stack: events are made; the
 * first part is published, backfilled and learned from; the live job takes over and is sent the
 * rest, in the end at a steady pace; then all of it is reckoned up.
 */
public final class DemoRun {
  /** The model that is told about. */
  static final String MODEL = "task_overrun";

  private static final double PACE = 1000;
  private static final int EXAMPLES = 5;

  /** The job's stages keep about two cores busy, each with one task. */
  public static final int PARALLELISM = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);

  /** Of the job that scores and of the one that watches it. */
  public static final int SLOTS = PARALLELISM + 1;

  /**
   * A checkpoint of state in memory writes all of it, and publishes what the lake has got: there is
   * one at the end of the backfill and one at the end of all.
   */
  private static final Map<String, String> BACKFILL_SETTINGS =
      Map.of(
          "execution.checkpointing.interval", "10 min",
          "execution.buffer-timeout.interval", "100 ms");

  private static final Map<String, String> LIVE_SETTINGS =
      Map.of(
          "execution.checkpointing.interval", "10 min",
          "pipeline.auto-watermark-interval", "100 ms");

  /** What is ahead of the other partitions a backfill holds, so that costs little. */
  private static final String BACKFILL_DRIFT = "90 d";

  private static final String LIVE_DRIFT = "5 d";

  /** A replay at full speed predicts out of order by as much, and a little more. */
  private static final String REPLAY_DRIFT = "6 d";

  private static final String IDLENESS = "1 s";

  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final Duration SHORT_PATIENCE = Duration.ofMinutes(2);

  private final DemoOptions options;
  private final LocalStack stack;
  private final Stages stages;
  private final FlinkClient flink;
  private final TopicEnds topics;

  private DemoRun(DemoOptions options, LocalStack stack, Stages stages, TopicEnds topics) {
    this.options = options;
    this.stack = stack;
    this.stages = stages;
    this.flink = stack.flink().client();
    this.topics = topics;
  }

  /**
   * What came of a run.
   *
   * @param sound every record is accounted for and every feature is as recomputed
   * @param job the page of the live job, which still runs
   * @param worker company and id of one that has features
   */
  public record Result(Summary summary, boolean sound, String job, List<String> worker) {}

  /**
   * Runs all stages; the live job is left running.
   *
   * @param starting the stack, which may start while the events are made
   */
  public static Result run(DemoOptions options, Future<LocalStack> starting, Stages stages)
      throws Exception {
    EventStream events = makeEvents(options, stages);
    stages.run("stack", -1, bar -> "dashboard " + starting.get().flink().dashboard());
    LocalStack stack = starting.get();
    Topics.create(stack.bootstrapServers(), List.of(Topic.values()));
    try (TopicEnds topics = new TopicEnds(stack.bootstrapServers())) {
      return new DemoRun(options, stack, stages, topics).run(events);
    }
  }

  private Result run(EventStream events) throws Exception {
    stages.run(
        "publish",
        events.learned(),
        bar -> {
          Replay.Progress done = replay(events.learnedRange(), new Speed.Max(), bar);
          return "%,d events and %,d broken records, known before %s"
              .formatted(done.events(), done.broken(), events.split());
        });
    String jar = flink.upload(options.jar());
    Handover handover = backfill(jar);
    ModelSpec spec = trainAll(events);
    ScoringRun job = goLive(jar, events, handover);
    long eventsPerSecond = replayRest(job, events);
    Instant pacedSince = replayPaced(job, events);
    return reckon(job, jar, spec, eventsPerSecond, pacedSince);
  }

  private static EventStream makeEvents(DemoOptions options, Stages stages) throws Exception {
    Path data = options.data();
    String mapping = options.mapping();
    if (data == null || mapping == null) {
      stages.run(
          "simulate",
          -1,
          bar -> {
            Simulation.Outcome made = Simulation.run(SimulationOptions.of(1, options.events()));
            if (options.scenario() != null) {
              options.scenario().happenTo(made.events());
            }
            EventFile.write(options.file(), made.events());
            BrokenFile.write(BrokenFile.beside(options.file()), made.broken());
            return "%,d events of work that never was, and %,d broken records"
                .formatted(made.events().size(), made.broken().size());
          });
    } else {
      stages.run(
          "import",
          -1,
          bar -> {
            ImportAccount account =
                CsvImport.run(
                    Mapping.read(Mapping.find(mapping, options.definitions()), data),
                    options.file(),
                    options.directory().resolve("rejects.jsonl"),
                    bar::step);
            return "%,d events from %,d rows, %,d rejected"
                .formatted(account.events(), account.rowsIn(), account.rejected());
          });
    }
    return EventStream.of(options.file(), options.split());
  }

  private Replay.Progress replay(Replay.Range range, Speed speed, ProgressBar bar)
      throws IOException {
    try (Replay replay = new Replay(stack.bootstrapServers(), stack.registryUrl().toString())) {
      return replay.run(options.file(), range, speed, progress -> bar.stepTo(progress.events()));
    }
  }

  private Handover backfill(String jar) throws Exception {
    Map<Integer, Long> ends = Topics.ends(stack.bootstrapServers(), Topic.WORK_EVENTS);
    long records = topics.records(Topic.WORK_EVENTS);
    Handover[] handover = new Handover[1];
    stages.run(
        "backfill",
        records,
        bar -> {
          ScoringRun job =
              ScoringRun.start(
                  flink,
                  jar,
                  job(Map.of("mode", "backfill_then_live", "max-drift", BACKFILL_DRIFT)),
                  Counters.NONE,
                  run -> run.withParallelism(PARALLELISM).with(BACKFILL_SETTINGS));
          handover[0] = Handover.of(job, ends, bar::stepTo, PATIENCE);
          try (LakeFigures lake = new LakeFigures(options.lake())) {
            return "%,d records, training examples: %s"
                .formatted(records, inWords(lake.examplesByOutcome()));
          }
        });
    return handover[0];
  }

  static String inWords(Map<String, Long> counts) {
    return counts.isEmpty()
        ? "none"
        : counts.entrySet().stream()
            .map(count -> "%,d %s".formatted(count.getValue(), count.getKey()))
            .collect(joining(", "));
  }

  /** Returns the one that is told about. */
  private ModelSpec trainAll(EventStream events) throws Exception {
    Path files = options.definitions().resolve("models");
    Map<EntityType, FeatureSchema> schemas = Definitions.load(options.definitions()).schemas();
    for (String name : options.beside()) {
      train(ModelSpec.load(files.resolve(name + ".yaml"), schemas), events);
    }
    ModelSpec spec = ModelSpec.load(files.resolve(MODEL + ".yaml"), schemas);
    train(spec, events);
    return spec;
  }

  private void train(ModelSpec spec, EventStream events) throws Exception {
    stages.run(
        "train",
        -1,
        bar -> {
          TrainingRequest request =
              TrainingRequest.of(options.lake(), new ModelDirectory(options.models()))
                  .until(events.split());
          try {
            return inWords(new TrainModel(spec).run(request));
          } catch (InvalidModelException e) { // of few events nothing can be learned
            return "no version, the fallback answers: " + e.getMessage();
          }
        });
  }

  private static String inWords(Training training) {
    ModelCard card = training.card();
    Verdict gate = card.gate();
    ModelManifest.Window window = card.window();
    if (training.version() == null || window == null) {
      return "%s not published, its fallback answers: %s"
          .formatted(card.model(), gate == null ? "" : String.join("; ", gate.reasons()));
    }
    return "%s version %d on %,d labels known before the split, AUC %.3f on the latest %,d of them"
        .formatted(
            card.model(),
            card.version(),
            window.trainRows() + window.validateRows(),
            training.version().manifest().metrics().getOrDefault("auc", Double.NaN),
            window.testRows());
  }

  private ScoringRun goLive(String jar, EventStream events, Handover handover) throws Exception {
    long records = topics.records(Topic.WORK_EVENTS);
    ScoringRun[] started = new ScoringRun[1];
    stages.run(
        "go live",
        records,
        bar -> {
          Map<String, String> live =
              job(
                  Map.of(
                      "mode",
                      "live",
                      "delivery",
                      "at-least-once",
                      "predict-from",
                      events.split().toString(),
                      "redis",
                      stack.redisUri().toString(),
                      "models",
                      options.models().toString(),
                      "max-drift",
                      LIVE_DRIFT));
          ScoringRun job =
              handover.goLive(
                  flink,
                  jar,
                  live,
                  run -> run.withParallelism(PARALLELISM).with(LIVE_SETTINGS),
                  SHORT_PATIENCE);
          started[0] = job;
          job.awaitSettled(records, bar::stepTo, SHORT_PATIENCE);
          return "the live job starts from the backfill's savepoint";
        });
    return started[0];
  }

  private Map<String, String> job(Map<String, String> own) {
    Map<String, String> all = new LinkedHashMap<>(own);
    all.put("bootstrap-servers", stack.bootstrapServers());
    all.put("registry", stack.registryUrl().toString());
    all.put("lake", options.lake().toUri().toString());
    all.put("definitions", options.definitions().toString());
    all.put("group", "crewcast-demo");
    all.put("idleness", IDLENESS);
    all.put("publish-after", "0 s");
    all.put(
        "only", Stream.concat(Stream.of(MODEL), options.beside().stream()).collect(joining(";")));
    return all;
  }

  /** Returns how many events a second went through, from the first to the last prediction. */
  private long replayRest(ScoringRun job, EventStream events) throws Exception {
    long[] rate = new long[1];
    stages.run(
        "replay",
        events.replayed(),
        bar -> {
          long settled = topics.records(Topic.WORK_EVENTS);
          Instant start = Instant.now();
          Replay.Progress sent = replay(events.replayedRange(), new Speed.Max(), bar);
          job.awaitSettled(
              topics.records(Topic.WORK_EVENTS), all -> bar.stepTo(all - settled), PATIENCE);
          Duration took = Duration.between(start, topics.newest(Topic.PREDICTIONS));
          rate[0] = Math.round(1e3 * sent.events() / Math.max(1, took.toMillis()));
          return "%,d events through Kafka, features, scores and back: %,d a second"
              .formatted(sent.events(), rate[0]);
        });
    return rate[0];
  }

  /** Returns when the paced part began. */
  private Instant replayPaced(ScoringRun job, EventStream events) throws Exception {
    Instant start = Instant.now();
    stages.run(
        "pace",
        events.paced(),
        bar -> {
          Replay.Progress sent = replay(events.pacedRange(), new Speed.PerSecond(PACE), bar);
          job.awaitSettled(topics.records(Topic.WORK_EVENTS), settled -> {}, PATIENCE);
          return "%,d events at %,.0f a second, to measure latency".formatted(sent.events(), PACE);
        });
    return start;
  }

  private Result reckon(
      ScoringRun job, String jar, ModelSpec spec, long eventsPerSecond, Instant pacedSince)
      throws Exception {
    stages.run(
        "publish lake",
        -1,
        bar -> {
          job.job().publish(options.lake(), PATIENCE);
          return options.lake().toString();
        });
    long in = topics.records(Topic.WORK_EVENTS);
    Account account = new Account(in, job.awaitSettled(in, settled -> {}, SHORT_PATIENCE));
    VerificationReport[] features = new VerificationReport[1];
    stages.run(
        "recompute",
        -1,
        bar -> {
          features[0] =
              FeatureVerification.run(
                  options.lake(), options.definitions(), Selection.LAST_ROWS, result -> {});
          return features[0].inWords();
        });
    Path report = monitor(jar);
    Map<String, Instant> answeredAt = new HashMap<>();
    topics.forEach(
        Topic.PREDICTIONS,
        Prediction.class,
        new SchemaRegistry(stack.registryUrl().toString()),
        (prediction, at) -> answeredAt.putIfAbsent(prediction.getEventId(), at));
    try (LakeFigures lake = new LakeFigures(options.lake())) {
      LakeFigures.Quality quality = lake.quality();
      Optional<LakeFigures.Latency> latency = lake.latency(answeredAt, pacedSince);
      tell(account, features[0], quality, latency);
      lake.boldest().ifPresent(prediction -> tell(prediction, spec));
      Summary summary =
          new Summary(
              account.in(),
              quality.scored(),
              quality.predictions(),
              account.deadLetters(),
              account.repeats(),
              features[0].equal(),
              features[0].different(),
              quality.auc(),
              latency.map(LakeFigures.Latency::p50).orElse(null),
              latency.map(LakeFigures.Latency::p95).orElse(null),
              latency.map(LakeFigures.Latency::p99).orElse(null),
              eventsPerSecond,
              options.lake().toString(),
              report.toString());
      boolean isSound = account.addsUp() && features[0].different() == 0;
      return new Result(summary, isSound && told(lake), job.job().page(), lake.worker());
    }
  }

  /** Returns where the page lies that shows what the lake holds. */
  private Path monitor(String jar) throws Exception {
    long records = 0;
    for (Topic topic : ReceivedSource.TOPICS) {
      records += topics.records(topic);
    }
    long all = records;
    stages.run(
        "monitor",
        all,
        bar -> {
          MonitoringRun job =
              MonitoringRun.start(
                  flink, jar, monitoring(), run -> run.withParallelism(1).with(BACKFILL_SETTINGS));
          job.awaitRead(all, bar::stepTo, PATIENCE);
          job.job().publish(options.lake(), PATIENCE);
          try (LakeFigures lake = new LakeFigures(options.lake())) {
            return lake.monitored();
          }
        });
    Path page = options.directory().resolve("report.html");
    stages.run(
        "report",
        -1,
        bar -> {
          LakeReport.read(options.lake(), new TimeRange(null, null), Clock.systemUTC()).write(page);
          return page.toString();
        });
    return page;
  }

  private Map<String, String> monitoring() {
    return Map.of(
        "bootstrap-servers", stack.bootstrapServers(),
        "registry", stack.registryUrl().toString(),
        "models", options.models().toString(),
        "lake", options.lake().toUri().toString(),
        "definitions", options.definitions().toString(),
        "group", "crewcast-demo-monitoring",
        "idleness", IDLENESS,
        "out-of-orderness", REPLAY_DRIFT,
        "publish-after", "0 s");
  }

  private void tell(
      Account account,
      VerificationReport features,
      LakeFigures.Quality quality,
      Optional<LakeFigures.Latency> latency) {
    stages.say("");
    stages.say("Account      " + account.inWords());
    stages.say(
        "Features     %,d values equal, %,d different from their recomputation"
            .formatted(features.equal(), features.different()));
    features.examples().stream()
        .limit(EXAMPLES)
        .forEach(example -> stages.say("             " + example));
    stages.say("Predictions  " + quality.inWords());
    stages.say(
        "Latency      "
            + latency
                .map(LakeFigures.Latency::inWords)
                .orElse("not measured: the paced part triggered no prediction"));
  }

  /** Whether what went wrong, and nothing else, was alerted of. */
  private boolean told(LakeFigures lake) {
    List<String> alerts = lake.alertsOfModels();
    alerts.forEach(alert -> stages.say("Alert        " + alert));
    Scenario scenario = options.scenario();
    if (scenario == null) {
      return true;
    }
    boolean isTold = scenario.isTold(alerts);
    stages.say(
        "Scenario     %s: %s"
            .formatted(scenario, isTold ? "its one alert came" : "not its one alert came"));
    return isTold;
  }

  private void tell(ToldPrediction prediction, ModelSpec spec) {
    Map<String, String> meanings =
        spec.inputs().stream().collect(toMap(ModelSpec.Input::name, ModelSpec.Input::about));
    List<String> lines = prediction.inWords(spec.about(), meanings);
    stages.say("");
    lines.forEach(stages::say);
    stages.say("");
  }
}
