package io.crewcast.local.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.features.definition.Definitions;
import io.crewcast.local.ingest.EventFile;
import io.crewcast.local.ingest.Replay;
import io.crewcast.local.ingest.Speed;
import io.crewcast.local.oracle.Agreement;
import io.crewcast.local.oracle.CommittedOffsets;
import io.crewcast.local.oracle.DeliveredRows;
import io.crewcast.local.simulation.Simulation;
import io.crewcast.local.simulation.SimulationOptions;
import io.crewcast.local.stack.FlinkClient;
import io.crewcast.local.stack.Home;
import io.crewcast.local.stack.LocalStack;
import io.crewcast.local.stack.Part;
import io.crewcast.local.verify.FeatureVerification;
import io.crewcast.local.verify.Selection;
import io.crewcast.local.verify.VerificationReport;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.sinks.kafka.Topics;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.common.JobStatus;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code backfill}: the same from Kafka and from the lake, and {@code --then-live} while events go
 * on arriving, corrections of what was backfilled among them: every event counts once in every
 * feature.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BackfillIT {
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final String GROUP = "backfill-it";

  @TempDir static Path folder;
  private LocalStack stack;
  private int events;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  void backfillsAndGoesLiveWhileEventsArrive() throws Exception {
    stack = LocalStack.start(Part.values());
    Topics.create(stack.bootstrapServers(), List.of(Topic.values()));
    Simulation.Outcome simulated = Simulation.run(SimulationOptions.of(11, 4_000));
    events = simulated.events().size();
    Path file = folder.resolve("events.avro");
    EventFile.write(file, simulated.events());
    Instant history = EventFile.recordedAt(simulated.events().get(events / 2));
    Instant meanwhile = EventFile.recordedAt(simulated.events().get(3 * events / 4));

    replay(file, new Replay.Range(null, history), new Speed.Max());
    var arriving =
        CompletableFuture.runAsync(
            () -> replay(file, new Replay.Range(history, meanwhile), new Speed.PerSecond(20)));
    assertThat(goLive(lake(), "--redis", stack.redisUri().toString(), "--publish-after", "0 s"))
        .as(err::toString)
        .isZero();
    arriving.join();
    replay(file, new Replay.Range(meanwhile, null), new Speed.Max());

    new CommittedOffsets(stack.bootstrapServers(), GROUP, Topic.WORK_EVENTS).awaitAll(PATIENCE);
    FlinkClient flink = stack.flink().client();
    flink.stopWithSavepoint(running(flink), PATIENCE);
  }

  private int goLive(Path lake, String... ofTheLiveJob) {
    List<String> arguments = new ArrayList<>(List.of("--then-live", "--group", GROUP));
    arguments.add("--");
    arguments.addAll(List.of(ofTheLiveJob));
    return backfill(lake, arguments.toArray(String[]::new));
  }

  private int backfill(Path lake, String... more) {
    List<String> arguments = new ArrayList<>(List.of("backfill", "--lake", lake.toString()));
    arguments.addAll(List.of("--flink", stack.flink().dashboard()));
    arguments.addAll(List.of("--bootstrap-servers", stack.bootstrapServers()));
    arguments.addAll(List.of("--registry", stack.registryUrl().toString()));
    arguments.add("-Dexecution.checkpointing.interval=2 s");
    arguments.addAll(List.of(more));
    return Crewcast.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments.toArray(String[]::new));
  }

  private void replay(Path file, Replay.Range range, Speed speed) {
    try (Replay replay = new Replay(stack.bootstrapServers(), stack.registryUrl().toString())) {
      replay.run(file, range, speed, progress -> {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String running(FlinkClient flink) {
    return flink.jobs().stream()
        .filter(job -> job.state() == JobStatus.RUNNING)
        .map(FlinkClient.Job::id)
        .findAny()
        .orElseThrow();
  }

  private Path lake() {
    return folder.resolve("lake");
  }

  @AfterAll
  void stop() {
    stack.close();
  }

  @Test
  void saysWhereTheSavepointLiesAndTheLiveJobRuns() {
    assertThat(out.toString())
        .contains("Savepoint file:", "LABELLED")
        .containsPattern("Live .*/#/job/");
  }

  @Test
  void takesEachEventInOnce() throws Exception {
    String table = "'%s/work_events/*/*.parquet'".formatted(lake());
    assertThat(number("select count(*) from " + table)).isEqualTo(events);
    assertThat(number("select count(distinct (kafka_partition, kafka_offset)) from " + table))
        .isEqualTo(events);
  }

  @Test
  void makesTheSameExamplesOfTheLakeAsOfTheTopic() throws Exception {
    Path ofTheTopic = folder.resolve("of-the-topic");
    Path ofTheLake = folder.resolve("of-the-lake");
    assertThat(backfill(ofTheTopic)).as(err::toString).isZero();
    assertThat(backfill(ofTheLake, "--from-lake", lake().toString())).as(err::toString).isZero();

    String table = "from '%s/training_examples/*/*.parquet'";
    String one = table.formatted(ofTheTopic);
    String other = table.formatted(ofTheLake);
    String difference = "select count(*) from (select * %s except all select * %s)";
    assertThat(number("select count(distinct outcome) " + one)).isGreaterThan(1);
    assertThat(number("select count(*) " + one)).isGreaterThan(500);
    assertThat(number(difference.formatted(one, other))).isZero();
    assertThat(number(difference.formatted(other, one))).isZero();
  }

  private static long number(String query) throws SQLException {
    try (var connection = DriverManager.getConnection("jdbc:duckdb:");
        var sql = connection.createStatement();
        var row = sql.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }

  @Test
  void countsEachEventOnceInEveryFeature() throws Exception {
    VerificationReport report =
        FeatureVerification.run(lake(), Home.find().flinkConf(), Selection.LAST_ROWS, result -> {});

    Agreement.ofFeatures(report, 60);
  }

  @Test
  void servesTheRowsOfTheLake() throws Exception {
    Agreement.ofRows(
        DeliveredRows.compare(
            stack, lake(), Definitions.load(Home.find().flinkConf()), folder.resolve("topics")));
  }

  @Test
  void namesTheSavepointWhenTheLiveJobIsRefused() {
    assertThat(goLive(folder.resolve("refused"), "--pin", "no_such_model=1")).isEqualTo(1);
    assertThat(err.toString())
        .contains(
            "no such model is defined",
            "./crewcast submit --from-savepoint file:",
            "ScoringJob --bootstrap-servers")
        .hasLineCount(1);
  }
}
