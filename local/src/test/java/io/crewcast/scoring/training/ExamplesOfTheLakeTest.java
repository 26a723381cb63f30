package io.crewcast.scoring.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.features.definition.Definitions;
import io.crewcast.local.stack.Home;
import io.crewcast.schemas.LabelOutcome;
import io.crewcast.schemas.TrainingExample;
import io.crewcast.schemas.ValueType;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.RowEncoder;
import io.crewcast.sinks.parquet.LakeTable;
import io.crewcast.sinks.parquet.LakeTables;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.avro.generic.IndexedRecord;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a job scored comes to training through the lake with the same bits. */
class ExamplesOfTheLakeTest {

  private static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");
  private static final List<String> TEXTS = List.of("code", "design", "no", "12");

  @TempDir private Path lake;

  @Test
  void readsTheRowsThatWereScored() throws Exception {
    Path conf = Home.find().flinkConf();
    ModelSpec spec =
        ModelSpec.load(conf.resolve("models/task_overrun.yaml"), Definitions.load(conf).schemas());
    SplittableRandom random = new SplittableRandom(4);
    List<TrainingExample> scored = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      scored.add(example(spec, i, random));
    }
    write(spec, scored);

    List<Example> read = new ExampleReader(lake).read(spec, null, false).labelled();

    RowEncoder encoder =
        new RowEncoder(
            spec.inputs().stream()
                .map(input -> input.type() == ValueType.STRING ? TEXTS : null)
                .toList());
    assertThat(read).hasSize(scored.size());
    for (int i = 0; i < read.size(); i++) {
      float[] live = new float[spec.inputs().size()];
      float[] trained = new float[spec.inputs().size()];
      encoder.encode(scored.get(i).getInputs().toArray(), live);
      encoder.encode(read.get(i).values().toArray(), trained);
      assertThat(Arrays.stream(bits(trained)).boxed().toList())
          .as(scored.get(i).getPredictionId())
          .isEqualTo(Arrays.stream(bits(live)).boxed().toList());
    }
  }

  private static int[] bits(float[] row) {
    int[] bits = new int[row.length];
    for (int i = 0; i < row.length; i++) {
      bits[i] = Float.floatToIntBits(row[i]);
    }
    return bits;
  }

  private static TrainingExample example(ModelSpec spec, int number, SplittableRandom random) {
    List<@Nullable Object> inputs = new ArrayList<>();
    for (ModelSpec.Input input : spec.inputs()) {
      inputs.add(
          random.nextInt(5) == 0
              ? null
              : switch (input.type()) {
                case LONG -> random.nextLong(1_000_000);
                case BOOLEAN -> random.nextBoolean();
                case STRING -> TEXTS.get(random.nextInt(TEXTS.size()));
                default -> random.nextDouble(-1, 1) * Math.pow(10, random.nextInt(-30, 30));
              });
    }
    TrainingExample example = new TrainingExample();
    example.setPredictionId("%04d".formatted(number));
    example.setCompanyId("acme");
    example.setModel(spec.name());
    example.setEntity("task");
    example.setEntityId("task-" + number);
    example.setEventId("event-" + number);
    example.setAsOf(NOON);
    example.setInputs(inputs);
    example.setEntities(Map.of("task", "task-" + number));
    example.setCluster("bridge");
    example.setScore(0.5);
    example.setModelVersion(1);
    example.setOutcome(LabelOutcome.LABELLED);
    example.setLabel(1.0);
    example.setLabelledAt(NOON.plusSeconds(60));
    return example;
  }

  private void write(ModelSpec spec, List<TrainingExample> examples) throws Exception {
    LakeTable<TrainingExample> table =
        LakeTables.trainingExamples(Map.of(spec.name(), spec.columns()));
    Path day = Files.createDirectories(lake.resolve(table.name()).resolve("date=2026-03-02"));
    try (ParquetWriter<IndexedRecord> writer =
        AvroParquetWriter.<IndexedRecord>builder(new LocalOutputFile(day.resolve("a.parquet")))
            .withConf(new PlainParquetConfiguration())
            .withSchema(table.rows())
            .build()) {
      for (TrainingExample example : examples) {
        writer.write(table.row().apply(example));
      }
    }
  }
}
