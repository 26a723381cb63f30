package io.crewcast.local.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.local.report.FinalFeatures;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FinalFeaturesTest {

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void agreesWithCountingEveryRowAnew(long seed, @TempDir Path lake) throws Exception {
    new NaiveStream(seed, 500).write(lake);

    var result = FinalFeatures.compare(lake);

    assertThat(result.examples()).isEmpty();
    assertThat(result.different()).isZero();
    assertThat(result.equal()).isGreaterThan(150);
  }

  @Test
  void leavesOutACorrectionThatCameTooLate(@TempDir Path lake) throws Exception {
    new NaiveStream(6, 200).write(lake);
    try (var connection = DriverManager.getConnection("jdbc:duckdb:");
        var sql = connection.createStatement()) {
      sql.execute(
          "copy (select * exclude (times) replace ('late' as event_id, recorded_at + interval 400 days as recorded_at, true as voided, 999999 + times as kafka_offset) from read_parquet('%1$s/work_events/*/*.parquet', hive_partitioning = false), range(2) t(times) where kind = 'time_entry' and not voided order by recorded_at desc, event_id, times limit 2) to '%1$s/work_events/date=all/late.parquet'"
              .formatted(lake));
      assertThat(FinalFeatures.compare(lake).different()).isPositive();

      Files.createDirectories(lake.resolve("dead_letters/date=all"));
      sql.execute(
          "copy (select kafka_partition as partition, kafka_offset as offset from '%1$s/work_events/date=all/late.parquet' limit 1) to '%1$s/dead_letters/date=all/a.parquet'"
              .formatted(lake));
    }

    assertThat(FinalFeatures.compare(lake).different()).isZero();
  }

  @Test
  void namesTheValueThatIsWrong(@TempDir Path lake) throws Exception {
    new NaiveStream(5, 200).write(lake);
    var file = lake.resolve("crew_features/date=all/a.parquet");
    try (var connection = DriverManager.getConnection("jdbc:duckdb:");
        var sql = connection.createStatement()) {
      sql.execute(
          "create table emitted as select * replace (case crew_id when 'c1' then member_count + 1 else member_count end as member_count) from read_parquet('%s', hive_partitioning = false)"
              .formatted(file));
      sql.execute("copy emitted to '%s'".formatted(file));
    }

    var result = FinalFeatures.compare(lake);

    assertThat(result.different()).isEqualTo(1);
    assertThat(result.examples())
        .singleElement()
        .asString()
        .startsWith("crew acme:c1, member_count:");
  }
}
