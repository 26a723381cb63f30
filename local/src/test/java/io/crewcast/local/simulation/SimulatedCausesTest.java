package io.crewcast.local.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crewcast.local.ingest.EventFile;
import io.crewcast.schemas.EntityRef;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.PredictionRequested;
import io.crewcast.schemas.Project;
import io.crewcast.schemas.ProjectStatus;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.TimeEntry;
import io.crewcast.schemas.WorkEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is known to cause what must show in the events, and nowhere else. */
class SimulatedCausesTest {
  private static final int PROJECTS = 16;
  private static final Simulation.Outcome YEAR =
      Simulation.run(SimulationOptions.of(3, 60_000).withRequests(400));

  /** Each once, as they became known. */
  private static final List<WorkEvent> EVENTS = YEAR.events().stream().distinct().toList();

  private static final Map<String, Life> TASKS = tasks();

  @TempDir Path folder;

  /** A task over its versions. */
  private static final class Life {
    private final Map<TaskStatus, WorkEvent> first = new HashMap<>();
    private long minutes;

    Task task(TaskStatus status) {
      return (Task) first.get(status).getPayload();
    }

    Instant at(TaskStatus status) {
      return first.get(status).getOccurredAt();
    }

    boolean was(TaskStatus status) {
      return first.containsKey(status);
    }

    boolean late() {
      return at(TaskStatus.COMPLETED).isAfter(task(TaskStatus.COMPLETED).getDueAt());
    }
  }

  private static Map<String, Life> tasks() {
    Map<String, Life> tasks = new TreeMap<>();
    for (WorkEvent event : EVENTS) {
      if (event.getPayload() instanceof Task task) {
        tasks
            .computeIfAbsent(task.getTaskId(), id -> new Life())
            .first
            .putIfAbsent(task.getStatus(), event);
      } else if (event.getPayload() instanceof TimeEntry entry
          && event.getEventId().endsWith("-1")) {
        tasks.computeIfAbsent(entry.getTaskId(), id -> new Life()).minutes += entry.getMinutes();
      }
    }
    return tasks;
  }

  private static Stream<Life> completed() {
    return TASKS.values().stream()
        .filter(life -> life.was(TaskStatus.COMPLETED) && life.was(TaskStatus.STARTED));
  }

  private static <T> double share(List<T> of, Predicate<T> which) {
    return 1.0 * of.stream().filter(which).count() / of.size();
  }

  private static <T> double mean(List<T> of, ToDoubleFunction<T> value) {
    return of.stream().mapToDouble(value).average().orElseThrow();
  }

  @Test
  void beginsAProjectForEachThatEndsAndLetsSomeGoOverTheirBudget() {
    Set<String> live = new HashSet<>();
    Map<String, Long> logged = new HashMap<>();
    List<Boolean> over = new ArrayList<>();
    for (WorkEvent event : EVENTS) {
      if (event.getPayload() instanceof TimeEntry entry) {
        logged.merge(event.getCompanyId() + entry.getProjectId(), entry.getMinutes(), Long::sum);
      } else if (event.getPayload() instanceof Project project) {
        String id = event.getCompanyId() + project.getProjectId();
        live.add(id);
        if (project.getStatus() == ProjectStatus.COMPLETED) {
          live.remove(id);
          over.add(logged.getOrDefault(id, 0L) > project.getBudgetMinutes());
          assertThat(live).hasSizeGreaterThanOrEqualTo(PROJECTS);
        }
      }
    }

    assertThat(over).hasSizeGreaterThan(30);
    assertThat(share(over, is -> is)).isBetween(0.25, 0.65);
  }

  @Test
  void changesTheScopeOfProjectsAndThenTheyTakeMore() {
    Map<String, Set<String>> scopes = new HashMap<>();
    Map<String, Long> budgets = new HashMap<>();
    Map<String, Long> logged = new HashMap<>();
    Set<String> ended = new HashSet<>();
    for (WorkEvent event : EVENTS) {
      if (event.getPayload() instanceof TimeEntry entry) {
        logged.merge(event.getCompanyId() + entry.getProjectId(), entry.getMinutes(), Long::sum);
      } else if (event.getPayload() instanceof Project project) {
        String id = event.getCompanyId() + project.getProjectId();
        scopes.computeIfAbsent(id, key -> new HashSet<>()).add(project.getScope());
        budgets.put(id, project.getBudgetMinutes());
        if (project.getStatus() == ProjectStatus.COMPLETED) {
          ended.add(id);
        }
      }
    }
    Map<Boolean, Double> burn =
        ended.stream()
            .collect(
                Collectors.partitioningBy(
                    id -> scopes.get(id).size() > 1,
                    Collectors.averagingDouble(id -> 1.0 * logged.get(id) / budgets.get(id))));

    assertThat(burn.get(true)).isGreaterThan(burn.get(false) + 0.05);
  }

  @Test
  void saysThePriorityWhenATaskIsAssignedNotBefore() {
    List<Life> announced =
        TASKS.values().stream()
            .filter(life -> life.was(TaskStatus.CREATED) && life.was(TaskStatus.ASSIGNED))
            .toList();

    assertThat(1.0 * announced.size() / TASKS.size()).isBetween(0.8, 0.9);
    assertThat(announced).allMatch(life -> life.task(TaskStatus.CREATED).getPriority() == null);
    Map<String, Double> room =
        announced.stream()
            .collect(
                Collectors.groupingBy(
                    life -> life.task(TaskStatus.ASSIGNED).getPriority(),
                    Collectors.averagingDouble(SimulatedCausesTest::room)));
    assertThat(room).containsOnlyKeys("low", "normal", "high", "urgent");
    assertThat(room.get("urgent")).isLessThan(room.get("high"));
    assertThat(room.get("high")).isLessThan(room.get("normal"));
    assertThat(room.get("normal")).isLessThan(room.get("low"));
  }

  /** Logarithm of the time from creation to the due date over the planned minutes. */
  private static double room(Life life) {
    Task task = life.task(TaskStatus.CREATED);
    Duration left = Duration.between(life.at(TaskStatus.CREATED), task.getDueAt());
    return Math.log(left.toMinutes() / task.getPlannedMinutes());
  }

  @Test
  void letsBlockedTasksAndTightOnesEndLate() {
    Map<Boolean, List<Life>> blocked =
        completed().collect(Collectors.partitioningBy(life -> life.was(TaskStatus.BLOCKED)));
    Map<Boolean, List<Life>> tight =
        completed().collect(Collectors.partitioningBy(life -> timesPlan(life) < 6));

    assertThat(1.0 * blocked.get(true).size() / TASKS.size()).isBetween(0.05, 0.2);
    assertThat(share(blocked.get(true), Life::late))
        .isGreaterThan(share(blocked.get(false), Life::late) + 0.25);
    assertThat(share(tight.get(true), Life::late))
        .isGreaterThan(share(tight.get(false), Life::late) + 0.1);
  }

  private static double timesPlan(Life life) {
    Task task = life.task(TaskStatus.STARTED);
    return Duration.between(life.at(TaskStatus.STARTED), task.getDueAt()).toMinutes()
        / task.getPlannedMinutes();
  }

  @Test
  void letsAWorkerWhoseWorkWasGoodDoGoodWork() {
    Map<String, List<Double>> qualities =
        completed()
            .map(life -> life.task(TaskStatus.COMPLETED))
            .collect(
                Collectors.groupingBy(
                    task -> task.getWorkerId() + task.getPhase(),
                    Collectors.mapping(Task::getQuality, Collectors.toList())));
    List<List<Double>> enough = qualities.values().stream().filter(of -> of.size() >= 20).toList();
    double usual = mean(enough, half -> mean(half.subList(0, half.size() / 2), q -> q));
    Map<Boolean, List<List<Double>>> before =
        enough.stream()
            .collect(
                Collectors.partitioningBy(
                    of -> mean(of.subList(0, of.size() / 2), q -> q) > usual));

    assertThat(mean(before.get(true), SimulatedCausesTest::laterHalf))
        .isGreaterThan(mean(before.get(false), SimulatedCausesTest::laterHalf) + 0.05);
  }

  private static double laterHalf(List<Double> qualities) {
    return mean(qualities.subList(qualities.size() / 2, qualities.size()), q -> q);
  }

  @Test
  void mostlyRepeatsATimeCardAndReturnsToEarlierOnes() {
    Map<String, Deque<String>> cards = new HashMap<>();
    int[] places = new int[5];
    EVENTS.stream()
        .filter(event -> event.getEventId().endsWith("-1"))
        .filter(event -> event.getPayload() instanceof TimeEntry)
        .forEach(
            event -> {
              TimeEntry entry = (TimeEntry) event.getPayload();
              String card = entry.getProjectId() + entry.getPhase() + entry.getCostCode();
              Deque<String> own =
                  cards.computeIfAbsent(
                      event.getCompanyId() + entry.getWorkerId(), key -> new ArrayDeque<>());
              int place = own.contains(card) ? List.copyOf(own).indexOf(card) : 4;
              places[place]++;
              own.remove(card);
              own.addFirst(card);
              if (own.size() > 4) {
                own.removeLast();
              }
            });
    double all = Stream.of(places).flatMapToInt(java.util.Arrays::stream).sum();

    assertThat(places[0] / all).as("like the last").isBetween(0.6, 0.85);
    assertThat(places[1] / all).as("like the one before").isGreaterThan(places[2] / all + 0.02);
    assertThat(places[4] / all).as("something new").isLessThan(0.2);
  }

  @Test
  void letsTheHoursOfAWorkersLastWeeksTellThoseOfTheNext() {
    Map<String, double[]> weeks = new TreeMap<>();
    Instant start = EVENTS.get(0).getOccurredAt();
    for (WorkEvent event : EVENTS) {
      if (event.getPayload() instanceof TimeEntry entry && event.getEventId().endsWith("-1")) {
        int week = (int) (Duration.between(start, event.getOccurredAt()).toDays() / 7);
        weeks
                .computeIfAbsent(event.getCompanyId() + entry.getWorkerId(), key -> new double[80])[
                week] +=
            entry.getMinutes() / 60.0;
      }
    }
    List<double[]> told = new ArrayList<>();
    weeks
        .values()
        .forEach(
            hours -> {
              for (int w = 4; w < 44; w++) {
                double before = (hours[w - 1] + hours[w - 2] + hours[w - 3] + hours[w - 4]) / 4;
                told.add(new double[] {hours[w], before});
              }
            });
    double usual = mean(told, pair -> pair[0]);

    assertThat(mean(told, pair -> (pair[0] - pair[1]) * (pair[0] - pair[1])))
        .isLessThan(0.8 * mean(told, pair -> (pair[0] - usual) * (pair[0] - usual)));
  }

  @Test
  void stallsAFewProjectsWhoseTasksThenGetBlocked() {
    assertThat(YEAR.stalls()).hasSizeBetween(3, 25);
    List<Task> during = new ArrayList<>();
    List<Task> outside = new ArrayList<>();
    TASKS
        .values()
        .forEach(
            life -> {
              if (life.was(TaskStatus.STARTED)) {
                WorkEvent started = life.first.get(TaskStatus.STARTED);
                Task task = (Task) started.getPayload();
                boolean stalled =
                    YEAR.stalls().stream()
                        .anyMatch(
                            stall ->
                                stall.companyId().equals(started.getCompanyId())
                                    && stall.projectId().equals(task.getProjectId())
                                    && stall.holds(started.getOccurredAt()));
                (stalled ? during : outside).add(task);
              }
            });

    assertThat(share(during, SimulatedCausesTest::wasBlocked)).isGreaterThan(0.6);
    assertThat(share(outside, SimulatedCausesTest::wasBlocked)).isLessThan(0.15);
  }

  private static boolean wasBlocked(Task task) {
    return TASKS.get(task.getTaskId()).was(TaskStatus.BLOCKED);
  }

  @Test
  void asksForARankingBeforeATaskIsAssignedAndKnowsWhatEachCandidateWouldEarn() throws IOException {
    Map<String, PredictionRequested> requests = new TreeMap<>();
    for (WorkEvent event : EVENTS) {
      if (event.getPayload() instanceof PredictionRequested request) {
        requests.put(request.getRequestId(), request);
      }
    }
    Map<String, List<PotentialOutcome>> outcomes =
        YEAR.potentialOutcomes().stream()
            .collect(Collectors.groupingBy(PotentialOutcome::requestId));

    assertThat(requests).hasSizeBetween(350, 400).containsOnlyKeys(outcomes.keySet());
    requests.forEach(
        (id, request) ->
            assertThat(request.getEntities())
                .extracting(EntityRef::getEntityId)
                .containsExactlyElementsOf(
                    outcomes.get(id).stream().map(PotentialOutcome::entityId).toList()));
    assertThat(YEAR.potentialOutcomes()).allMatch(o -> o.grade() > 0 && o.grade() < 4);

    Path file = folder.resolve("outcomes.jsonl");
    PotentialOutcomeFile.write(file, YEAR.potentialOutcomes());
    assertThat(PotentialOutcomeFile.read(file)).isEqualTo(YEAR.potentialOutcomes());
  }

  /** In what is known of those who were chosen, which is what each candidate's grade foretells. */
  @Test
  void gradesThoseWhoWereChosenAsTheirTasksTurnOut() {
    Map<String, PotentialOutcome> byCandidate =
        YEAR.potentialOutcomes().stream()
            .collect(Collectors.toMap(o -> o.requestId() + o.entity() + o.entityId(), o -> o));
    List<double[]> expectedAndReal = new ArrayList<>();
    completed()
        .filter(life -> life.task(TaskStatus.STARTED).getRequestId() != null)
        .forEach(
            life -> {
              Task task = life.task(TaskStatus.STARTED);
              PotentialOutcome expected =
                  byCandidate.get(task.getRequestId() + EntityType.WORKER + task.getWorkerId());
              if (expected != null) {
                expectedAndReal.add(new double[] {expected.grade(), realGrade(life)});
              }
            });
    double usual = mean(expectedAndReal, pair -> pair[0]);
    Map<Boolean, List<double[]>> good =
        expectedAndReal.stream().collect(Collectors.partitioningBy(pair -> pair[0] > usual));

    assertThat(expectedAndReal).hasSizeGreaterThan(150);
    assertThat(mean(expectedAndReal, pair -> pair[1])).isCloseTo(usual, within(0.3));
    assertThat(mean(good.get(true), pair -> pair[1]))
        .isGreaterThan(mean(good.get(false), pair -> pair[1]) + 0.2);
  }

  private static double realGrade(Life life) {
    Task done = life.task(TaskStatus.COMPLETED);
    return 4
        * (0.4 * (life.late() ? 0 : 1)
            + 0.3 * Math.min(1, done.getPlannedMinutes() / life.minutes)
            + 0.3 * done.getQuality());
  }

  @Test
  void keepsPotentialOutcomesOutOfTheEvents() {
    List<WorkEvent> without = Simulation.run(SimulationOptions.of(3, 3_000)).events();

    assertThat(without)
        .isSortedAccordingTo(EventFile.ORDER)
        .noneMatch(event -> event.getPayload() instanceof PredictionRequested)
        .noneMatch(event -> event.getPayload() instanceof Task task && task.getRequestId() != null);
  }
}
