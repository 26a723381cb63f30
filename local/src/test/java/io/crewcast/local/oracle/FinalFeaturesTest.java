package io.crewcast.local.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.local.report.FinalFeatures;
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
