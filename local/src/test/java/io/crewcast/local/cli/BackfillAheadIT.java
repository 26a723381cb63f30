package io.crewcast.local.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.local.ingest.EventFile;
import io.crewcast.local.ingest.Replay;
import io.crewcast.local.ingest.Speed;
import io.crewcast.local.simulation.Simulation;
import io.crewcast.local.simulation.SimulationOptions;
import io.crewcast.local.stack.FlinkClient;
import io.crewcast.local.stack.LocalStack;
import io.crewcast.local.stack.Part;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.Worker;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.sinks.kafka.Topics;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backfill whose partitions end years apart. */
class BackfillAheadIT {

  private static final String AHEAD = "ahead";
  private static final Duration YEARS = Duration.ofDays(800);

  @TempDir private Path folder;

  @Test
  void endsAtItsFirstAttemptThoughAPartitionIsFarAheadOfTheOthers() throws Exception {
    Simulation.Outcome simulated = Simulation.run(SimulationOptions.of(3, 12_000));
    // all under one key: they end one partition, which the other ones must not wait for
    List<WorkEvent> ahead =
        simulated.events().stream()
            .filter(event -> event.getPayload() instanceof Worker)
            .limit(20)
            .map(BackfillAheadIT::later)
            .toList();
    Path file = folder.resolve("events.avro");
    EventFile.write(file, Stream.concat(ahead.stream(), simulated.events().stream()).toList());
    try (LocalStack stack = LocalStack.start(Part.KAFKA, Part.REGISTRY, Part.FLINK);
        Replay replay = new Replay(stack.bootstrapServers(), stack.registryUrl().toString())) {
      Topics.create(stack.bootstrapServers(), List.of(Topic.values()));
      replay.run(file, new Replay.Range(null, null), new Speed.Max(), progress -> {});
      StringWriter err = new StringWriter();
      int rc =
          Crewcast.commandLine()
              .setErr(new PrintWriter(err, true))
              .execute(
                  "backfill",
                  "--lake",
                  folder.resolve("lake").toString(),
                  "--flink",
                  stack.flink().dashboard(),
                  "--bootstrap-servers",
                  stack.bootstrapServers(),
                  "--registry",
                  stack.registryUrl().toString());

      assertThat(rc).as(err::toString).isZero();
      FlinkClient flink = stack.flink().client();
      FlinkClient.Job job = flink.jobs().get(0);
      assertThat(job.state()).isEqualTo(JobStatus.FINISHED);
      assertThat(flink.failures(job.id())).isEmpty();
    }
  }

  private static WorkEvent later(WorkEvent event) {
    return WorkEvent.newBuilder(event)
        .setCompanyId(AHEAD)
        .setPayload(Worker.newBuilder((Worker) event.getPayload()).setWorkerId(AHEAD).build())
        .setRecordedAt(event.getRecordedAt().plus(YEARS))
        .setOccurredAt(event.getOccurredAt().plus(YEARS))
        .build();
  }
}
