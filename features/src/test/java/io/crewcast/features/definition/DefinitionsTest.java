package io.crewcast.features.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema.Column;
import io.crewcast.schemas.ValueType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DefinitionsTest {

  private static final String WORKER =
      """
      entity: worker
      about: One worker
      fresh_within: 5m
      facts:
        entry: {from: time_entry}
        held:  {from: task, while: status == "STARTED"}
      features:
        hours: {sum: entry.minutes, unit: hours, windows: [7d, total], about: Hours}
        held:  {count: held, about: Held}
      derived:
        double_hours: {is: 2 * hours_7d, about: Twice}
      """;

  @TempDir Path directory;

  @Test
  void namesAColumnAFeatureAndWindowAndKnowsHowFarBackItLooks() throws Exception {
    var worker = load(WORKER).schemas().get(EntityType.WORKER);

    assertThat(worker.columns())
        .containsExactly(
            new Column("hours_7d", ValueType.DOUBLE, "Hours, last 7d", Duration.ofDays(7)),
            new Column("hours_total", ValueType.DOUBLE, "Hours, in total"),
            new Column("held", ValueType.LONG, "Held"),
            new Column("double_hours", ValueType.DOUBLE, "Twice", Duration.ofDays(7)));
    assertThat(worker.avro().getField("hours_7d").schema().toString())
        .isEqualTo("[\"null\",\"double\"]");
  }

  @Test
  void callsLateWhatIsBeyondTheLongestWindowAndItsHop() throws Exception {
    assertThat(load(WORKER).lateAfter()).isEqualTo(Duration.ofDays(7).plusHours(1));
  }

  @Test
  void takesTheLimitOfTheFileForFactsThatHaveNoneOfTheirOwn() throws Exception {
    var worker = load(WORKER.replace("time_entry", "time_entry, fresh_within: 2h"));
    EntityDefinition definition = worker.entities().get(0);

    assertThat(definition.features().stream().map(Feature::source).map(definition::freshWithin))
        .containsExactly(Duration.ofHours(2), Duration.ofMinutes(5));
  }

  @Test
  void readsTheDefinitionsThatShip() throws Exception {
    var shipped = Definitions.load(Path.of("../flink-conf"));

    assertThat(shipped.entities())
        .extracting(EntityDefinition::entity)
        .containsExactly(EntityType.values());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[7d, total]              | []                       | worker.yaml:8: | a list without a window",
        "windows: [7d, total]     | windows: [total], hop: 1d | worker.yaml:8: | a lifetime has no hop",
        "entry.minutes, unit     | entry.minuts, unit      | worker.yaml:8: | no 'minuts'; nearest are minutes, ",
        "sum: entry              | sum: entri              | worker.yaml:8: | entri",
        "sum: entry              | total: entry            | worker.yaml:8: | total",
        "windows: [7d            | windows: [7x            | worker.yaml:8: | 7x",
        "windows: [7d            | windows: [1441m         | worker.yaml:8: | multiple of its hop",
        "unit: hours             | unit: years             | worker.yaml:8: | years",
        "from: time_entry        | from: entries           | worker.yaml:5: | entries",
        "from: time_entry        | from: project           | worker.yaml:5: | names no worker",
        "status == \"STARTED\"   | state == \"STARTED\"    | worker.yaml:6: | state",
        "status == \"STARTED\"   | story_points            | worker.yaml:6: | condition",
        "{count: held,           | {count: held, windows: [7d], | worker.yaml:9: | no windows",
        "2 * hours_7d            | 2 * hours_8d            | worker.yaml:11: | hours_8d",
        "double_hours            | hours_7d                | worker.yaml:11: | column already",
        "entity: worker          | entity: robot           | worker.yaml:1: | no entity 'robot'; use task, project, crew, worker, worker_project",
        "{sum: entry             | {quantile: entry        | worker.yaml:8: | 'at' is missing here; add at:",
        "{sum: entry             | {at: 2, quantile: entry | worker.yaml:8: | '2' is no number from 0 to 1",
        "{sum: entry             | {at: 0.5, sum: entry    | worker.yaml:8: | sum takes no at",
        "{sum: entry             | {n: 0, last: entry      | worker.yaml:8: | '0' is no number from 1 to 100",
        "{sum: entry             | {n: 1.5, last: entry    | worker.yaml:8: | no whole number",
        "{sum: entry             | {by: minutes, sum: entry | worker.yaml:8: | 'minutes' is no text",
        "{sum: entry             | {by: phase, max: entry  | worker.yaml:8: | by goes with",
        "{sum: entry             | {gini: entry            | worker.yaml:8: | of: worker_id",
        "{sum: entry             | {of: phase, sum: entry  | worker.yaml:8: | of goes with gini",
        "{sum: entry             | {at_most: 9, sum: entry | worker.yaml:8: | at_most bounds",
        "{sum: entry             | {hop: 2h, sum: entry    | worker.yaml:8: | write 5m, 1h or 1d",
        "[7d, total]             | [90d], hop: 5m          | worker.yaml:8: | choose a longer hop",
        "[7d, total]             | [12h], hop: 1d          | worker.yaml:8: | no multiple of its hop of 1d; write one",
        "{sum: entry.minutes, unit: hours, windows: [7d, total] | {distinct: entry.minutes | worker.yaml:8: | which distinct cannot take",
        "fresh_within: 5m        | fresh_within: total     | worker.yaml:3: | write 5m, 12h or 30d",
        "from: time_entry        | from: time_entry, fresh_within: 1w | worker.yaml:5: | '1w' is no length of time",
        "fresh_within: 5m        | retired: [held]         | worker.yaml:3: | is retired and a column",
        "fresh_within: 5m        | retired: ['a b;c']      | worker.yaml:3: | 'a b;c' is no column name",
        "fresh_within: 5m        | retired: [old, old]     | worker.yaml:3: | 'old' is retired twice",
        "fresh_within: 5m        | fresh: 5m               | worker.yaml:3: | 'fresh' is not known here",
        "double_hours            | null                    | worker.yaml:11: | 'null' is a word of expressions",
        "[7d, total]             | [1d, 24h]               | worker.yaml:8: | two windows of one length",
        "about: Hours            | about: '  '             | worker.yaml:8: | a text is needed here",
        "2 * hours_7d            | hours_7d / 0            | worker.yaml:11: | divides by zero",
        "double_hours            | order                   | worker.yaml:11: | 'order' is a word of SQL; choose another name",
        "double_hours            | break                   | worker.yaml:11: | 'break' is a word of expressions",
        "2 * hours_7d            | 2 * double_hours        | worker.yaml:11: | 'double_hours' would be made of itself",
        "2 * hours_7d, about: Twice} | 2 * more, about: Twice}\\n  more: {is: hours_7d, about: More} | worker.yaml:11: | 'more' stands further down; move it above 'double_hours'",
        "status == \"STARTED\"   | status == \"STARTD\" | worker.yaml:6: | 'status == \"STARTD\"': no status is 'STARTD'; nearest are STARTED",
        "status == \"STARTED\"   | status != \"DONE\" | worker.yaml:6: | no status is 'DONE'",
        "status == \"STARTED\"   | task.status == \"STARTED\" | worker.yaml:6: | 'task.status' is a feature, and which facts count is told by their own fields",
        "while: status == \"STARTED\" | let: {a: worker.held} | worker.yaml:6: | 'worker.held' is not known before the worker is visited; use fields of the task",
        "while: status == \"STARTED\" | let: {a: planned_minutes, b: 2.0 * a} | worker.yaml:6: | 'a' is a let too",
      })
  void saysWhereAFileIsWrongAndWhatToDo(String right, String wrong, String place, String word) {
    String changed = wrong.strip().replace("\\n", "\n");
    assertThatThrownBy(() -> load(WORKER.replace(right.strip(), changed)))
        .isInstanceOf(InvalidDefinitionException.class)
        .hasMessageContaining(place.strip())
        .hasMessageContaining(word.strip())
        .hasMessageNotContaining("\n");
  }

  @Test
  void refusesALifetimeOfWhatAnotherEntityHasAPartIn() throws Exception {
    Files.createDirectories(directory.resolve("features"));
    Files.writeString(
        directory.resolve("features/task.yaml"),
        """
        entity: task
        about: One task
        facts:
          entry: {from: time_entry}
        features:
          logged_minutes: {sum: entry.minutes, about: Minutes}
        """);
    String worker =
        """
        entity: worker
        about: One worker
        facts:
          done: {from: task, let: {left: planned_minutes - task.logged_minutes}}
        features:
          left: {sum: done.left, windows: [365d], about: Minutes left}
        """;

    assertThat(load(worker).entities()).hasSize(2);
    assertThatThrownBy(() -> load(worker.replace("365d", "365d, total")))
        .isInstanceOf(InvalidDefinitionException.class)
        .hasMessageContaining("worker.yaml:6:")
        .hasMessageContaining("give 'left' windows of at most 365d")
        .hasMessageNotContaining("\n");
  }

  @Test
  void saysWhyAFeatureOfALaterEntityIsNotKnownAndWhichAre() throws Exception {
    load(WORKER);
    Files.writeString(
        directory.resolve("features/task.yaml"),
        """
        entity: task
        about: One task
        facts:
          entry: {from: time_entry, let: {hours: worker.hours_7d}}
        features:
          entries: {count: entry, about: Entries}
        """);
    assertThatThrownBy(() -> Definitions.load(directory))
        .hasMessageContaining("task.yaml:4:")
        .hasMessageEndingWith(
            "'worker.hours_7d' is not known before the task is visited; use fields of the time_entry");

    Files.delete(directory.resolve("features/worker.yaml"));
    Files.writeString(
        directory.resolve("features/task.yaml"),
        Files.readString(directory.resolve("features/task.yaml"))
            .replace(", let: {hours: worker.hours_7d}", ""));
    String ownFeature = "from: time_entry, let: {own: worker.hours_7d}";
    assertThatThrownBy(() -> load(WORKER.replace("from: time_entry", ownFeature)))
        .hasMessageEndingWith("use fields of the time_entry and features of task");
  }

  @Test
  void letsAPairUseTheWorkersFeaturesAndNotTheReverse() throws Exception {
    Files.createDirectories(directory.resolve("features"));
    Files.writeString(
        directory.resolve("features/worker_project.yaml"),
        """
        entity: worker_project
        about: One worker in one project
        facts:
          entry: {from: time_entry, let: {share: minutes / (60.0 * worker.hours_7d)}}
        features:
          share: {mean: entry.share, windows: [7d], about: Mean share of the worker's week}
        """);
    assertThat(load(WORKER).entities())
        .extracting(EntityDefinition::name)
        .containsExactly("worker", "worker_project");

    String reverse = "from: time_entry, let: {share: worker_project.share_7d}";
    assertThatThrownBy(() -> load(WORKER.replace("from: time_entry", reverse)))
        .hasMessageContaining(
            "'worker_project.share_7d' is not known before the worker is visited");
  }

  @Test
  void refusesAColumnThatIsOneOfThePairsIds() throws Exception {
    String pair =
        WORKER
            .replace("entity: worker", "entity: worker_project")
            .replace("double_hours", "project_id");

    assertThatThrownBy(() -> load(pair)).hasMessageContaining("'project_id' is a column of every");
  }

  @Test
  void letsAColumnRetireThatWouldBeRefusedToday() throws Exception {
    String retired = WORKER.replace("fresh_within: 5m", "retired: [order]");

    assertThat(load(retired).entities()).hasSize(1);
  }

  private Definitions load(String worker) throws IOException {
    Files.createDirectories(directory.resolve("features"));
    Files.writeString(directory.resolve("features/worker.yaml"), worker);
    return Definitions.load(directory);
  }
}
