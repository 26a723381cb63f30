package io.crewcast.benchmarks.models;

import io.crewcast.local.ingest.EventFile;
import io.crewcast.local.ingest.Replay;
import io.crewcast.local.ingest.Speed;
import io.crewcast.local.scoring.ScoringRun;
import io.crewcast.local.simulation.Simulation;
import io.crewcast.local.stack.FlinkClient;
import io.crewcast.local.stack.Home;
import io.crewcast.local.stack.LocalStack;
import io.crewcast.local.stack.Part;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.sinks.kafka.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A lake with the training examples of simulated events, by the scoring job on servers of its own.
 */
final class SimulatedLake {

  private static final Duration PATIENCE = Duration.ofMinutes(30);

  /** State in memory, as the events of a suite fit there. */
  private static final Map<String, String> SETTINGS = Map.of("state.backend.type", "hashmap");

  private SimulatedLake() {}

  static void fill(Path lake, Path file, Simulation.Outcome simulated, Path definitions)
      throws IOException, InterruptedException {
    EventFile.write(file, simulated.events());
    try (LocalStack stack = LocalStack.start(Part.KAFKA, Part.REGISTRY, Part.FLINK)) {
      Topics.create(stack.bootstrapServers(), List.of(Topic.values()));
      try (Replay replay = new Replay(stack.bootstrapServers(), stack.registryUrl().toString())) {
        replay.run(file, new Replay.Range(null, null), new Speed.Max(), progress -> {});
      }
      FlinkClient flink = stack.flink().client();
      ScoringRun.start(
              flink,
              flink.upload(Home.find().jobsJar()),
              Map.of(
                  "mode", "backfill",
                  "bootstrap-servers", stack.bootstrapServers(),
                  "registry", stack.registryUrl().toString(),
                  "lake", lake.toUri().toString(),
                  "definitions", definitions.toString()),
              ScoringRun.Counters.NONE,
              run -> run.with(SETTINGS))
          .awaitFinished(settled -> {}, PATIENCE);
    }
  }
}
