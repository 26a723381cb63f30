package io.crewcast.features.ledger;

import static io.crewcast.features.Events.NOON;
import static io.crewcast.features.Events.entry;
import static io.crewcast.features.Events.event;
import static io.crewcast.features.Events.task;
import static io.crewcast.features.Events.voided;
import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.features.ledger.FactLedger.Outcome;
import io.crewcast.features.ledger.FactLedger.Verdict;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.Project;
import io.crewcast.schemas.ProjectStatus;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.expression.FactFields;
import io.crewcast.schemas.state.LedgerEntry;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.Fact;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FactLedgerTest {

  private static final WorkEvent LOGGED =
      event("e1", NOON, entry("entry", "ann", "bridge", null, 60));

  private final LedgerEntry ledger = FactLedger.unknown();

  @Test
  void appliesTheFirstVersion() {
    Change change = only(FactLedger.enter(ledger, LOGGED));

    assertThat(change.getRetracted()).isNull();
    assertThat(change.getApplied().getEvent()).isEqualTo(LOGGED);
  }

  @Test
  void changesNothingWhenAnEventIsRepeated() {
    FactLedger.enter(ledger, LOGGED);

    assertThat(FactLedger.enter(ledger, LOGGED)).isEqualTo(new Outcome(Verdict.REPEAT, List.of()));
  }

  @Test
  void knowsTheRepeatOfAVersionThatNoLongerStands() {
    FactLedger.enter(ledger, LOGGED);
    FactLedger.enter(ledger, later("e2", "ann", "bridge", 30));

    assertThat(FactLedger.enter(ledger, LOGGED).verdict()).isEqualTo(Verdict.REPEAT);
  }

  @Test
  void breaksTiesByCodePointAsSqlDoes() {
    // beyond the BMP, but before U+FFFD by its UTF-16 units
    WorkEvent greater = event("\uD83D\uDE00", NOON, entry("entry", "ann", "bridge", null, 30));
    FactLedger.enter(ledger, event("\uFFFD", NOON, entry("entry", "ann", "bridge", null, 60)));

    assertThat(only(FactLedger.enter(ledger, greater)).getApplied().getEvent()).isEqualTo(greater);
  }

  @Test
  void replacesAVersionThatNamesTheSameEntitiesInOneStep() {
    FactLedger.enter(ledger, LOGGED);
    WorkEvent shorter = later("e2", "ann", "bridge", 30);

    Change change = only(FactLedger.enter(ledger, shorter));

    assertThat(change.getRetracted().getEvent()).isEqualTo(LOGGED);
    assertThat(change.getApplied().getEvent()).isEqualTo(shorter);
    assertThat(change.getRecordedAt()).isEqualTo(NOON.plusSeconds(60));
  }

  @Test
  void takesBackWhereTheOldVersionWasBeforeItAppliesTheNewOneElsewhere() {
    FactLedger.enter(ledger, LOGGED);
    WorkEvent moved = later("e2", "bob", "tunnel", 60);

    List<Change> changes = FactLedger.enter(ledger, moved).changes();

    assertThat(changes).hasSize(2);
    assertThat(changes.get(0).getRetracted().getEvent()).isEqualTo(LOGGED);
    assertThat(changes.get(0).getApplied()).isNull();
    assertThat(changes.get(1).getRetracted()).isNull();
    assertThat(changes.get(1).getApplied().getEvent()).isEqualTo(moved);
  }

  @Test
  void takesBackWhatIsVoided() {
    FactLedger.enter(ledger, LOGGED);

    Change change = only(FactLedger.enter(ledger, voided(LOGGED, "e2", NOON.plusSeconds(60))));

    assertThat(change.getRetracted().getEvent()).isEqualTo(LOGGED);
    assertThat(change.getApplied()).isNull();
  }

  @Test
  void neverAppliesAnEventWhoseVoidCameFirst() {
    FactLedger.enter(ledger, voided(LOGGED, "e2", NOON.plusSeconds(60)));

    assertThat(FactLedger.enter(ledger, LOGGED))
        .isEqualTo(new Outcome(Verdict.SUPERSEDED, List.of()));
  }

  @Test
  void refusesAVersionOfAClosedFact() {
    assertThat(FactLedger.enter(FactLedger.closed(FactLedger.unknown()), LOGGED).verdict())
        .isEqualTo(Verdict.UNCORRECTABLE);
  }

  @Test
  void knowsARepeatOfAClosedFact() {
    var entry = FactLedger.unknown();
    FactLedger.enter(entry, LOGGED);

    assertThat(FactLedger.enter(FactLedger.closed(entry), LOGGED).verdict())
        .isEqualTo(Verdict.REPEAT);
  }

  @Test
  void countsReassignmentsAndKeepsTheFirstStart() {
    enter("1", 0, TaskStatus.ASSIGNED, "ann");
    enter("2", 1, TaskStatus.STARTED, "bob");
    enter("3", 2, TaskStatus.BLOCKED, null);
    List<Change> last = enter("4", 3, TaskStatus.STARTED, "ann").changes();

    assertThat(last.get(1).getApplied().getReassignments()).isEqualTo(2);
    assertThat(last.get(1).getApplied().getStartedAt()).isEqualTo(NOON.plusSeconds(1));
  }

  @Test
  void addsUpTheTimeInEachStatusAndCountsReopenings() {
    enter("1", 0, TaskStatus.CREATED, "ann");
    enter("2", 10, TaskStatus.STARTED, "ann");
    enter("3", 15, TaskStatus.STARTED, "ann");
    enter("4", 40, TaskStatus.COMPLETED, "ann");
    enter("5", 100, TaskStatus.REOPENED, "ann");
    Fact standing = only(enter("6", 107, TaskStatus.STARTED, "ann")).getApplied();

    assertThat(FactFields.value(standing, "created_minutes")).isEqualTo(10 / 60.0);
    assertThat(FactFields.value(standing, "started_minutes")).isEqualTo(30 / 60.0);
    assertThat(FactFields.value(standing, "completed_minutes")).isEqualTo(60 / 60.0);
    assertThat(FactFields.value(standing, "reopened_minutes")).isEqualTo(7 / 60.0);
    assertThat(FactFields.value(standing, "blocked_minutes")).isEqualTo(0.0);
    assertThat(FactFields.value(standing, "reopenings")).isEqualTo(1L);
    assertThat(FactFields.value(standing, "status_since"))
        .isEqualTo(Instants.micros(NOON.plusSeconds(107)));
  }

  @Test
  void forgetsWhatWasBeforeAVoid() {
    enter("1", 0, TaskStatus.STARTED, "ann");
    FactLedger.enter(
        ledger,
        voided(
            event("x", NOON, task("t", TaskStatus.STARTED, "ann", 60.0)),
            "2",
            NOON.plusSeconds(5)));
    Fact standing = only(enter("3", 9, TaskStatus.ASSIGNED, "bob")).getApplied();

    assertThat(standing.getStartedAt()).isNull();
    assertThat(standing.getReassignments()).isZero();
    assertThat(standing.getStatusMicros()).isEmpty();
  }

  @Test
  void countsScopesThatBecameOthers() {
    Fact standing = null;
    String[] scopes = {"v1", "v1", "v2", null, "v1"};
    for (int i = 0; i < scopes.length; i++) {
      Project project =
          Project.newBuilder()
              .setProjectId("bridge")
              .setStatus(ProjectStatus.ACTIVE)
              .setScope(scopes[i])
              .build();
      standing =
          only(FactLedger.enter(ledger, event("p" + i, NOON.plusSeconds(i), project))).getApplied();
    }

    assertThat(FactFields.value(standing, "scope_changes")).isEqualTo(2L);
  }

  @Test
  void learnsOfAnEarlierStartThatArrivesLate() {
    enter("2", 9, TaskStatus.COMPLETED, "ann");

    Change change = only(enter("1", 0, TaskStatus.STARTED, "ann"));

    assertThat(change.getApplied().getEvent().getEventId()).isEqualTo("2");
    assertThat(change.getApplied().getStartedAt()).isEqualTo(NOON);
    assertThat(change.getEventId()).isEqualTo("1");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
  void endsWithTheSameStandingVersionWhateverTheOrderOfArrival(long seed) {
    Random random = new Random(seed);
    List<WorkEvent> versions = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      WorkEvent version =
          event(
              "v" + i,
              NOON,
              NOON.plusSeconds(random.nextInt(4)),
              entry("entry", "worker" + random.nextInt(2), "bridge", null, i));
      version.setVoided(random.nextInt(4) == 0);
      versions.add(version);
    }
    WorkEvent standing = Collections.max(versions, FactLedger.BY_KNOWLEDGE);
    Collections.shuffle(versions, random);

    List<WorkEvent> applied = new ArrayList<>();
    for (WorkEvent version : versions) {
      for (Change change : FactLedger.enter(ledger, version).changes()) {
        if (change.getRetracted() != null) {
          assertThat(applied).as("seed %d", seed).contains(change.getRetracted().getEvent());
          applied.remove(change.getRetracted().getEvent());
        }
        if (change.getApplied() != null) {
          applied.add(change.getApplied().getEvent());
        }
      }
    }

    assertThat(applied)
        .as("seed %d", seed)
        .isEqualTo(standing.getVoided() ? List.of() : List.of(standing));
  }

  private Outcome enter(String id, long second, TaskStatus status, String worker) {
    return FactLedger.enter(
        ledger, event(id, NOON.plusSeconds(second), task("t", status, worker, 60.0)));
  }

  private static WorkEvent later(String id, String worker, String project, long minutes) {
    return event(id, NOON, NOON.plusSeconds(60), entry("entry", worker, project, null, minutes));
  }

  private static Change only(Outcome outcome) {
    assertThat(outcome.verdict()).isEqualTo(Verdict.APPLIED);
    assertThat(outcome.changes()).hasSize(1);
    return outcome.changes().get(0);
  }
}
