package io.crewcast.features.operator;

import static io.crewcast.features.Events.NOON;
import static io.crewcast.features.Events.arrival;
import static io.crewcast.features.Events.entry;
import static io.crewcast.features.Events.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.features.Events;
import io.crewcast.features.definition.Definitions;
import io.crewcast.features.definition.EntityDefinition;
import io.crewcast.features.ledger.CountedBy;
import io.crewcast.features.ledger.FactLedger;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.state.LedgerEntry;
import io.crewcast.schemas.stream.Arrival;
import io.crewcast.schemas.stream.Change;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OperatorSnapshotUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A job goes on from a savepoint with the same definitions, with more, or not at all. */
class SavepointTest {

  /** One column of each way in which state is kept. */
  private static final String DEFINITION =
      """
      entity: worker
      about: One worker
      facts:
        entry: {from: time_entry, when: minutes > 0}
      features:
        hours:   {sum: entry.minutes, unit: hours, windows: [12h, 30d, 365d, total], about: Hours}
        days:    {distinct: entry.local_date, windows: [30d], about: Days}
        by_task: {count: entry, by: task_id, at_most: 3, windows: [30d], about: Entries of the task}
        spread:  {stddev: entry.minutes, windows: [30d], about: Spread}
        median:  {quantile: entry.minutes, at: 0.5, about: Median}
        usual:   {top: entry.project_id, about: Usual project}
        balance: {gini: entry.minutes, of: project_id, about: Balance}
        longest: {max: entry.minutes, windows: [30d], about: Longest}
        recent:  {last: entry.minutes, n: 2, about: Recent}
      derived:
        hours_a_day: {is: hours_30d / days_30d, about: Hours a day}
      """;

  private static final Path GOLDEN = Path.of("src/test/resources/savepoint-1");

  @TempDir Path directory;

  @Test
  void goesOnWithTheSameDefinition() throws Exception {
    OperatorSubtaskState savepoint = savepoint(DEFINITION);

    assertThat(after(savepoint, DEFINITION)).isEqualTo(withoutInterruption());
  }

  @Test
  void goesOnWithAnotherLimitOfAge() throws Exception {
    OperatorSubtaskState savepoint = savepoint(DEFINITION);
    String promising =
        DEFINITION
            .replace("facts:", "fresh_within: 1h\nfacts:")
            .replace("minutes > 0}", "minutes > 0, fresh_within: 5m}");

    assertThat(after(savepoint, promising)).isEqualTo(withoutInterruption());
  }

  /** What was written by an earlier build of this version of state. */
  @Test
  void readsASavepointOfAnEarlierBuild() throws Exception {
    OperatorSubtaskState savepoint =
        OperatorSnapshotUtil.readStateHandle(GOLDEN.resolve("worker").toString());

    assertThat(after(savepoint, DEFINITION)).isEqualTo(withoutInterruption());
  }

  @Test
  void readsALedgerOfAnEarlierBuild() throws Exception {
    try (var ledger = ledger()) {
      ledger.initializeState(
          OperatorSnapshotUtil.readStateHandle(GOLDEN.resolve("ledger").toString()));
      ledger.open();
      ledger.processElement(arrival(before().get(0)), NOON.toEpochMilli());
      assertThat(ledger.extractOutputValues()).as("a repeat").isEmpty();
      WorkEvent correction =
          event("c1", NOON, NOON.plusSeconds(900), entry("f1", "kim", "b", "t", 5));
      ledger.processElement(arrival(correction), NOON.toEpochMilli());

      Change change = ledger.extractOutputValues().get(0);
      assertThat(change.getRetracted().getEvent().getEventId()).isEqualTo("e1");
    }
  }

  @Test
  void knowsWhichKindsOfEntityCountedWhatAnEarlierBuildLeft() throws Exception {
    try (var ledger = ledger()) {
      ledger.initializeState(
          OperatorSnapshotUtil.readStateHandle(GOLDEN.resolve("ledger").toString()));
      ledger.open();
      WorkEvent correction =
          event("c1", NOON, NOON.plusSeconds(900), entry("f1", "kim", "tunnel", "t1", 5));
      ledger.processElement(arrival(correction), NOON.toEpochMilli());

      Change change = ledger.extractOutputValues().get(0);
      assertThat(EntityType.values())
          .filteredOn(kind -> CountedBy.has(change.getRetracted(), kind))
          .containsExactly(EntityType.TASK, EntityType.PROJECT, EntityType.CREW, EntityType.WORKER);
      assertThat(EntityType.values()).allMatch(kind -> CountedBy.has(change.getApplied(), kind));
    }
  }

  @Test
  void startsAnAddedFeatureWithoutTakingBackWhatItNeverCounted() throws Exception {
    OperatorSubtaskState savepoint = savepoint(DEFINITION);
    String added =
        DEFINITION.replace(
            "derived:",
            """
              entries: {count: entry, windows: [30d, total], about: Entries}
              latest:  {last: entry.occurred_at, about: Newest}
            derived:
              twice: {is: 2 * entries_total, about: Twice}\
            """);
    String longer = added.replace("[12h, 30d, 365d, total]", "[12h, 30d, 90d, 365d, total]");

    try (var worker = worker(longer)) {
      worker.initializeState(savepoint);
      worker.open();
      WorkEvent first = before().get(0);
      Instant later = NOON.plusSeconds(700);
      WorkEvent corrected = event("c1", NOON, later, entry("f1", "kim", "bridge", "t1", 7));
      worker.processElement(change(first, corrected, later), later.toEpochMilli());
      Map<String, Object> now = newest(worker, longer);

      // of the entries before, only the correction counts; it replaces nothing that was counted
      assertThat(now).containsEntry("entries_total", 1L).containsEntry("entries_30d", 1L);
      assertThat(now).containsEntry("twice", 2.0).containsEntry("hours_90d", 7 / 60.0);
      assertThat(now).containsEntry("hours_total", (MINUTES - 10 + 7) / 60.0);

      worker.processElement(change(corrected, null, later), later.toEpochMilli());
      assertThat(newest(worker, longer))
          .containsEntry("entries_total", 0L)
          .containsEntry("hours_90d", 0.0)
          .containsEntry("latest", null)
          .containsEntry("hours_total", (MINUTES - 10) / 60.0);

      // all that is left expires, and takes nothing from what never held it
      Instant muchLater = NOON.plus(Duration.ofDays(100));
      worker.processElement(change(null, first, muchLater), muchLater.toEpochMilli());
      assertThat(newest(worker, longer)).containsEntry("hours_90d", 0.0);
    }
  }

  @Test
  void keepsTheBirthOfAFeatureOverTheNextSavepoint() throws Exception {
    String added = DEFINITION.replace("derived:", "  n: {count: entry, about: Entries}\nderived:");
    OperatorSubtaskState second;
    try (var worker = worker(added)) {
      worker.initializeState(savepoint(DEFINITION));
      worker.open();
      second = worker.snapshot(2, 2);
    }
    try (var worker = worker(added)) {
      worker.initializeState(second);
      worker.open();
      Instant later = NOON.plusSeconds(700);
      worker.processElement(change(before().get(0), null, later), later.toEpochMilli());

      assertThat(newest(worker, added)).containsEntry("n", 0L);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "unit: hours,         |                        | 'hours_12h'",
        "minutes > 0          | minutes > 1            | 'hours_12h'",
        "at: 0.5              | at: 0.6                | 'median'",
        "n: 2                 | n: 3                   | 'recent'",
        "by: task_id          | by: project_id         | 'by_task_30d'",
        "at_most: 3           | at_most: 4             | 'by_task_30d'",
        "top: entry.project_id| top: entry.task_id     | 'usual'",
        "[12h, 30d, 365d      | [30d, 365d             | 'hours_12h'",
        "longest:             | greatest:              | 'longest_30d'",
        "hours_30d / days_30d | hours_12h / days_30d   | 'hours_a_day'",
      })
  void refusesAColumnThatMeansSomethingElseOrIsGone(String was, String is, String column)
      throws Exception {
    OperatorSubtaskState savepoint = savepoint(DEFINITION);
    String changed = DEFINITION.replace(was.strip(), is == null ? "" : is.strip());
    assertThat(changed).isNotEqualTo(DEFINITION);

    try (var worker = worker(changed)) {
      assertThatThrownBy(() -> worker.initializeState(savepoint))
          .hasRootCauseMessage(rootMessage(savepoint, changed))
          .hasStackTraceContaining("worker: ")
          .hasStackTraceContaining(column.strip())
          .hasStackTraceContaining("retired:")
          .isInstanceOf(SuppressRestartsException.class);
    }
  }

  private String rootMessage(OperatorSubtaskState savepoint, String changed) throws Exception {
    try (var worker = worker(changed)) {
      worker.initializeState(savepoint);
      throw new AssertionError("not refused");
    } catch (SuppressRestartsException e) {
      assertThat(e.getCause().getMessage()).doesNotContain("\n");
      return e.getCause().getMessage();
    }
  }

  /** Also one window of a feature, whose others then expire as before. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "longest:.*        |    | longest_30d | longest_30d, never_was",
        "12h, 30d, 365d | 30d, 365d | hours_12h | hours_12h",
      })
  void letsARetiredColumnGo(String was, String is, String column, String retired) throws Exception {
    String without =
        DEFINITION.replaceAll(was, is == null ? "" : is) + "retired: [%s]\n".formatted(retired);

    Map<String, Object> values = after(savepoint(DEFINITION), without);

    Map<String, Object> others = new HashMap<>(withoutInterruption());
    others.remove(column);
    assertThat(values).isEqualTo(others);
  }

  @Test
  void refusesARetiredColumnThatComesBack() throws Exception {
    String retired = DEFINITION.replaceAll("  longest:.*\n", "") + "retired: [longest_30d]\n";
    OperatorSubtaskState second;
    try (var worker = worker(retired)) {
      worker.initializeState(savepoint(DEFINITION));
      worker.open();
      second = worker.snapshot(2, 2);
    }
    try (var worker = worker(DEFINITION)) {
      assertThatThrownBy(() -> worker.initializeState(second))
          .isInstanceOf(SuppressRestartsException.class)
          .hasRootCauseMessage(
              "worker: 'longest_30d' was retired before the savepoint, and what it counted is gone; give the column a name of its own, and leave 'longest_30d' under retired:");
    }
  }

  /**
   * Writes the golden savepoint; to be run, and the result kept, when the version of state changes.
   */
  public static void main(String[] arguments) throws Exception {
    Files.createDirectories(GOLDEN);
    SavepointTest test = new SavepointTest();
    test.directory = Files.createTempDirectory("definitions");
    OperatorSnapshotUtil.writeStateHandle(
        test.savepoint(DEFINITION), GOLDEN.resolve("worker").toString());
    try (var ledger = ledger()) {
      ledger.open();
      for (WorkEvent event : before()) {
        ledger.processElement(arrival(event), event.getRecordedAt().toEpochMilli());
      }
      OperatorSnapshotUtil.writeStateHandle(
          ledger.snapshot(1, 1), GOLDEN.resolve("ledger").toString());
    }
  }

  private static final long MINUTES = 10 + 20 + 30 + 40 + 50 + 60;

  private static List<WorkEvent> before() {
    List<WorkEvent> events = new ArrayList<>();
    for (int i = 1; i <= 6; i++) {
      Instant at = NOON.plusSeconds(60L * i).minus(Duration.ofDays(7L * (i % 3)));
      String project = i % 2 == 0 ? "bridge" : "tunnel";
      events.add(
          event(
              "e" + i,
              at,
              NOON.plusSeconds(60L * i),
              entry("f" + i, "kim", project, "t" + i % 5, 10L * i)));
    }
    return events;
  }

  private OperatorSubtaskState savepoint(String definition) throws Exception {
    try (var worker = worker(definition)) {
      worker.open();
      for (WorkEvent event : before()) {
        worker.processElement(
            change(null, event, event.getRecordedAt()), event.getRecordedAt().toEpochMilli());
      }
      return worker.snapshot(1, 1);
    }
  }

  /** One event more, and its vector. */
  private Map<String, Object> after(OperatorSubtaskState savepoint, String definition)
      throws Exception {
    try (var worker = worker(definition)) {
      worker.initializeState(savepoint);
      worker.open();
      last(worker);
      return newest(worker, definition);
    }
  }

  private Map<String, Object> withoutInterruption() throws Exception {
    try (var worker = worker(DEFINITION)) {
      worker.open();
      for (WorkEvent event : before()) {
        worker.processElement(
            change(null, event, event.getRecordedAt()), event.getRecordedAt().toEpochMilli());
      }
      last(worker);
      return newest(worker, DEFINITION);
    }
  }

  /** Takes one entry back, gives another, and lets what is 14 days old leave. */
  private static void last(KeyedOneInputStreamOperatorTestHarness<String, Change, Change> worker)
      throws Exception {
    Instant later = NOON.plus(Duration.ofDays(17));
    WorkEvent more = event("e9", later, entry("f9", "kim", "tunnel", "t9", 45));
    worker.processElement(change(before().get(1), more, later), later.toEpochMilli());
  }

  private static Change change(WorkEvent retracted, WorkEvent applied, Instant recordedAt) {
    return Events.change(
        retracted == null ? null : fact(retracted),
        applied == null ? null : fact(applied),
        recordedAt);
  }

  private static io.crewcast.schemas.stream.Fact fact(WorkEvent event) {
    LedgerEntry entry = FactLedger.unknown();
    return FactLedger.enter(entry, event).changes().get(0).getApplied();
  }

  private Map<String, Object> newest(
      KeyedOneInputStreamOperatorTestHarness<String, Change, Change> worker, String definition)
      throws IOException {
    var vectors = new ArrayList<>(worker.getSideOutput(UpdateFeatures.features(EntityType.WORKER)));
    FeatureVector newest = vectors.get(vectors.size() - 1).getValue();
    Map<String, Object> values = new HashMap<>();
    var columns = definition(definition).schema().columns();
    for (int i = 0; i < columns.size(); i++) {
      values.put(columns.get(i).name(), newest.getValues().get(i));
    }
    return values;
  }

  private EntityDefinition definition(String yaml) throws IOException {
    Files.createDirectories(directory.resolve("features"));
    Files.writeString(directory.resolve("features/worker.yaml"), yaml);
    return Definitions.load(directory).entities().get(0);
  }

  private KeyedOneInputStreamOperatorTestHarness<String, Change, Change> worker(String yaml)
      throws Exception {
    EntityDefinition definition = definition(yaml);
    return new KeyedOneInputStreamOperatorTestHarness<>(
        new GoLive<>(
            new UpdateFeatures(definition, Map.of(EntityType.WORKER, definition.schema())), false),
        Keys.entity(EntityType.WORKER),
        Types.STRING);
  }

  private static KeyedOneInputStreamOperatorTestHarness<String, Arrival, Change> ledger()
      throws Exception {
    return new KeyedOneInputStreamOperatorTestHarness<>(
        new KeyedProcessOperator<>(
            new KeepLedger(Duration.ofDays(366), List.of(EntityType.values()))),
        arrival -> FactKind.factKey(arrival.getEvent()),
        Types.STRING);
  }
}
