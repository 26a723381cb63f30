package io.crewcast.features.window;

import static io.crewcast.features.Events.NOON;
import static io.crewcast.features.Events.entry;
import static io.crewcast.features.Events.event;
import static io.crewcast.features.Events.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.features.definition.Definitions;
import io.crewcast.features.definition.EntityDefinition;
import io.crewcast.schemas.FeatureSchema.Column;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.TimeEntry;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.Fact;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FeatureWindowsTest {

  private static final String DEFINITION =
      """
      entity: worker
      about: One worker
      facts:
        entry:    {from: time_entry}
        finished: {from: task, when: status == "COMPLETED", let: {overran: planned_minutes > 50}}
        held:     {from: task, while: status == "STARTED"}
      features:
        minutes:  {sum: entry.minutes, windows: [1h, 12h, 7d, 30d, 365d, total], about: Minutes}
        hours:    {sum: entry.minutes, unit: hours, windows: [7d], about: Hours}
        entries:  {count: entry, windows: [12h, 365d], about: Entries}
        days:     {distinct: entry.local_date, windows: [30d, total], about: Days}
        average:  {mean: entry.minutes, windows: [7d], about: Mean}
        by_phase: {sum: entry.minutes, by: phase, windows: [7d], about: By phase}
        overran:  {mean: finished.overran, windows: [30d], about: Overran}
        held:     {count: held, about: Held}
        spread:   {stddev: entry.minutes, windows: [12h, 30d], about: Spread}
        longest:  {max: entry.minutes, windows: [1h, 7d, 365d, total], about: Longest}
        shortest: {min: entry.minutes, unit: hours, windows: [30d], about: Shortest}
        first:    {min: entry.occurred_at, about: First entry}
        middle:   {quantile: entry.minutes, at: 0.5, windows: [12h, 30d, total], about: Median}
        slow:     {quantile: entry.minutes, at: 0.9, unit: hours, windows: [7d], about: 9 of 10}
        usual:    {top: entry.project_id, windows: [7d, total], about: Usual project}
        usuals:   {top: entry.project_id, n: 2, windows: [30d], about: Usual projects}
        balance:  {gini: entry.minutes, of: project_id, windows: [30d, 365d], about: Balance}
        recent:   {last: entry.minutes, n: 3, windows: [7d, total], about: Recent minutes}
        places:   {last: entry.project_id, n: 2, windows: [30d], about: Recent projects}
        daily:    {sum: entry.minutes, windows: [30d], hop: 1d, about: By whole days}
        newest:   {last: entry.project_id, windows: [12h, total], about: Newest project}
        latest:   {last: entry.occurred_at, about: Newest entry}
      derived:
        ratio: {is: hours_7d / days_30d, about: Ratio}
      """;

  private static final Fact ANY = logged("any", NOON, 0);

  private static EntityDefinition definition;
  private static List<String> columns;
  private FeatureWindows windows;
  private final MapStore store = new MapStore();
  private EntityState header;

  @BeforeAll
  static void define(@TempDir Path directory) throws Exception {
    Files.createDirectories(directory.resolve("features"));
    Files.writeString(directory.resolve("features/worker.yaml"), DEFINITION);
    definition = Definitions.load(directory).entities().get(0);
    columns = definition.schema().columns().stream().map(Column::name).toList();
  }

  @BeforeEach
  void start() {
    windows = new FeatureWindows(definition, Layout.of(definition));
    header = windows.unknown();
  }

  @Test
  void coversFactsFromTheFlooredStartOfTheWindow() {
    apply(logged("e1", NOON.plusSeconds(59 * 60), 60));

    passTo(NOON.plus(Duration.ofDays(7)).plusSeconds(3599));
    assertThat(value("hours_7d")).isEqualTo(1.0);
    passTo(NOON.plus(Duration.ofDays(7)).plusSeconds(3600));
    assertThat(value("hours_7d")).isEqualTo(0.0);
    assertThat(value("minutes_total")).isEqualTo(60L);
  }

  @Test
  void announcesTheInstantAtWhichAFactLeaves() {
    apply(logged("e1", NOON.plusSeconds(61), 60));

    assertThat(windows.nextExpiry(header))
        .isEqualTo(Instants.micros(NOON.plus(Duration.ofHours(1)).plus(Duration.ofMinutes(5))));
  }

  @Test
  void isMissingWithoutObservationsButCountsZero() {
    apply(fact(event("t1", NOON, task("t", TaskStatus.STARTED, "ann", 60.0))));

    assertThat(value("average_7d")).isNull();
    assertThat(value("newest_total")).isNull();
    assertThat(value("entries_12h")).isEqualTo(0L);
    assertThat(value("ratio")).isNull();
    assertThat(value("held")).isEqualTo(1L);
  }

  @Test
  void fallsBackToTheSecondNewestWhenTheNewestIsTakenBack() {
    Fact older = logged("e1", NOON, 60);
    Fact newer = logged("e2", NOON.plusSeconds(10), 60);
    apply(older);
    apply(newer);
    retract(newer);

    assertThat(value("latest")).isEqualTo(Instants.micros(NOON));
  }

  @Test
  void looksUpTheNextNewestAmongFactsBeforeThoseThatAreRememberedForEver() {
    Instant now = NOON.plus(Duration.ofDays(800));
    for (int i = 0; i < 6; i++) {
      apply(logged("old" + i, NOON.plusSeconds(i), 60)); // by now older than facts are kept
    }
    Fact kept = logged("kept", now.minus(Duration.ofDays(20)), 60);
    Fact wrong = logged("wrong", now.minus(Duration.ofDays(10)), 60);
    Fact wrongToo = logged("wrong too", now, 60);
    for (Fact fact : List.of(kept, wrong, wrongToo)) {
      apply(fact);
    }
    retract(wrongToo);
    retract(wrong);

    assertThat(value("latest")).isEqualTo(Instants.micros(now.minus(Duration.ofDays(20))));
    assertThat(value("recent_total")).isEqualTo(List.of(60.0, 60.0, 60.0));
  }

  @Test
  void remembersTheNewestLongAfterItsTileIsGone() {
    apply(logged("e1", NOON, 60));
    passTo(NOON.plus(Duration.ofDays(900)));

    assertThat(value("latest")).isEqualTo(Instants.micros(NOON));
    assertThat(store.pages).isEmpty();
  }

  @Test
  void leavesNoStateBehindWhenEverythingIsTakenBack() {
    Fact fact = logged("e1", NOON, 60);
    Fact done = fact(event("t1", NOON, task("t", TaskStatus.COMPLETED, "ann", 60.0)));
    apply(fact);
    apply(done);
    retract(fact);
    retract(done);

    assertThat(store.pages).isEmpty();
    assertThat(store.buckets).isEmpty();
    assertThat(MapStore.stored(header).slots).containsOnlyNulls();
  }

  static LongStream seeds() {
    return LongStream.range(0, 2_000);
  }

  /** The oracle keeps every applied fact and looks through all of them for every value. */
  @ParameterizedTest
  @MethodSource("seeds")
  void agreesWithANaiveRecomputationAfterEveryChange(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Fact> applied = new ArrayList<>();
    long span = (random.nextInt(3) == 0 ? random.nextInt(2) == 0 ? 1_600L : 400L : 40L) * 86_400;
    Instant now = NOON;
    for (int i = 0; i < 60; i++) {
      now = now.plusSeconds(random.nextLong(span / 30));
      Instant correctable = now.minus(EntityDefinition.CORRECTABLE_FOR);
      List<Fact> mayGo =
          applied.stream().filter(f -> f.getEvent().getOccurredAt().isAfter(correctable)).toList();
      if (!mayGo.isEmpty() && random.nextInt(4) == 0) {
        Fact gone = mayGo.get(random.nextInt(mayGo.size()));
        applied.remove(gone);
        change(now, gone, null);
      } else if (random.nextInt(5) == 0) {
        passTo(now);
      } else {
        Fact fact = random(random, "e" + i, now);
        change(now, null, fact);
        applied.add(fact);
      }
      Instant time = Instants.ofMicros(header.entityTime());
      if (header.entityTime() > Long.MIN_VALUE && header.sequence() > 0) {
        List<Object> vector = vector();
        for (String column : columns) {
          Object expected = naive(column, applied, time);
          Object kept = vector.get(columns.indexOf(column));
          if (!agree(column, kept, expected)) {
            assertThat(kept).as("seed %d, step %d, %s", seed, i, column).isEqualTo(expected);
          }
        }
      }
    }
  }

  private static boolean agree(String column, Object kept, Object expected) {
    if (expected instanceof Double exact && column.matches("(middle|slow)_.*")) {
      return kept instanceof Double near && Math.abs(near - exact) <= 0.01 * exact;
    }
    return Objects.equals(kept, expected);
  }

  private static Fact random(SplittableRandom random, String id, Instant now) {
    Instant occurredAt =
        now.minusSeconds(random.nextLong(random.nextBoolean() ? 7_200 : 86_400L * 60));
    if (random.nextInt(3) == 0) {
      TaskStatus status = random.nextBoolean() ? TaskStatus.COMPLETED : TaskStatus.STARTED;
      return fact(event(id, occurredAt, now, task(id, status, "ann", 10.0 * random.nextInt(10))));
    }
    return fact(
        event(
            id,
            occurredAt,
            now,
            entry(id, "ann", "project" + random.nextInt(3), null, random.nextInt(200))));
  }

  private static Object naive(String column, List<Fact> applied, Instant time) {
    return switch (column) {
      case "minutes_1h" -> minutes(applied, time, Duration.ofHours(1), 5);
      case "minutes_12h" -> minutes(applied, time, Duration.ofHours(12), 5);
      case "minutes_7d" -> minutes(applied, time, Duration.ofDays(7), 60);
      case "minutes_30d" -> minutes(applied, time, Duration.ofDays(30), 60);
      case "minutes_365d" -> minutes(applied, time, Duration.ofDays(365), 1440);
      case "minutes_total" -> minutes(applied, time, Duration.ofDays(100_000), 1440);
      case "hours_7d" -> minutes(applied, time, Duration.ofDays(7), 60) / 60.0;
      case "entries_12h" -> (long) entries(applied, time, Duration.ofHours(12), 5).size();
      case "entries_365d" -> (long) entries(applied, time, Duration.ofDays(365), 1440).size();
      case "days_30d" -> days(applied, time, Duration.ofDays(30));
      case "days_total" -> days(applied, time, Duration.ofDays(100_000));
      case "average_7d" -> {
        List<Fact> entries = entries(applied, time, Duration.ofDays(7), 60);
        yield entries.isEmpty()
            ? null
            : (double) minutes(applied, time, Duration.ofDays(7), 60) / entries.size();
      }
      case "by_phase_7d" -> minutes(applied, time, Duration.ofDays(7), 60);
      case "overran_30d" -> {
        List<Fact> finished =
            within(applied, time, Duration.ofDays(30), 60, f -> status(f) == TaskStatus.COMPLETED);
        long overran = finished.stream().filter(f -> planned(f) > 50).count();
        yield finished.isEmpty() ? null : (double) overran / finished.size();
      }
      case "spread_12h" -> spread(minutesOf(entries(applied, time, Duration.ofHours(12), 5)));
      case "spread_30d" -> spread(minutesOf(entries(applied, time, Duration.ofDays(30), 60)));
      case "longest_1h" -> longest(entries(applied, time, Duration.ofHours(1), 5));
      case "longest_7d" -> longest(entries(applied, time, Duration.ofDays(7), 60));
      case "longest_365d" -> longest(entries(applied, time, Duration.ofDays(365), 1440));
      case "longest_total" -> longest(entries(applied, time, Duration.ofDays(100_000), 1440));
      case "shortest_30d" -> {
        long[] minutes = minutesOf(entries(applied, time, Duration.ofDays(30), 60));
        yield minutes.length == 0 ? null : minutes[0] / 60.0;
      }
      case "first" ->
          applied.stream()
              .filter(f -> f.getEvent().getPayload() instanceof TimeEntry)
              .map(f -> Instants.micros(f.getEvent().getOccurredAt()))
              .min(Long::compare)
              .orElse(null);
      case "middle_12h" -> rank(entries(applied, time, Duration.ofHours(12), 5), 0.5);
      case "middle_30d" -> rank(entries(applied, time, Duration.ofDays(30), 60), 0.5);
      case "middle_total" -> rank(entries(applied, time, Duration.ofDays(100_000), 1440), 0.5);
      case "slow_7d" -> {
        Double minutes = rank(entries(applied, time, Duration.ofDays(7), 60), 0.9);
        yield minutes == null ? null : minutes / 60;
      }
      case "usual_7d" -> {
        List<String> top = top(entries(applied, time, Duration.ofDays(7), 60));
        yield top.isEmpty() ? null : top.get(0);
      }
      case "usual_total" -> {
        List<String> top = top(entries(applied, time, Duration.ofDays(100_000), 1440));
        yield top.isEmpty() ? null : top.get(0);
      }
      case "usuals_30d" -> {
        List<String> top = top(entries(applied, time, Duration.ofDays(30), 60));
        yield top.isEmpty() ? null : top.subList(0, Math.min(2, top.size()));
      }
      case "balance_30d" -> balance(entries(applied, time, Duration.ofDays(30), 60));
      case "balance_365d" -> balance(entries(applied, time, Duration.ofDays(365), 1440));
      case "recent_7d" -> recent(entries(applied, time, Duration.ofDays(7), 60));
      case "recent_total" -> recent(entries(applied, time, Duration.ofDays(100_000), 1440));
      case "places_30d" -> {
        List<String> places =
            newestFirst(entries(applied, time, Duration.ofDays(30), 60))
                .limit(2)
                .map(TimeEntry::getProjectId)
                .toList();
        yield places.isEmpty() ? null : places;
      }
      case "daily_30d" -> minutes(applied, time, Duration.ofDays(30), 1440);
      case "held" -> applied.stream().filter(f -> status(f) == TaskStatus.STARTED).count();
      case "newest_12h" -> newest(entries(applied, time, Duration.ofHours(12), 5));
      case "newest_total" -> newest(entries(applied, time, Duration.ofDays(100_000), 1440));
      case "latest" ->
          entries(applied, time, Duration.ofDays(100_000), 1440).stream()
              .map(f -> Instants.micros(f.getEvent().getOccurredAt()))
              .max(Long::compare)
              .orElse(null);
      case "ratio" -> {
        long days = days(applied, time, Duration.ofDays(30));
        yield days == 0 ? null : minutes(applied, time, Duration.ofDays(7), 60) / 60.0 / days;
      }
      default -> throw new IllegalArgumentException(column);
    };
  }

  private static long[] minutesOf(List<Fact> entries) {
    return entries.stream()
        .mapToLong(f -> ((TimeEntry) f.getEvent().getPayload()).getMinutes())
        .sorted()
        .toArray();
  }

  private static Object longest(List<Fact> entries) {
    long[] minutes = minutesOf(entries);
    return minutes.length == 0 ? null : (Object) minutes[minutes.length - 1];
  }

  private static Double rank(List<Fact> entries, double at) {
    long[] minutes = minutesOf(entries);
    return minutes.length == 0 ? null : (double) minutes[(int) (at * (minutes.length - 1))];
  }

  private static Object spread(long[] minutes) {
    long n = minutes.length;
    long sum = LongStream.of(minutes).sum();
    long squares = LongStream.of(minutes).map(m -> m * m).sum();
    return n < 2 ? null : Math.sqrt((double) (n * squares - sum * sum) / (double) (n * (n - 1)));
  }

  private static List<String> top(List<Fact> entries) {
    Map<String, Long> counts = new TreeMap<>();
    entries.forEach(
        f -> counts.merge(((TimeEntry) f.getEvent().getPayload()).getProjectId(), 1L, Long::sum));
    return counts.entrySet().stream()
        .sorted((one, other) -> Long.compare(other.getValue(), one.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  private static Object balance(List<Fact> entries) {
    Map<String, Long> sums = new TreeMap<>();
    for (Fact fact : entries) {
      TimeEntry entry = (TimeEntry) fact.getEvent().getPayload();
      sums.merge(entry.getProjectId(), entry.getMinutes(), Long::sum);
    }
    List<Long> shares = sums.values().stream().filter(sum -> sum != 0).toList();
    long apart = 0;
    long all = 0;
    for (long one : shares) {
      all += one;
      for (long other : shares) {
        apart += Math.abs(one - other);
      }
    }
    return all == 0 ? null : apart / 2.0 / (double) (shares.size() * all);
  }

  private static Object recent(List<Fact> entries) {
    List<Double> minutes =
        newestFirst(entries).limit(3).map(entry -> (double) entry.getMinutes()).toList();
    return minutes.isEmpty() ? null : minutes;
  }

  private static Stream<TimeEntry> newestFirst(List<Fact> entries) {
    return entries.stream()
        .map(Fact::getEvent)
        .sorted(
            Comparator.comparing(WorkEvent::getOccurredAt)
                .thenComparing(WorkEvent::getEventId)
                .reversed())
        .map(event -> (TimeEntry) event.getPayload());
  }

  private static Object newest(List<Fact> entries) {
    return entries.stream()
        .map(Fact::getEvent)
        .max(Comparator.comparing(WorkEvent::getOccurredAt).thenComparing(WorkEvent::getEventId))
        .map(e -> ((TimeEntry) e.getPayload()).getProjectId())
        .orElse(null);
  }

  private static long days(List<Fact> applied, Instant time, Duration window) {
    return entries(applied, time, window, 60).stream()
        .map(f -> f.getEvent().getOccurredAt().atZone(ZoneOffset.UTC).toLocalDate())
        .distinct()
        .count();
  }

  private static long minutes(List<Fact> applied, Instant time, Duration window, long hop) {
    return entries(applied, time, window, hop).stream()
        .mapToLong(f -> ((TimeEntry) f.getEvent().getPayload()).getMinutes())
        .sum();
  }

  private static List<Fact> entries(List<Fact> applied, Instant time, Duration window, long hop) {
    return within(applied, time, window, hop, f -> f.getEvent().getPayload() instanceof TimeEntry);
  }

  private static List<Fact> within(
      List<Fact> applied, Instant time, Duration window, long hopMinutes, Predicate<Fact> which) {
    long start = time.minus(window).getEpochSecond();
    long floored = Math.floorDiv(start, hopMinutes * 60) * hopMinutes * 60;
    return applied.stream()
        .filter(which)
        .filter(f -> !f.getEvent().getOccurredAt().isBefore(Instant.ofEpochSecond(floored)))
        .toList();
  }

  private static TaskStatus status(Fact fact) {
    return fact.getEvent().getPayload() instanceof io.crewcast.schemas.Task task
        ? task.getStatus()
        : null;
  }

  private static double planned(Fact fact) {
    return ((io.crewcast.schemas.Task) fact.getEvent().getPayload()).getPlannedMinutes();
  }

  private static Fact logged(String id, Instant at, long minutes) {
    return fact(event(id, at, entry(id, "ann", "bridge", null, minutes)));
  }

  private static Fact fact(WorkEvent event) {
    return Fact.newBuilder().setEvent(event).build();
  }

  private void apply(Fact fact) {
    change(fact.getEvent().getRecordedAt(), null, fact);
  }

  private void retract(Fact fact) {
    change(fact.getEvent().getRecordedAt(), fact, null);
  }

  private void change(Instant recordedAt, Fact retracted, Fact applied) {
    windows.change(header, store, Instants.micros(recordedAt), retracted, applied, name -> null);
    header = windows.align(MapStore.stored(header));
  }

  private void passTo(Instant time) {
    windows.expire(header, store, Instants.micros(time));
  }

  private Object value(String column) {
    return vector().get(columns.indexOf(column));
  }

  private List<Object> vector() {
    return windows.vector(header, store, ANY);
  }
}
