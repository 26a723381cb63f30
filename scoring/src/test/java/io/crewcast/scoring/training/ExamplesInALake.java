package io.crewcast.scoring.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.io.LocalOutputFile;

/** Examples of {@link Examples#model} as a backfill writes them. */
final class ExamplesInALake {

  private static final Schema INSTANT =
      LogicalTypes.timestampMicros().addToSchema(Schema.create(Schema.Type.LONG));

  private static final Schema ROWS =
      SchemaBuilder.record("TrainingExampleRow")
          .fields()
          .requiredString("prediction_id")
          .requiredString("company_id")
          .requiredString("model")
          .optionalString("cluster")
          .name("as_of")
          .type(INSTANT)
          .noDefault()
          .name("outcome")
          .type(SchemaBuilder.enumeration("LabelOutcome").symbols("LABELLED", "LEFT_TRUNCATED"))
          .noDefault()
          .optionalDouble("label")
          .name("labelled_at")
          .type(Schema.createUnion(Schema.create(Schema.Type.NULL), INSTANT))
          .noDefault()
          .optionalDouble("task_planned_minutes")
          .optionalString("task_phase")
          .endRecord();

  private ExamplesInALake() {}

  static void write(Path lake, List<Example> examples, String outcome) throws IOException {
    Path folder =
        Files.createDirectories(lake.resolve("training_examples").resolve("date=2024-01-01"));
    try (ParquetWriter<GenericRecord> writer =
        AvroParquetWriter.<GenericRecord>builder(
                new LocalOutputFile(folder.resolve("part.parquet")))
            .withConf(new PlainParquetConfiguration())
            .withSchema(ROWS)
            .build()) {
      for (Example example : examples) {
        writer.write(row(example, outcome));
      }
    }
  }

  private static GenericRecord row(Example example, String outcome) {
    GenericRecord row = new GenericData.Record(ROWS);
    row.put("prediction_id", example.id());
    row.put("company_id", example.company());
    row.put("model", "overrun");
    row.put("cluster", example.cluster());
    row.put("as_of", micros(example.asOf()));
    row.put("outcome", new GenericData.EnumSymbol(ROWS.getField("outcome").schema(), outcome));
    row.put("label", Double.isNaN(example.label()) ? null : example.label());
    row.put("labelled_at", micros(example.labelledAt()));
    row.put("task_planned_minutes", example.values().get(0));
    row.put("task_phase", example.values().get(1));
    return row;
  }

  private static long micros(Instant instant) {
    return instant.toEpochMilli() * 1_000;
  }
}
