package io.crewcast.local.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.local.oracle.Agreement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FeatureVerificationTest {

  /** The feature files as NaiveStream knows them. */
  private static final Path DEFINITIONS =
      Path.of("src/test/resources/io/crewcast/local/verify/definitions");

  private static final Selection LIVE = new Selection(true, 1, "", Duration.ofMinutes(30));

  @TempDir private Path lake;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 6, 11})
  void agreesWithCountingEveryRowAnew(long seed) throws Exception {
    new NaiveStream(seed, 700).write(lake);

    VerificationReport report = verify(true);

    Agreement.ofFeatures(report, 60);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void agreesWithCountingLastRowsAnew(long seed) throws Exception {
    new NaiveStream(seed, 500).write(lake);

    VerificationReport report = verify(false);

    assertThat(report.examples()).isEmpty();
    assertThat(report.different()).isZero();
    assertThat(report.compared()).isGreaterThan(150);
  }

  @Test
  void findsTheOneRowThatIsWrong() throws Exception {
    new NaiveStream(7, 300).write(lake);
    rewrite(
        "worker",
        "* replace (case when sequence = 5 and worker_id = 'w1' and event_id is not null then hours_7d + 1e-12 else hours_7d end as hours_7d)",
        "true");

    VerificationReport report = verify(true);

    assertThat(report.different()).isEqualTo(1);
    assertThat(report.examples())
        .singleElement()
        .asString()
        .startsWith("worker.hours_7d of acme:w1, sequence 5 as of ");
  }

  @Test
  void findsTheOneRowThatIsWrongInSamplesThatHaveIt() throws Exception {
    new NaiveStream(7, 300).write(lake);
    rewrite(
        "worker",
        "* replace (case when sequence = 5 and worker_id = 'w1' and event_id is not null then hours_7d + 1e-12 else hours_7d end as hours_7d)",
        "true");

    Set<Long> found = new HashSet<>();
    for (String salt : List.of("a", "b", "c", "d", "e")) {
      Selection half = new Selection(true, 0.5, salt, null);
      long sampled = count(half.chooses("'acme'", "'w1'"), "worker", "worker_id = 'w1' limit 1");
      VerificationReport report = verify(half);

      assertThat(report.different()).isEqualTo(sampled);
      assertThat(of(report, "worker.hours_7d").rows())
          .isEqualTo(count(half.chooses("company_id", "worker_id"), "worker", "true"));
      found.add(sampled);
    }
    assertThat(found).containsExactlyInAnyOrder(0L, 1L);
  }

  /** Not even through the task that a worker's overrun is made of. */
  @ParameterizedTest
  @ValueSource(longs = {1, 6, 11})
  void agreesInEverySample(long seed) throws Exception {
    new NaiveStream(seed, 500).write(lake);
    long compared = 0;
    for (String salt : List.of("a", "b", "c")) {
      VerificationReport report = verify(new Selection(true, 0.3, salt, null));
      assertThat(report.examples()).isEmpty();
      assertThat(report.different()).isZero();
      compared += report.compared();
    }
    assertThat(compared).isPositive().isLessThan(3 * verify(true).compared());
  }

  @Test
  void comparesWhileAJobWritesOnlyWhatMustBeThere() throws Exception {
    new NaiveStream(6, 300).write(lake);
    long all = of(verify(true), "worker.hours_30d").rows();
    Path later = splitEvents(Duration.ofHours(3), Duration.ofMinutes(10));
    for (String entity : List.of("task", "crew")) {
      String lastOfFirst =
          "max(sequence) filter (event_id in (select event_id from '%s/work_events/date=all/a.parquet')) over (partition by %s_id)"
              .formatted(lake, entity);
      rewrite(entity, "*", "true qualify sequence <= coalesce(%s, 0)".formatted(lastOfFirst));
    }
    assertThat(verify(true).different()).as("rows that come later").isPositive();

    VerificationReport report = verify(LIVE);
    assertThat(report.examples()).isEmpty();
    assertThat(report.different()).isZero();
    assertThat(of(report, "worker.hours_30d").rows()).isPositive().isLessThan(all);

    Files.delete(later);
    age(lake.resolve("worker_features/date=all/a.parquet"), Duration.ofMinutes(10));
    assertThat(verify(true).different()).as("events that come later").isPositive();
    assertThat(verify(LIVE).examples()).isEmpty();
    assertThat(verify(LIVE).different()).isZero();
  }

  @Test
  void findsALossOnceTheRowMustHaveBeenPublished() throws Exception {
    new NaiveStream(6, 300).write(lake);
    rewrite("crew", "*", "sequence <> 3 or crew_id <> 'c1'");
    splitEvents(Duration.ofMinutes(20), Duration.ofMinutes(10));
    VerificationReport early = verify(LIVE);
    assertThat(early.different()).isZero();
    assertThat(early.compared()).isZero();
    assertThat(early.until()).isNull();

    age(lake.resolve("work_events/date=all/a.parquet"), Duration.ofHours(3));
    VerificationReport report = verify(LIVE);
    assertThat(of(report, "crew.changes").different()).isEqualTo(1);
    assertThat(of(report, "crew.sequence").different()).isEqualTo(1);
    assertThat(report.until()).isNotNull();
  }

  @Test
  void namesTheLastRowsValueThatIsWrong() throws Exception {
    new NaiveStream(5, 200).write(lake);
    rewrite(
        "crew",
        "* replace (case crew_id when 'c1' then member_count + 1 else member_count end as member_count)",
        "true");

    assertThat(verify(false).examples())
        .singleElement()
        .asString()
        .startsWith("crew.member_count of acme:c1");
  }

  @Test
  void findsTheChangeThatIsMissing() throws Exception {
    new NaiveStream(7, 300).write(lake);
    rewrite("project", "*", "sequence < 20 or project_id <> 'p1'");
    rewrite("crew", "*", "sequence <> 3 or crew_id <> 'c1'");

    VerificationReport report = verify(true);

    assertThat(of(report, "project.changes").different()).isPositive();
    assertThat(of(report, "crew.changes").different()).isEqualTo(1);
    assertThat(of(report, "crew.sequence").different()).isEqualTo(1);
  }

  @Test
  void leavesOutACorrectionThatCameTooLate() throws Exception {
    new NaiveStream(6, 200).write(lake);
    run(
        "copy (select * exclude (times) replace ('late' as event_id, recorded_at + interval 400 days as recorded_at, true as voided, 999999 + times as kafka_offset) from read_parquet('%1$s/work_events/*/*.parquet', hive_partitioning = false), range(2) t(times) where kind = 'time_entry' and not voided order by recorded_at desc, event_id, times limit 2) to '%1$s/work_events/date=all/late.parquet'"
            .formatted(lake));
    assertThat(of(verify(true), "worker.changes").different()).isPositive();

    Files.createDirectories(lake.resolve("dead_letters/date=all"));
    run(
        "copy (select kafka_partition as partition, kafka_offset as offset from '%1$s/work_events/date=all/late.parquet' limit 1) to '%1$s/dead_letters/date=all/a.parquet'"
            .formatted(lake));

    assertThat(verify(true).different()).isZero();
  }

  @Test
  void leavesOutAColumnThatWasAddedLater() throws Exception {
    new NaiveStream(6, 200).write(lake);
    run(
        "copy (select * exclude (hours_7d) from '%1$s/worker_features/date=all/a.parquet' where sequence < 10) to '%1$s/worker_features/date=all/early.parquet'"
            .formatted(lake));
    rewrite("worker", "*", "sequence >= 10");

    VerificationReport report = verify(true);

    assertThat(of(report, "worker.hours_7d").inWords()).endsWith("not compared: added later");
    assertThat(of(report, "worker.hours_30d").rows()).isPositive();
    assertThat(report.different()).isZero();
  }

  @Test
  void saysWhatTheLakeLacks() throws Exception {
    assertThatThrownBy(() -> verify(true))
        .hasMessageContaining("holds no table work_events: name the folder");

    new NaiveStream(6, 50).write(lake);
    Files.writeString(lake.resolve("crew_features/date=all/a.parquet"), "no Parquet");

    assertThatThrownBy(() -> verify(true))
        .hasMessageContaining("Cannot recompute the features of")
        .hasMessageContaining("a.parquet");
  }

  @Test
  void leavesOutATableThatIsNotThereUnlessOthersReadIt() throws Exception {
    new NaiveStream(6, 100).write(lake);
    FileUtils.deleteDirectory(lake.resolve("worker_features").toFile());

    assertThat(verify(true).features())
        .filteredOn(feature -> feature.note() != null)
        .singleElement()
        .satisfies(
            worker -> assertThat(worker.note()).isEqualTo("the lake has no worker_features"));

    FileUtils.deleteDirectory(lake.resolve("task_features").toFile());
    assertThatThrownBy(() -> verify(true))
        .hasMessageContaining("holds no table task_features: name the folder");
  }

  private VerificationReport verify(boolean everyRow) throws Exception {
    return verify(everyRow ? Selection.EVERY_ROW : Selection.LAST_ROWS);
  }

  private VerificationReport verify(Selection rows) throws Exception {
    return FeatureVerification.run(lake, DEFINITIONS, rows, result -> {});
  }

  /** Archives the events in two files and returns the later one. */
  private Path splitEvents(Duration ageOfFirst, Duration ageOfLater) throws Exception {
    Path first = lake.resolve("work_events/date=all/a.parquet");
    Path later = lake.resolve("work_events/date=all/b.parquet");
    run(
        "create table archived as from read_parquet('%s', hive_partitioning = false)"
            .formatted(first),
        "copy (from archived where kafka_offset < 200) to '%s'".formatted(first),
        "copy (from archived where kafka_offset >= 200) to '%s'".formatted(later));
    age(first, ageOfFirst);
    age(later, ageOfLater);
    return later;
  }

  private long count(String condition, String entity, String where) throws Exception {
    try (var connection = DriverManager.getConnection("jdbc:duckdb:");
        var sql = connection.createStatement();
        var row =
            sql.executeQuery(
                "select count(*) filter (%s) from (from '%s/%s_features/*/*.parquet' where %s)"
                    .formatted(condition, lake, entity, where))) {
      row.next();
      return row.getLong(1);
    }
  }

  private static void age(Path file, Duration age) throws Exception {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
  }

  private static FeatureResult of(VerificationReport report, String name) {
    return report.features().stream().filter(f -> f.name().equals(name)).findFirst().orElseThrow();
  }

  private void rewrite(String entity, String columns, String where) throws Exception {
    Path file = lake.resolve(entity + "_features/date=all/a.parquet");
    run(
        "create table emitted as select %s from read_parquet('%s', hive_partitioning = false) where %s"
            .formatted(columns, file, where),
        "copy emitted to '%s'".formatted(file));
  }

  private static void run(String... statements) throws Exception {
    try (var connection = DriverManager.getConnection("jdbc:duckdb:");
        var sql = connection.createStatement()) {
      for (String statement : statements) {
        sql.execute(statement);
      }
    }
  }
}
