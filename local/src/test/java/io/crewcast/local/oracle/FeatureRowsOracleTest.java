package io.crewcast.local.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.DriverManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FeatureRowsOracleTest {

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 6})
  void agreesWithCountingEveryRowAnew(long seed, @TempDir Path lake) throws Exception {
    new NaiveStream(seed, 700).write(lake);

    assertThat(FeatureRowsOracle.compare(lake))
        .hasSizeGreaterThan(40)
        .allSatisfy(
            (feature, comparison) -> {
              assertThat(comparison.rows()).isPositive();
              assertThat(comparison.different()).as(comparison.toString()).isZero();
            });
  }

  @Test
  void findsTheOneRowThatIsWrong(@TempDir Path lake) throws Exception {
    new NaiveStream(7, 300).write(lake);
    rewrite(
        lake,
        "worker",
        "* replace (case when sequence = 5 and worker_id = 'w1' and event_id is not null then hours_7d + 1e-12 else hours_7d end as hours_7d)",
        "true");

    var comparisons = FeatureRowsOracle.compare(lake);

    assertThat(comparisons.get("worker.hours_7d")).extracting(Comparison::different).isEqualTo(1L);
    assertThat(comparisons.values()).extracting(Comparison::different).containsOnlyOnce(1L);
  }

  @Test
  void findsTheChangeThatIsMissing(@TempDir Path lake) throws Exception {
    new NaiveStream(7, 300).write(lake);
    rewrite(lake, "project", "*", "sequence < 20 or project_id <> 'p1'");
    rewrite(lake, "crew", "*", "sequence <> 3 or crew_id <> 'c1'");

    var comparisons = FeatureRowsOracle.compare(lake);

    assertThat(comparisons.get("project.changes"))
        .extracting(Comparison::different)
        .isNotEqualTo(0L);
    assertThat(comparisons.get("crew.changes")).extracting(Comparison::different).isEqualTo(1L);
    assertThat(comparisons.get("crew.sequence")).extracting(Comparison::different).isEqualTo(1L);
  }

  private static void rewrite(Path lake, String entity, String columns, String where)
      throws Exception {
    var file = lake.resolve(entity + "_features/date=all/a.parquet");
    try (var connection = DriverManager.getConnection("jdbc:duckdb:");
        var sql = connection.createStatement()) {
      sql.execute(
          "create table emitted as select %s from '%s' where %s".formatted(columns, file, where));
      sql.execute("copy emitted to '%s'".formatted(file));
    }
  }
}
