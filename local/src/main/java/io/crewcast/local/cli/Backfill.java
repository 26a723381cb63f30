package io.crewcast.local.cli;

import io.crewcast.local.demo.LakeFigures;
import io.crewcast.local.demo.ScoringRun;
import io.crewcast.local.demo.ScoringRun.Counters;
import io.crewcast.local.demo.TopicEnds;
import io.crewcast.local.stack.FlinkClient;
import io.crewcast.local.stack.Home;
import io.crewcast.schemas.serde.Topic;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code backfill}: the scoring job over all events up to now, for training examples. */
@Command(
    name = "backfill",
    mixinStandardHelpOptions = true,
    description = {
      "Makes training examples of all events up to now.",
      "It runs the scoring job over them in the order in which they became known, and writes the"
          + " examples and dead letters to the lake."
    })
final class Backfill implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private Addresses.Flink flink = new Addresses.Flink();
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
      names = "--jar",
      paramLabel = "FILE",
      description = "The jar to upload; jobs/target/crewcast-jobs-*.jar if not said.")
  private @Nullable Path jar;

  @Option(
      names = "--parallelism",
      paramLabel = "N",
      description = "Tasks side by side; the cluster's default if not said.")
  private @Nullable Integer parallelism;

  @Option(
      names = "--out-of-orderness",
      paramLabel = "DURATION",
      defaultValue = "1 h",
      description =
          "An event that stands in its partition so much later than its recorded_at says, by the"
              + " newest one there, may come too late to be put in order (${DEFAULT-VALUE}).")
  private String outOfOrderness = "";

  @Option(
      names = "--wait",
      paramLabel = "SECONDS",
      defaultValue = "86400",
      description = "How long the job may take (${DEFAULT-VALUE}).")
  private int waitSeconds;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    FlinkClient client = new FlinkClient(flink.url);
    long records;
    try (TopicEnds topics = new TopicEnds(kafka.bootstrapServers)) {
      records = topics.records(Topic.WORK_EVENTS);
    }
    ScoringRun job =
        ScoringRun.start(
            client,
            client.upload(jar == null ? Home.find().jobsJar() : jar),
            options(),
            Counters.NONE,
            run -> run.with(flink.settings).withParallelism(parallelism));
    out.println("Dashboard " + job.page());
    out.flush();
    long start = System.nanoTime();
    try (ProgressBar bar = Progress.of("records", records)) {
      job.awaitFinished(bar::stepTo, Duration.ofSeconds(waitSeconds));
      bar.stepTo(records);
    }
    out.printf("%,d records in %.1f s%n", records, (System.nanoTime() - start) / 1e9);
    try (LakeFigures figures = new LakeFigures(lake.toAbsolutePath())) {
      Map<String, Long> examples = figures.examplesByOutcome();
      out.println("training_examples in " + lake + (examples.isEmpty() ? ": none" : ""));
      examples.forEach((outcome, rows) -> out.printf("  %-40s %,12d%n", outcome, rows));
    }
    return 0;
  }

  private Map<String, String> options() {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("mode", "backfill");
    options.put("group", "crewcast-backfill");
    options.put("out-of-orderness", outOfOrderness);
    options.put("bootstrap-servers", kafka.bootstrapServers);
    options.put("registry", registry.url);
    options.put("lake", lake.toAbsolutePath().toUri().toString());
    options.put("definitions", definitions.path().toAbsolutePath().toString());
    if (models != null) {
      options.put("models", models.toAbsolutePath().toString());
    }
    return options;
  }
}
