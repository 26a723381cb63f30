package io.crewcast.local.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.crewcast.local.verify.NaiveStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.DriverManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FeaturesVerifyTest {
  private static final String DEFINITIONS =
      "src/test/resources/io/crewcast/local/verify/definitions";

  @TempDir private Path lake;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void saysFeatureByFeatureThatNoneDiffers() throws Exception {
    new NaiveStream(3, 150).write(lake);
    Path json = lake.resolve("report.json");

    assertThat(verify("--json", json.toString())).isZero();

    assertThat(out.toString())
        .containsPattern("worker\\.hours_30d +[0-9]+ rows +0 differ\n")
        .containsPattern(
            "features, every row: [0-9,]+ values compared, none differs; [0-9.]+ s\n$");
    JsonNode report = new ObjectMapper().readTree(json.toFile());
    assertThat(report.at("/totals/different").asLong(-1)).isZero();
    assertThat(report.at("/totals/rows").asLong()).isPositive();
    assertThat(report.at("/features").findValuesAsText("feature")).contains("hours_30d");
    assertThat(report.at("/features").findValuesAsText("of_rows")).contains("true", "false");
  }

  @Test
  void givesExamplesAndEndsWithOneWhereARowDiffers() throws Exception {
    new NaiveStream(3, 150).write(lake);
    Path file = lake.resolve("crew_features/date=all/a.parquet");
    try (var connection = DriverManager.getConnection("jdbc:duckdb:");
        var sql = connection.createStatement()) {
      sql.execute(
          "create table row as select * replace (open_tasks + 1 as open_tasks) from read_parquet('%s', hive_partitioning = false)"
              .formatted(file));
      sql.execute("copy row to '%s'".formatted(file));
    }

    assertThat(verify("--last")).isEqualTo(1);

    assertThat(out.toString())
        .containsPattern("crew\\.open_tasks +2 rows +2 differ\n    acme:c[01], sequence ")
        .contains("each entity's last row", "2 differ in 1 of the lines");
  }

  @Test
  void saysALineARunBesideALiveJob() throws Exception {
    new NaiveStream(3, 150).write(lake);

    assertThat(
            verify("--every", "1s", "--runs", "2", "--sample", "0.5", "--published-within", "1min"))
        .isZero();

    assertThat(out.toString().lines())
        .hasSize(2)
        .allMatch(line -> line.contains("every row of 0.5 of the entities: 0 values compared"))
        .allMatch(line -> line.contains("nothing in the lake is old enough yet"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--every 5                | '5' is no duration; write 30s, 10min or 2h",
        "--every -5s              | '-5s' is no duration; write 30s, 10min or 2h",
        "--every 0s               | --every is longer than nothing; write 10min",
        "--every 5s --runs 0      | --runs is at least 1, not 0",
        "--runs 2                 | --runs goes with --every",
        "--metrics-port 9109      | --metrics-port goes with --every",
        "--every 5s --metrics-port 99999 | --metrics-port is at most 65535, not 99999",
        "--every 5s --metrics-address 127.0.0.1 | --metrics-address goes with --metrics-port",
        "--metrics-address no.such.invalid      | no.such.invalid' is no address; write 127.0.0.1",
        "--seed other             | --seed goes with --sample",
        "--json no/such/file.json | no folder for 'no/such/file.json': make it",
        "--json .                 | '.' is a folder: name a file",
      })
  void refusesWhatWouldDoNothing(String options, String why) {
    assertThat(verify(options.split(" "))).isEqualTo(2);
    assertThat(err.toString().lines()).singleElement().asString().contains(why);
  }

  @Test
  void refusesAShareThatIsNone() {
    assertThat(verify("--sample", "5")).isEqualTo(2);
    assertThat(err.toString()).contains("--sample is a share above 0 and at most 1, not 5.0");
  }

  @Test
  void isCalledWronglyWithoutALake() {
    assertThat(run("features", "verify")).isEqualTo(2);
    assertThat(err.toString().lines()).singleElement().asString().contains("--lake");
  }

  @Test
  void saysInOneLineWhatIsNotThere() throws Exception {
    assertThat(verify()).isEqualTo(1);
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .contains(lake + " holds no table work_events: name the folder");

    new NaiveStream(3, 50).write(lake);
    assertThat(
            run("features", "verify", "--lake", lake.toString(), "--definitions", lake.toString()))
        .isEqualTo(1);
    assertThat(err.toString()).contains("point --definitions at the folder that holds features/");
  }

  private int verify(String... more) {
    String[] arguments = new String[6 + more.length];
    System.arraycopy(
        new String[] {
          "features", "verify", "--lake", lake.toString(), "--definitions", DEFINITIONS
        },
        0,
        arguments,
        0,
        6);
    System.arraycopy(more, 0, arguments, 6, more.length);
    return run(arguments);
  }

  private int run(String... arguments) {
    return Crewcast.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
