package io.crewcast.benchmarks.models;

import io.crewcast.local.demo.TopicEnds;
import io.crewcast.local.ingest.EventFile;
import io.crewcast.local.ingest.Replay;
import io.crewcast.local.ingest.Speed;
import io.crewcast.local.scoring.ScoringRun;
import io.crewcast.local.stack.FlinkClient;
import io.crewcast.local.stack.Home;
import io.crewcast.local.stack.LocalStack;
import io.crewcast.local.stack.Part;
import io.crewcast.schemas.Ranking;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.sinks.kafka.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Simulated events on a topic of their own, and the scoring job over them. */
final class SimulatedWork implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofMinutes(30);

  /** State in memory, as the events of a suite fit there. */
  private static final Map<String, String> SETTINGS = Map.of("state.backend.type", "hashmap");

  private static final int LOOKS = 120;
  private static final long LOOK_MILLIS = 500;

  private final Path definitions;
  private final LocalStack stack;
  private final FlinkClient flink;
  private final String jar;
  private final long records;

  SimulatedWork(List<WorkEvent> events, Path file, Path definitions)
      throws IOException, InterruptedException {
    this.definitions = definitions;
    EventFile.write(file, events);
    stack = LocalStack.start(Part.KAFKA, Part.REGISTRY, Part.FLINK);
    Topics.create(stack.bootstrapServers(), List.of(Topic.values()));
    try (Replay replay = new Replay(stack.bootstrapServers(), stack.registryUrl().toString())) {
      replay.run(file, new Replay.Range(null, null), new Speed.Max(), progress -> {});
    }
    flink = stack.flink().client();
    jar = flink.upload(Home.find().jobsJar());
    records = events.size();
  }

  /** Writes the training examples of all models. */
  void backfill(Path lake) throws InterruptedException {
    start(Map.of("mode", "backfill", "lake", lake.toUri().toString()))
        .awaitFinished(settled -> {}, PATIENCE);
  }

  /**
   * Lets the newest versions of two models rank the candidates of requests, live.
   *
   * @param models the directory of the versions
   * @param from of requests that are recorded then or later
   * @param requests how many these are
   */
  List<Ranking> rank(Path models, List<String> names, Instant from, int requests)
      throws InterruptedException {
    start(
            Map.of(
                "mode", "live",
                "models", models.toUri().toString(),
                "only", String.join(";", names),
                "predict-from", from.toString()))
        .awaitSettled(records, settled -> {}, PATIENCE);
    List<Ranking> rankings = new ArrayList<>();
    try (var topics = new TopicEnds(stack.bootstrapServers())) {
      for (int look = 0; topics.records(Topic.RANKINGS) < requests && look < LOOKS; look++) {
        Thread.sleep(LOOK_MILLIS);
      }
      topics.forEach(
          Topic.RANKINGS,
          Ranking.class,
          new SchemaRegistry(stack.registryUrl().toString()),
          (ranking, appendedAt) -> rankings.add(ranking));
    }
    return rankings;
  }

  private ScoringRun start(Map<String, String> own) throws InterruptedException {
    Map<String, String> options = new LinkedHashMap<>(own);
    options.put("bootstrap-servers", stack.bootstrapServers());
    options.put("registry", stack.registryUrl().toString());
    options.put("definitions", definitions.toString());
    return ScoringRun.start(
        flink, jar, options, ScoringRun.Counters.NONE, run -> run.with(SETTINGS));
  }

  @Override
  public void close() {
    stack.close();
  }
}
