package io.crewcast.local.demo;

import static java.util.stream.Collectors.joining;

import io.crewcast.local.ingest.Replay;
import io.crewcast.local.ingest.Speed;
import io.crewcast.local.stack.FlinkClient;
import io.crewcast.local.stack.LocalStack;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.serde.SchemaRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressBar;

/** What a run works with: the servers, and what its jobs have in common. */
record DemoStack(DemoOptions options, LocalStack servers, Stages stages, TopicEnds topics) {

  /** The job's stages keep about two cores busy, each with one task. */
  static final int PARALLELISM = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);

  /**
   * A checkpoint of state in memory writes all of it, and publishes what the lake has got: there is
   * one at the end of the backfill and one at the end of all.
   */
  static final Map<String, String> BULK_SETTINGS =
      Map.of(
          "execution.checkpointing.interval", "10 min",
          "execution.buffer-timeout.interval", "100 ms");

  /** A replay at full speed predicts out of order by as much. */
  private static final String REPLAY_DRIFT = "6 d";

  static final Duration PATIENCE = Duration.ofMinutes(10);
  static final Duration SHORT_PATIENCE = Duration.ofMinutes(2);

  FlinkClient flink() {
    return servers.flink().client();
  }

  SchemaRegistry registry() {
    return new SchemaRegistry(servers.registryUrl().toString());
  }

  /**
   * Publishes events.
   *
   * @param range of the file
   * @param published what becomes of each of the file's events
   */
  Replay.Progress replay(
      Replay.Range range, Speed speed, UnaryOperator<WorkEvent> published, ProgressBar bar)
      throws IOException {
    try (Replay replay = new Replay(servers.bootstrapServers(), servers.registryUrl().toString())) {
      return replay.run(
          options.file(), range, speed, published, progress -> bar.stepTo(progress.events()));
    }
  }

  /** Options of ScoringJob: its own ones, and those of both of its modes. */
  Map<String, String> scoring(Map<String, String> own) {
    Map<String, String> all = new LinkedHashMap<>(own);
    all.putAll(any("crewcast-demo"));
    all.put(
        "only",
        Stream.concat(Stream.of(DemoRun.MODEL), options.beside().stream()).collect(joining(";")));
    return all;
  }

  /** Options of a job that watches how scores turn out. */
  Map<String, String> watching(String group, Map<String, String> own) {
    Map<String, String> all = new LinkedHashMap<>(own);
    all.putAll(any(group));
    all.putIfAbsent("out-of-orderness", REPLAY_DRIFT);
    return all;
  }

  private Map<String, String> any(String group) {
    return Map.of(
        "bootstrap-servers", servers.bootstrapServers(),
        "registry", servers.registryUrl().toString(),
        "lake", options.lake().toUri().toString(),
        "definitions", options.definitions().toString(),
        "group", group,
        "publish-after", "0 s");
  }
}
