package io.crewcast.local.verify;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.local.lake.Database;
import io.crewcast.local.oracle.Agreement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every aggregation against a loop over all that an entity holds. */
final class AggregationsTest {

  private static final Path DEFINITIONS =
      Path.of("src/test/resources/io/crewcast/local/verify/aggregations");
  private static final long HOUR = 3_600_000_000L;
  private static final long DAY = 24 * HOUR;
  private static final String TOTAL = "total";

  private record Entry(
      String factId,
      String eventId,
      String worker,
      long occurredAt,
      long recordedAt,
      boolean voided,
      long minutes,
      String project,
      @Nullable String phase,
      @Nullable Long cost) {

    @Nullable Double effort() {
      return minutes / 7.0 - 9.0;
    }
  }

  private record Row(
      String worker,
      long asOf,
      long sequence,
      @Nullable String eventId,
      Map<String, @Nullable Object> features) {}

  @TempDir private Path lake;
  private final List<Entry> entries = new ArrayList<>();
  private final List<Row> rows = new ArrayList<>();

  @ParameterizedTest
  @CsvSource({"1, true", "2, true", "3, false"})
  void agreesWithALoop(long seed, boolean everyRow) throws Exception {
    work(new SplittableRandom(seed));
    write(rows);

    VerificationReport report = verify(everyRow);

    Agreement.ofFeatures(report, 30);
  }

  @Test
  void findsTheOneWrongValueOfEachFeature() throws Exception {
    work(new SplittableRandom(4));
    Row row = rows.get(rows.size() / 2);
    Map<String, @Nullable Object> wrong = new LinkedHashMap<>();
    row.features().forEach((name, value) -> wrong.put(name, wrong(name, value)));
    rows.set(
        rows.size() / 2, new Row(row.worker(), row.asOf(), row.sequence(), row.eventId(), wrong));
    write(rows);

    VerificationReport report = verify(true);

    assertThat(report.features())
        .filteredOn(feature -> row.features().containsKey(feature.feature()))
        .hasSize(row.features().size())
        .allSatisfy(feature -> assertThat(feature.different()).as(feature.name()).isEqualTo(1));
  }

  @Test
  void leavesOutEntitiesThatHeldMoreValuesThanAreToldApart() throws Exception {
    work(new SplittableRandom(5));
    write(rows);
    Path definitions = Files.createDirectories(lake.resolve("definitions/features"));
    Files.writeString(
        definitions.resolve("worker.yaml"),
        Files.readString(DEFINITIONS.resolve("features/worker.yaml"))
            .replace("top: entry.phase, n: 2", "top: entry.phase, n: 2, at_most: 1"));

    VerificationReport report =
        FeatureVerification.run(lake, definitions.getParent(), Selection.EVERY_ROW, result -> {});

    assertThat(report.different()).isZero();
    assertThat(report.features())
        .filteredOn(feature -> feature.overflowed() > 0)
        .singleElement()
        .satisfies(
            feature -> {
              assertThat(feature.feature()).isEqualTo("top_phases");
              assertThat(feature.rows() + feature.overflowed()).isEqualTo(rows.size());
            });
  }

  private VerificationReport verify(boolean everyRow) throws Exception {
    return FeatureVerification.run(
        lake, DEFINITIONS, everyRow ? Selection.EVERY_ROW : Selection.LAST_ROWS, result -> {});
  }

  private void work(SplittableRandom random) {
    Map<String, Map<String, Entry>> held = new HashMap<>();
    Map<String, Long> asOf = new HashMap<>();
    Map<String, Long> sequence = new HashMap<>();
    long now = 20_000 * DAY;
    for (int i = 0; i < 250; i++) {
      now += random.nextLong(random.nextInt(12) == 0 ? 4 * DAY : 3 * HOUR);
      Entry entry = entry(random, i, now);
      entries.add(entry);
      String worker = entry.worker();
      Map<String, Entry> facts = held.computeIfAbsent(worker, w -> new HashMap<>());
      boolean known = facts.containsKey(entry.factId());
      if (!known && entry.voided()) {
        entries.remove(entries.size() - 1);
        continue;
      }
      long before = asOf.getOrDefault(worker, now);
      if (now - before > HOUR && random.nextBoolean()) {
        long time = before + random.nextLong(now - before) / 2;
        time = (time / (HOUR / 12) + 1) * (HOUR / 12);
        asOf.put(worker, time);
        rows.add(row(worker, time, sequence.get(worker), null, null, facts));
      }
      Entry subject = entry;
      if (entry.voided()) {
        subject = facts.remove(entry.factId());
      } else {
        facts.put(entry.factId(), entry);
      }
      asOf.put(worker, now);
      sequence.merge(worker, 1L, Long::sum);
      rows.add(row(worker, now, sequence.get(worker), subject, entry.eventId(), facts));
    }
  }

  private Entry entry(SplittableRandom random, int i, long now) {
    Entry corrected =
        entries.isEmpty() || random.nextInt(5) > 0
            ? null
            : entries.get(random.nextInt(entries.size()));
    return new Entry(
        corrected == null ? "f" + i : corrected.factId(),
        "e" + (999 - i),
        corrected == null ? "w" + random.nextInt(2) : corrected.worker(),
        now - (random.nextInt(4) == 0 ? random.nextLong(5) * HOUR / 2 : 0) / HOUR * HOUR,
        now,
        corrected != null && random.nextInt(3) == 0,
        random.nextInt(6) == 0 ? 0 : random.nextInt(200),
        "p" + random.nextInt(4),
        random.nextInt(6) == 0 ? null : List.of("design", "build", "test").get(random.nextInt(3)),
        random.nextInt(3) == 0 ? null : (Long) random.nextLong(1000));
  }

  private static Row row(
      String worker,
      long asOf,
      long sequence,
      @Nullable Entry subject,
      @Nullable String eventId,
      Map<String, Entry> facts) {
    Function<String, List<Entry>> within =
        window ->
            facts.values().stream()
                .filter(e -> e.occurredAt() >= lowest(asOf, window))
                .sorted(Comparator.comparing(Entry::occurredAt).thenComparing(Entry::eventId))
                .toList();
    List<Entry> week = within.apply("7d");
    List<Entry> ever = within.apply(TOTAL);
    Map<String, @Nullable Object> f = new LinkedHashMap<>();
    f.put("entries_6h", (long) within.apply("6h").size());
    f.put("entries_7d", (long) week.size());
    f.put("entries_total", (long) ever.size());
    f.put("design_entries_7d", week.stream().filter(e -> "design".equals(e.phase())).count());
    f.put("minutes_7d", sum(week));
    f.put("hours_7d", sum(week) / 60.0);
    f.put("daily_3d", sum(within.apply("3d")));
    f.put("effort_7d", week.stream().mapToLong(AggregationsTest::parts).sum() / 1e6);
    f.put("mean_effort_7d", mean(week));
    f.put("mean_effort_total", mean(ever));
    f.put(
        "long_rate_7d",
        week.isEmpty()
            ? null
            : (Double)
                (week.stream().filter(e -> e.minutes() > 60).count() / (double) week.size()));
    f.put("spread_7d", deviation(week.stream().map(Entry::minutes), 60));
    f.put("effort_spread_7d", deviation(week.stream().map(AggregationsTest::parts), 1e6));
    f.put("effort_spread_total", deviation(ever.stream().map(AggregationsTest::parts), 1e6));
    f.put("least_7d", week.stream().map(Entry::minutes).min(Long::compare).orElse(null));
    f.put(
        "earliest_at_7d",
        week.isEmpty() ? null : Instant.EPOCH.plusNanos(week.get(0).occurredAt() * 1000));
    f.put(
        "most_6h",
        within.apply("6h").stream().map(Entry::effort).max(Double::compare).orElse(null));
    f.put("most_total", ever.stream().map(Entry::effort).max(Double::compare).orElse(null));
    f.put(
        "longest_hours_7d",
        week.stream().map(e -> e.minutes() / 60.0).max(Double::compare).orElse(null));
    f.put("p90_7d", quantile(week.stream().map(e -> (double) e.minutes()), 0.9));
    f.put("median_effort", quantile(ever.stream().map(Entry::effort), 0.5));
    f.put("projects_7d", week.stream().map(Entry::project).distinct().count());
    f.put(
        "last_cost_6h", last(within.apply("6h"), Entry::cost, 1).stream().findFirst().orElse(null));
    f.put("last_cost_total", last(ever, Entry::cost, 1).stream().findFirst().orElse(null));
    f.put("recent", orNull(last(ever, e -> (double) e.minutes(), 3)));
    f.put("recent_phases_7d", orNull(last(week, Entry::phase, 2)));
    f.put("top_phase_7d", top(week).stream().findFirst().orElse(null));
    f.put("top_phases", orNull(top(ever).stream().limit(2).toList()));
    f.put("inequality_7d", gini(week));
    List<Entry> like =
        week.stream()
            .filter(e -> subject != null && Objects.equals(e.phase(), subject.phase()))
            .toList();
    boolean has = subject != null && subject.phase() != null;
    f.put("minutes_by_phase_7d", has ? (Long) sum(like) : null);
    f.put("spread_by_phase_7d", has ? deviation(like.stream().map(Entry::minutes), 1) : null);
    f.put("mean_minutes", week.isEmpty() ? null : (Double) ((double) sum(week) / week.size()));
    f.put(
        "recent_mean",
        f.get("recent") instanceof List<?> recent
            ? (Double)
                (recent.stream().mapToDouble(minutes -> (Double) minutes).reduce(0, Double::sum)
                    / recent.size())
            : null);
    f.put("p90_hours", f.get("p90_7d") == null ? null : (Double) ((Double) f.get("p90_7d") / 60.0));
    return new Row(worker, asOf, sequence, eventId, f);
  }

  private static long lowest(long asOf, String window) {
    return switch (window) {
      case "6h" -> (asOf - 6 * HOUR) / (HOUR / 12) * (HOUR / 12);
      case "3d" -> (asOf - 3 * DAY) / DAY * DAY;
      case "7d" -> (asOf - 7 * DAY) / HOUR * HOUR;
      default -> Long.MIN_VALUE;
    };
  }

  private static long sum(List<Entry> of) {
    return of.stream().mapToLong(Entry::minutes).sum();
  }

  private static long parts(Entry entry) {
    return Math.round(entry.effort() * 1_000_000);
  }

  private static @Nullable Double mean(List<Entry> of) {
    return of.isEmpty()
        ? null
        : (Double) (of.stream().mapToLong(AggregationsTest::parts).sum() / (of.size() * 1e6));
  }

  private static @Nullable Double deviation(Stream<Long> of, double scale) {
    List<Long> values = of.toList();
    long n = values.size();
    if (n < 2) {
      return null;
    }
    java.math.BigInteger sum = java.math.BigInteger.ZERO;
    java.math.BigInteger squares = java.math.BigInteger.ZERO;
    for (long value : values) {
      var big = java.math.BigInteger.valueOf(value);
      sum = sum.add(big);
      squares = squares.add(big.multiply(big));
    }
    double above =
        squares.multiply(java.math.BigInteger.valueOf(n)).subtract(sum.multiply(sum)).doubleValue();
    return Math.sqrt(above / (n * (n - 1))) / scale;
  }

  /** As a histogram would answer: half a percent off. */
  private static @Nullable Double quantile(Stream<Double> of, double at) {
    List<Double> sorted = of.sorted().toList();
    return sorted.isEmpty()
        ? null
        : (Double) (sorted.get((int) Math.floor(at * (sorted.size() - 1))) * 1.005);
  }

  private static <T> List<T> last(List<Entry> of, Function<Entry, @Nullable T> value, int n) {
    List<T> values = new ArrayList<>();
    for (int i = of.size() - 1; i >= 0 && values.size() < n; i--) {
      T found = value.apply(of.get(i));
      if (found != null) {
        values.add(found);
      }
    }
    return values;
  }

  private static @Nullable List<?> orNull(List<?> values) {
    return values.isEmpty() ? null : values;
  }

  private static List<String> top(List<Entry> of) {
    Map<String, Integer> counts = new TreeMap<>();
    of.stream()
        .map(Entry::phase)
        .filter(Objects::nonNull)
        .forEach(p -> counts.merge(p, 1, Integer::sum));
    return counts.keySet().stream()
        .sorted(Comparator.comparing((String phase) -> -counts.get(phase)))
        .toList();
  }

  private static @Nullable Double gini(List<Entry> of) {
    Map<String, Long> sums = new HashMap<>();
    of.forEach(e -> sums.merge(e.project(), e.minutes(), Long::sum));
    List<Long> sorted = sums.values().stream().filter(x -> x != 0).sorted().toList();
    long above = 0;
    long sum = 0;
    for (int i = 0; i < sorted.size(); i++) {
      above += (2L * (i + 1) - (sorted.size() + 1)) * sorted.get(i);
      sum += sorted.get(i);
    }
    return sum == 0 ? null : (Double) ((double) above / (double) (sorted.size() * sum));
  }

  private static @Nullable Object wrong(String name, @Nullable Object value) {
    if (value instanceof Long whole) {
      return whole + 1;
    } else if (value instanceof Double real) {
      boolean approximate = name.equals("p90_7d") || name.equals("median_effort");
      return approximate ? real * 1.03 + 0.01 : Math.nextUp(real);
    } else if (value instanceof String text) {
      return text + "s";
    } else if (value instanceof Instant instant) {
      return instant.plusNanos(1000);
    } else if (value instanceof List<?> list) {
      return list.subList(1, list.size());
    }
    return name.startsWith("recent")
        ? List.of()
        : name.equals("top_phase_7d") ? "some" : (Object) 1L;
  }

  private void write(List<Row> of) throws Exception {
    Files.createDirectories(lake.resolve("work_events/date=all"));
    Files.createDirectories(lake.resolve("worker_features/date=all"));
    try (var connection = DriverManager.getConnection("jdbc:duckdb:");
        var sql = connection.createStatement()) {
      sql.execute("set TimeZone = 'UTC'");
      sql.execute(
          """
          copy (select event_id, 'acme' as company_id, make_timestamptz(occurred_at) as occurred_at, make_timestamptz(recorded_at) as recorded_at,
            voided, 'time_entry' as kind, {'time_entry_id': fact_id, 'worker_id': worker_id, 'project_id': project_id, 'minutes': minutes, 'phase': phase, 'cost_cents': cost} as time_entry,
            0 as kafka_partition, row_number() over () as kafka_offset, make_timestamptz(recorded_at) as appended_at
            from (values %s) v(event_id, fact_id, worker_id, occurred_at, recorded_at, voided, minutes, project_id, phase, cost)) to '%s/work_events/date=all/a.parquet'
          """
              .formatted(
                  entries.stream()
                      .map(
                          e ->
                              Stream.of(
                                      e.eventId(),
                                      e.factId(),
                                      e.worker(),
                                      e.occurredAt(),
                                      e.recordedAt(),
                                      e.voided(),
                                      e.minutes(),
                                      e.project(),
                                      e.phase(),
                                      e.cost())
                                  .map(AggregationsTest::literal)
                                  .collect(joining(", ", "(", ")")))
                      .collect(joining(", ")),
                  lake));
      String columns =
          of.get(0).features().keySet().stream()
              .map(name -> name + ' ' + type(name))
              .collect(joining(", "));
      sql.execute(
          "create table emitted (worker_id varchar, as_of timestamptz, sequence bigint, event_id"
              + " varchar, gone_7d bigint, "
              + columns
              + ")");
      for (Row row : of) {
        sql.execute(
            "insert into emitted values (%s, make_timestamptz(%d), %d, %s, 1, %s)"
                .formatted(
                    literal(row.worker()),
                    row.asOf(),
                    row.sequence(),
                    literal(row.eventId()),
                    row.features().values().stream()
                        .map(AggregationsTest::literal)
                        .collect(joining(", "))));
      }
      sql.execute(
          "copy (select 'acme' as company_id, * from emitted) to '%s/worker_features/date=all/a.parquet'"
              .formatted(lake));
    }
  }

  private String type(String name) {
    return rows.stream()
        .map(row -> row.features().get(name))
        .filter(Objects::nonNull)
        .findFirst()
        .map(
            value ->
                value instanceof Long
                    ? "bigint"
                    : value instanceof Double
                        ? "double"
                        : value instanceof Instant
                            ? "timestamptz"
                            : value instanceof List<?> list
                                ? list.get(0) instanceof Double ? "double[]" : "varchar[]"
                                : "varchar")
        .orElseThrow();
  }

  private static String literal(@Nullable Object value) {
    if (value instanceof String || value instanceof Instant) {
      return Database.text(value.toString());
    } else if (value instanceof Double real) {
      return Sql.real(real);
    } else if (value instanceof List<?> list) {
      return list.stream().map(AggregationsTest::literal).collect(joining(", ", "[", "]"));
    }
    return String.valueOf(value);
  }
}
