package io.crewcast.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.crewcast.features.definition.Definitions;
import io.crewcast.local.demo.DemoOptions;
import io.crewcast.local.demo.DemoRun;
import io.crewcast.local.demo.Stages;
import io.crewcast.local.oracle.Agreement;
import io.crewcast.local.oracle.DeliveredRows;
import io.crewcast.local.stack.Home;
import io.crewcast.local.stack.LocalStack;
import io.crewcast.local.stack.Part;
import io.crewcast.local.stack.StackOptions;
import io.crewcast.local.verify.CesawOracle;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * All of CESAW through the demo's run, against SQL over CESAW's own files. Skipped where the data
 * is not there; {@link ScoringClusterIT} does the like with simulated events.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CesawIT {
  private static final Path DATA = Path.of("../../shared/data/cesaw").toAbsolutePath().normalize();
  private static final String SPLIT = "2014-12-03T16:19:00Z";

  @TempDir static Path folder;
  private LocalStack stack;
  private DemoOptions options;
  private DemoRun.Result result;

  @BeforeAll
  void runsTheDemo() throws Exception {
    assumeTrue(CesawOracle.isPresent(DATA), "no CESAW data at " + DATA);
    Home home = Home.find();
    options =
        new DemoOptions(
            DATA,
            "cesaw",
            0,
            Instant.parse(SPLIT),
            List.of("defect_risk"),
            null,
            home.flinkConf(),
            home.jobsJar(),
            folder.resolve("demo"));
    stack =
        LocalStack.start(
            StackOptions.of(Part.values())
                .in(options.stack())
                .withTaskManagers(1, DemoRun.SLOTS)
                .forUse(StackOptions.Use.BULK));
    result =
        DemoRun.run(
            options,
            CompletableFuture.completedFuture(stack),
            new Stages(
                new PrintWriter(System.out, true, StandardCharsets.UTF_8),
                (name, total) ->
                    new ProgressBarBuilder()
                        .setConsumer(new DelegatingProgressBarConsumer(line -> {}))
                        .build()));
  }

  @AfterAll
  void stop() {
    if (stack != null) {
      stack.close();
    }
  }

  @Test
  void endsWithTheMinutesOfEveryTask() {
    CesawOracle.LoggedMinutes minutes = CesawOracle.compareLoggedMinutes(DATA, options.lake());

    assertThat(minutes.tasks()).isEqualTo(61_388);
    assertThat(minutes.different())
        .as("the one row whose entries do not add up in the source")
        .hasSize(1)
        .allSatisfy(task -> assertThat(task).startsWith("task 95-285-86080:"));
  }

  @Test
  void emitsOnlyFeaturesThatSqlOverTheCsvFindsToo() throws Exception {
    assertThat(CesawOracle.compare(DATA, options.lake(), options.definitions()).features())
        .isNotEmpty()
        .allSatisfy(
            feature -> {
              assertThat(feature.note()).as(feature.name()).isNull();
              assertThat(feature.different()).as(feature.toString()).isZero();
            });
  }

  @Test
  void deliversTheSameRowsToKafkaAndRedisOnceEach() throws Exception {
    Agreement.ofRows(
        DeliveredRows.compare(
            stack,
            options.lake(),
            Definitions.load(options.definitions()),
            folder.resolve("topics")));
  }

  @Test
  void foretellsOverrunsFarBetterThanPlanAndPhaseAlone() {
    CesawOracle.Overrun overrun =
        CesawOracle.scoreOverrun(DATA, options.lake(), SPLIT.replace("Z", ""));

    System.out.println(overrun); // runs differ in the third digit: years are replayed in minutes
    assertThat(overrun.tasks()).isGreaterThan(12_000);
    assertThat(overrun.auc()).isGreaterThanOrEqualTo(0.76);
    assertThat(overrun.aucOverAMinute()).isGreaterThan(0.74);
  }

  @Test
  void foretellsDefectsFarBetterThanPlanAndPhaseAlone() {
    CesawOracle.DefectsFound defects =
        CesawOracle.scoreDefects(DATA, options.lake(), SPLIT.replace("Z", ""));

    System.out.println(defects);
    assertThat(defects.tasks()).isEqualTo(2_590);
    assertThat(defects.share()).as("the base rate of the data's README").isBetween(0.257, 0.259);
    assertThat(defects.scored()).isEqualTo(defects.tasks());
    assertThat(defects.auc()).isGreaterThanOrEqualTo(0.855);
  }

  @Test
  void accountsForEveryRecord() {
    assertThat(result.sound()).isTrue();
    assertThat(result.summary().deadLetters()).isZero();
    assertThat(result.summary().repeats()).isZero();
  }
}
