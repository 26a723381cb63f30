package io.crewcast.local.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.local.stack.FlinkClient;
import java.io.BufferedWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class CrewcastTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void saysInOneLineWhatWasCalledWronglyAndExitsWithTwo() {
    assertThat(run("up", "--kafka", "1")).isEqualTo(2);
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .contains("--kafka", "see crewcast up --help");
  }

  @Test
  void saysInOneLineWhatToDoWhenFlinkIsNotThereAndExitsWithOne(@TempDir Path folder)
      throws Exception {
    Path jar = Files.createFile(folder.resolve("job.jar"));
    assertThat(run("submit", "--flink", "http://127.0.0.1:1", "--jar", jar.toString(), "AnyJob"))
        .isEqualTo(1);
    assertThat(err.toString().lines()).singleElement().asString().contains("./crewcast up");
  }

  @Test
  void printsTheStackTraceOnlyWhenAsked(@TempDir Path folder) {
    String nowhere = folder.resolve("none").toString();
    assertThat(run("models", "list", "--models", nowhere)).isEqualTo(1);
    assertThat(err.toString()).doesNotContain("\tat ");
    assertThat(run("models", "list", "--models", nowhere, "--debug")).isEqualTo(1);
    assertThat(err.toString()).contains("\tat ");
  }

  @Test
  void listsTheOtherVersionsWhereOneCannotBeRead(@TempDir Path models) throws Exception {
    for (String version : List.of("1", "2", "3")) {
      Path folder = Files.createDirectories(models.resolve("overrun").resolve(version));
      String broken = version.equals("2") ? "model: [" : "model: overrun";
      Files.writeString(folder.resolve("model.yaml"), broken);
    }
    assertThat(run("models", "list", "--models", models.toString())).isEqualTo(1);
    assertThat(out.toString().lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("overrun").contains(" 1 "),
            line -> assertThat(line).contains(" 2 ", "model.yaml cannot be read, at line"),
            line -> assertThat(line).startsWith("overrun").contains(" 3 "));
  }

  @Test
  void leavesWhatFollowsTheJobToTheJob() {
    CommandLine.ParseResult parsed =
        Crewcast.commandLine().parseArgs("submit", "ScoringJob", "--lake", "/lake", "--help");
    assertThat(parsed.subcommand().matchedOptions()).isEmpty();
    assertThat(parsed.subcommand().isUsageHelpRequested()).isFalse();
  }

  @Test
  void printsTheOptionsOfTheJobWithoutACluster() {
    assertThat(run("submit", "--flink", "http://127.0.0.1:1", "ScoringJob", "--help")).isZero();
    assertThat(out.toString()).contains("--publish-after", "Default: 10 min.");
  }

  @Test
  void refusesWhatCannotGoLiveBeforeTheBackfill() {
    assertThat(run("backfill", "--lake", "lake", "--then-live", "--", "--delivry", "exactly-once"))
        .isEqualTo(2);
    assertThat(run("backfill", "--lake", "lake", "--then-live", "--", "--lake", "other"))
        .isEqualTo(2);
    assertThat(run("backfill", "--lake", "lake", "--", "--redis", "redis://127.0.0.1:1"))
        .isEqualTo(2);
    assertThat(run("backfill", "--lake", "lake", "--then-live", "--from-lake")).isEqualTo(2);
    assertThat(err.toString().lines())
        .satisfiesExactly(
            line -> assertThat(line).contains("--delivry is not known; known are"),
            line -> assertThat(line).contains("--lake holds for both jobs: say it before --"),
            line -> assertThat(line).contains("--redis is for a live job: add --then-live"),
            line -> assertThat(line).contains("--from-lake leaves a live job no place"));
  }

  @Test
  void listsEachFeatureWithTypeUnitAndMeaning() {
    assertThat(run("features", "list")).isZero();
    assertThat(out.toString()).containsPattern("hours_7d +double +hours +Hours logged");
  }

  @Test
  void saysHowManyIdsNameAnEntity() {
    assertThat(run("features", "get", "worker_project", "acme", "kim")).isEqualTo(2);
    assertThat(run("features", "get", "worker_project", "acme", "kim", "bridge", "lee"))
        .isEqualTo(2);
    assertThat(err.toString().lines())
        .satisfiesExactly(
            line -> assertThat(line).contains("by worker_id and project_id: give 2, not 1"),
            line -> assertThat(line).contains("by worker_id and project_id: give 2, not 3"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "task_overrun|3|2|version 3: experiment overrun_warnings serves champion: 1, challenger: 2;"
            + " no variation serves it, though it is the champion",
        "task_overrun|2|1|version 2: experiment overrun_warnings serves champion: 1, challenger: 2;"
            + " its control is version 1, and that must be the champion",
        "task_overrun|1|3|version 3: experiment overrun_warnings serves champion: 1, challenger: 2;"
            + " no variation serves it, though it is the challenger",
        "delay_risk|1|2|experiment overrun_warnings is one of task_overrun: name one of delay_risk",
      })
  void rollsOutNothingThatItsExperimentDoesNotServe(
      String model, String champion, String challenger, String why) {
    assertThat(
            run(
                "models",
                "rollout",
                model,
                "--champion",
                champion,
                "--challenger",
                challenger,
                "--coverage",
                "5%",
                "--experiment",
                "overrun_warnings"))
        .isEqualTo(1);
    assertThat(err.toString().lines()).singleElement().asString().contains(why);
  }

  @Test
  void showsTheNewestVersionOfAModelUnlessAnotherIsNamed(@TempDir Path models) throws Exception {
    for (String version : new String[] {"9", "10"}) {
      Path folder = Files.createDirectories(models.resolve("task_overrun").resolve(version));
      Files.writeString(folder.resolve("model.yaml"), "objective: version-" + version + "\n");
    }
    assertThat(run("models", "show", "task_overrun", "--models", models.toString())).isZero();
    assertThat(out.toString()).contains("version-10");
    assertThat(run("models", "show", "task_overrun", "9", "--models", models.toString())).isZero();
    assertThat(out.toString()).contains("version-9");
    assertThat(run("models", "show", "task_overrun", "8", "--models", models.toString()))
        .isEqualTo(1);
    assertThat(err.toString()).contains("No model task_overrun/8 in " + models);
  }

  @Test
  void showsWhatTheOutputHoldsBackUntilItIsFlushed(@TempDir Path models) throws Exception {
    Path folder = Files.createDirectories(models.resolve("task_overrun").resolve("1"));
    Files.writeString(folder.resolve("model.yaml"), "objective: none\n");
    Files.writeString(folder.resolve("MODEL_CARD.md"), "# A card\n");
    StringWriter text = new StringWriter();
    CommandLine crewcast =
        Crewcast.commandLine().setOut(new PrintWriter(new BufferedWriter(text), true));
    crewcast.execute("models", "show", "task_overrun", "--card", "--models", models.toString());
    assertThat(text.toString()).isEqualTo("# A card\n");
  }

  @Test
  void listsWhatTheGateSaidOfEachVersion(@TempDir Path models) throws Exception {
    String[] manifests = {
      "objective: a\n",
      "objective: b\ngate: {passed: true, reasons: []}\n",
      "objective: c\ngate: {passed: false, reasons: [too low]}\n",
      "objective: d\norigin: {saved_by: MLflow 3.1.0}\n"
    };
    for (int i = 0; i < manifests.length; i++) {
      Path folder = Files.createDirectories(models.resolve("overrun/" + (i + 1)));
      Files.writeString(folder.resolve("model.yaml"), manifests[i]);
    }
    Files.createDirectories(models.resolve("overrun/5"));
    assertThat(run("models", "list", "--models", models.toUri().toString())).isZero();
    assertThat(out.toString().lines())
        .satisfiesExactly(
            line -> assertThat(line).matches("overrun +1 +a +no gate *"),
            line -> assertThat(line).matches("overrun +2 +b +passed *"),
            line -> assertThat(line).matches("overrun +3 +c +forced *"),
            line -> assertThat(line).matches("overrun +4 +d +imported *"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--wait -1                            | '-1' is no whole number from 1 on",
        "--parallelism 0                      | '0' is no whole number from 1 on",
        "--out-of-orderness -1h               | '-1h' is no duration; write 30s, 10min or 2h",
        "--then-live -- --redis 127.0.0.1     | --redis 127.0.0.1 is not valid: write redis://host:port",
        "--then-live -- --redis redis://:99999 | --redis redis://:99999 is not valid: write redis://host:port",
        "--registry foo                       | '--registry': 'foo' is no URL; write http://host:port",
        "--flink ftp://here                   | '--flink': 'ftp://here' is no URL; write http://host:port",
        "--bootstrap-servers 127.0.0.1        | '127.0.0.1' is no host:port; write 127.0.0.1:9092",
        "--bootstrap-servers a:1,b            | 'a:1,b' is no host:port; write 127.0.0.1:9092",
        "--jar /nope                          | '--jar': no file '/nope' to read: check the path",
        "-Dstate                              | '-D' (KEY=VALUE): 'state' sets nothing; write -Dkey=value",
        "--then-live -- --lake elsewhere      | --lake holds for both jobs: say it before --",
      })
  void saysWhatIsWrongWithABackfillBeforeItAsksAnyServer(String options, String why) {
    assertThat(run(("backfill --lake lake " + options).split(" "))).isEqualTo(2);
    assertThat(err.toString().lines()).singleElement().asString().contains(why);
  }

  @Test
  void saysWhatIsWrongWithDefinitionsBeforeItAsksAnyServer(@TempDir Path nothing) {
    assertThat(run("backfill", "--lake", "lake", "--definitions", nothing.toString())).isEqualTo(1);
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .contains("is no directory; point --definitions at the folder that holds features/");
  }

  @Test
  void takesTheLastOfASettingThatIsSaidTwice() {
    CommandLine submit =
        Crewcast.commandLine()
            .parseArgs("submit", "-Da.b=1", "-Da.b=x=y", "-Dc=", "ScoringJob")
            .subcommand()
            .commandSpec()
            .commandLine();
    Cluster cluster = (Cluster) submit.getCommandSpec().mixins().get("cluster").userObject();
    assertThat(cluster.on(FlinkClient.Run.of("Job", List.of())).settings())
        .containsExactly(Map.entry("a.b", "x=y"), Map.entry("c", ""));
  }

  private int run(String... arguments) {
    return Crewcast.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
