package io.crewcast.sinks.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.serde.RecordWriter;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecordBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LakePublisherTest {
  private static final int DAY = 20_000;

  @TempDir Path lake;

  @Test
  void publishesWhatAJobWithOtherColumnsHasStaged() throws Exception {
    Schema before =
        SchemaBuilder.record("Row")
            .fields()
            .requiredString("worker_id")
            .optionalLong("gone")
            .optionalDouble("hours")
            .endRecord();
    Schema after =
        SchemaBuilder.record("Row")
            .fields()
            .requiredString("worker_id")
            .optionalDouble("hours")
            .optionalLong("added")
            .endRecord();
    var folder = new org.apache.flink.core.fs.Path(lake.toUri().toString(), "worker_features");
    var row =
        new GenericRecordBuilder(before)
            .set("worker_id", "kim")
            .set("gone", 7L)
            .set("hours", 1.5)
            .build();
    StagingFile staging =
        new StagingFile(new org.apache.flink.core.fs.Path(folder, "a.rows"), before);
    staging.append(DAY, out -> new RecordWriter(before).append(row, out));

    new LakePublisher(folder, after).publish(new Publication("first", List.of(staging.close(0))));

    List<String> read = new ArrayList<>();
    try (var duckDb = DriverManager.getConnection("jdbc:duckdb:");
        var sql = duckDb.createStatement();
        var rows =
            sql.executeQuery(
                "select * from read_parquet('%s/worker_features/*/first.parquet', hive_partitioning = false)"
                    .formatted(lake))) {
      while (rows.next()) {
        read.add(
            rows.getString("worker_id")
                + ' '
                + rows.getDouble("hours")
                + ' '
                + rows.getString("added"));
      }
      assertThat(rows.getMetaData().getColumnCount()).isEqualTo(3);
    }
    assertThat(read).containsExactly("kim 1.5 null");
  }
}
