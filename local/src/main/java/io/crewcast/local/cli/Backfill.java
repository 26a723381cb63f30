package io.crewcast.local.cli;

import io.crewcast.jobs.ScoringJobOptions;
import io.crewcast.local.demo.LakeFigures;
import io.crewcast.local.scoring.Handover;
import io.crewcast.local.scoring.ScoringRun;
import io.crewcast.local.scoring.ScoringRun.Counters;
import io.crewcast.local.stack.FlinkClient;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.sinks.kafka.Topics;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code backfill}: the scoring job over all events up to now, and on from there if wanted. */
@Command(
    name = "backfill",
    mixinStandardHelpOptions = true,
    description = {
      "Makes training examples of all events up to now.",
      "It runs the scoring job over them in the order in which they became known, and writes the"
          + " examples and dead letters to the lake. With --then-live it writes events and features"
          + " too, and the live job goes on from its savepoint, without a gap or a double count."
    })
final class Backfill implements Callable<Integer> {
  /** A live job that cannot run should be told of soon; one with much state takes minutes. */
  private static final Duration START = Duration.ofMinutes(10);

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private Cluster cluster = new Cluster();
  @Mixin private Addresses.Kafka kafka = new Addresses.Kafka();
  @Mixin private Addresses.Registry registry = new Addresses.Registry();

  @Option(
      names = "--lake",
      required = true,
      paramLabel = "DIR",
      description = "Where training_examples is written; the cluster must see the same folder.")
  private Path lake = Path.of("");

  @Mixin private DefinitionsFolder definitions = new DefinitionsFolder();

  @Option(
      names = "--models",
      paramLabel = "DIR",
      description = "Versions that answer; fallbacks answer if not said.")
  private @Nullable Path models;

  @Option(
      names = "--out-of-orderness",
      paramLabel = "DURATION",
      defaultValue = "1 h",
      converter = Durations.class,
      description =
          "An event that stands in its partition so much later than its recorded_at says, by the"
              + " newest one there, may come too late to be put in order (${DEFAULT-VALUE}).")
  private Duration outOfOrderness = Duration.ZERO;

  @Option(
      names = "--wait",
      paramLabel = "SECONDS",
      converter = AtLeastOne.class,
      defaultValue = "86400",
      description = "How long the backfill may take (${DEFAULT-VALUE}).")
  private int waitSeconds;

  @Option(
      names = "--then-live",
      description = "Once it has caught up, stop it with a savepoint and start the live job there.")
  private boolean thenLive;

  @Option(
      names = "--from-lake",
      arity = "0..1",
      fallbackValue = "",
      paramLabel = "DIR",
      description =
          "Read events from the table work_events of this lake, or of --lake if not said, and not"
              + " from Kafka, which may hold them no longer; not with --then-live.")
  private @Nullable String fromLake;

  @Option(
      names = "--group",
      paramLabel = "NAME",
      description =
          "Consumer group of the backfill and of the live job; crewcast-scoring with --then-live,"
              + " else crewcast-backfill, if not said.")
  private @Nullable String group;

  @Parameters(
      arity = "0..*",
      paramLabel = "-- OPTION",
      description =
          "With --then-live, after --: the live job's own options, such as"
              + " -- --redis redis://127.0.0.1:6379 --delivery exactly-once;"
              + " submit ScoringJob --help shows them.")
  private List<String> ofTheLiveJob = List.of();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Map<String, String> live = liveOptions();
    Path archive = archive();
    Map<String, String> backfill = backfillOptions(archive);
    definitions.load(); // a fault is told before any server is asked
    FlinkClient client = new FlinkClient(cluster.url);
    Map<Integer, Long> ends =
        archive == null ? Topics.ends(kafka.bootstrapServers, Topic.WORK_EVENTS) : Map.of();
    long records =
        archive == null
            ? ends.values().stream().mapToLong(Long::longValue).sum()
            : eventsOf(archive);
    if (thenLive && records == 0) {
      throw new IllegalStateException(
          "work-events is empty, there is no history: start the live job with ./crewcast submit ScoringJob");
    }
    String uploaded = cluster.upload(client);
    ScoringRun job = ScoringRun.start(client, uploaded, backfill, Counters.NONE, cluster::on);
    say("Dashboard " + job.job().page());
    Duration limit = Duration.ofSeconds(waitSeconds);
    Handover handover = null;
    long start = System.nanoTime();
    try (ProgressBar bar = Progress.of("records", records)) {
      if (thenLive) {
        handover = Handover.of(job, ends, bar::stepTo, limit);
      } else {
        job.awaitFinished(bar::stepTo, limit);
      }
      bar.stepTo(records);
    }
    say("%,d records in %.1f s".formatted(records, (System.nanoTime() - start) / 1e9));
    if (handover != null) {
      say("Savepoint " + handover.savepoint());
    }
    tellExamples();
    if (handover != null) {
      ScoringRun goesOn = handover.goLive(client, uploaded, live, cluster::on, START);
      say("Live      " + goesOn.job().page());
    }
    return 0;
  }

  /** The lake that events are read from; null for Kafka. */
  private @Nullable Path archive() {
    if (fromLake == null) {
      return null;
    }
    if (thenLive) {
      throw new ParameterException(
          spec.commandLine(),
          "--from-lake leaves a live job no place in the topic to go on from: leave it out with --then-live");
    }
    return (fromLake.isEmpty() ? lake : Path.of(fromLake)).toAbsolutePath();
  }

  private static long eventsOf(Path lake) {
    try (LakeFigures figures = new LakeFigures(lake)) {
      return figures.events();
    }
  }

  private void tellExamples() {
    try (LakeFigures figures = new LakeFigures(lake.toAbsolutePath())) {
      Map<String, Long> examples = figures.examplesByOutcome();
      say("training_examples in " + lake + (examples.isEmpty() ? ": none" : ""));
      examples.forEach((outcome, rows) -> say("  %-40s %,12d".formatted(outcome, rows)));
    }
  }

  private void say(String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    out.flush();
  }

  private Map<String, String> backfillOptions(@Nullable Path archive) {
    Map<String, String> options = sharedOptions();
    options.put("mode", thenLive ? "backfill_then_live" : "backfill");
    options.put("out-of-orderness", outOfOrderness.toMillis() + " ms");
    if (archive != null) {
      options.put("from-lake", archive.toUri().toString());
    }
    if (thenLive) {
      options.put("publish-after", "0 s"); // its savepoint publishes what it has written
    }
    check(options);
    return options;
  }

  /** Checked before hours of backfill, not after. */
  private Map<String, String> liveOptions() {
    if (!thenLive && !ofTheLiveJob.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), ofTheLiveJob.get(0) + " is for a live job: add --then-live");
    }
    Map<String, String> options = sharedOptions();
    options.put("mode", "live");
    try {
      ScoringJobOptions.read(ofTheLiveJob)
          .forEach(
              (name, value) -> {
                String taken = options.put(name, value);
                if (taken != null && !name.equals("models")) {
                  throw new IllegalArgumentException(
                      "--%s holds for both jobs: say it before --".formatted(name));
                }
              });
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    check(options);
    return options;
  }

  private void check(Map<String, String> options) {
    try {
      ScoringJobOptions.parse(ScoringRun.arguments(options).toArray(String[]::new));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private Map<String, String> sharedOptions() {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("bootstrap-servers", kafka.bootstrapServers);
    options.put("registry", registry.url);
    options.put("lake", lake.toAbsolutePath().toUri().toString());
    options.put("definitions", definitions.path().toAbsolutePath().toString());
    options.put(
        "group", group != null ? group : thenLive ? "crewcast-scoring" : "crewcast-backfill");
    if (models != null) {
      options.put("models", models.toAbsolutePath().toString());
    }
    return options;
  }
}
