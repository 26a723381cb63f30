package io.crewcast.scoring.training;

import io.crewcast.schemas.Instants;
import io.crewcast.schemas.LabelOutcome;
import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.ModelSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.avro.AvroParquetReader;
import org.apache.parquet.conf.HadoopParquetConfiguration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.io.LocalInputFile;
import org.jspecify.annotations.Nullable;

/**
 * Reads a model's rows of the lake's {@code training_examples}: one column an input. A prediction
 * that is there twice, as after a backfill that ran again, counts once: as it was published last.
 */
record ExampleReader(Path lake) {

  /** Made once: Parquet would read Hadoop's defaults again for every file. */
  private static final ParquetConfiguration PARQUET =
      new HadoopParquetConfiguration(new Configuration(false));

  private static final String TABLE = "training_examples";

  /**
   * What was read.
   *
   * @param labelled those that train, oldest first
   * @param outcomes how many rows of each outcome there were, as far as was known
   */
  record Examples(List<Example> labelled, Map<LabelOutcome, Integer> outcomes) {

    /** The outcomes as cards name them. */
    Map<String, Integer> triggers() {
      Map<String, Integer> triggers = new LinkedHashMap<>();
      outcomes.forEach(
          (outcome, count) -> triggers.put(outcome.name().toLowerCase(Locale.ROOT), count));
      return triggers;
    }
  }

  /**
   * Reads the examples of a model.
   *
   * @param until only triggers and labels before it; null: all
   * @param leftTruncatedToo whether those train whose windows had not been filled
   */
  Examples read(ModelSpec spec, @Nullable Instant until, boolean leftTruncatedToo)
      throws IOException {
    Set<LabelOutcome> training =
        leftTruncatedToo
            ? Set.of(LabelOutcome.LABELLED, LabelOutcome.LEFT_TRUNCATED)
            : Set.of(LabelOutcome.LABELLED);
    List<Example> labelled = new ArrayList<>();
    Map<LabelOutcome, Integer> outcomes = new TreeMap<>();
    Set<String> seen = new HashSet<>();
    for (Path file : files()) {
      try (ParquetReader<GenericRecord> rows =
          AvroParquetReader.<GenericRecord>builder(new LocalInputFile(file), PARQUET).build()) {
        for (GenericRecord row = rows.read(); row != null; row = rows.read()) {
          Object labelledAt = row.get("labelled_at");
          if (!row.get("model").toString().equals(spec.name())
              || isLater(row.get("as_of"), until)
              || (labelledAt != null && isLater(labelledAt, until))
              || !seen.add(row.get("prediction_id").toString())) {
            continue;
          }
          LabelOutcome outcome = LabelOutcome.valueOf(row.get("outcome").toString());
          outcomes.merge(outcome, 1, Integer::sum);
          if (training.contains(outcome) && labelledAt != null) {
            labelled.add(
                new Example(
                    row.get("prediction_id").toString(),
                    row.get("company_id").toString(),
                    cluster(spec, row),
                    instant(row.get("as_of")),
                    instant(labelledAt),
                    row.get("label") instanceof Number label ? label.doubleValue() : Double.NaN,
                    values(spec, row, file),
                    owners(row)));
          }
        }
      }
    }
    labelled.sort(Comparator.comparing(Example::asOf).thenComparing(Example::id));
    return new Examples(labelled, outcomes);
  }

  private List<Path> files() throws IOException {
    Path table = lake.resolve(TABLE);
    if (!Files.isDirectory(table)) {
      throw new InvalidModelException(
          "%s is not there: run ./crewcast backfill with --lake %s first, or wait for its job: rows are published with the checkpoint or savepoint that completes after its --publish-after"
              .formatted(table, lake));
    }
    try (Stream<Path> walked = Files.walk(table)) {
      return walked
          .filter(file -> file.toString().endsWith(".parquet"))
          .filter(file -> !file.getFileName().toString().startsWith("."))
          .sorted(
              Comparator.comparing(ExampleReader::publishedAt)
                  .reversed()
                  .thenComparing(file -> file))
          .toList();
    }
  }

  private static FileTime publishedAt(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ids are those of a company; what names no project shares nothing. */
  private static String cluster(ModelSpec spec, GenericRecord row) {
    String company = row.get("company_id").toString();
    ModelSpec.Cluster shared =
        spec.gate() == null ? ModelSpec.Cluster.PROJECT_ID : spec.gate().cluster();
    if (shared == ModelSpec.Cluster.COMPANY_ID) {
      return company;
    } else if (shared == ModelSpec.Cluster.ENTITY_ID) {
      return company + ":" + row.get("entity_id");
    }
    Object project = row.get("cluster");
    return company + ":" + (project == null ? ":" + row.get("prediction_id") : project);
  }

  private static List<@Nullable Object> values(ModelSpec spec, GenericRecord row, Path file) {
    List<@Nullable Object> values = new ArrayList<>();
    for (ModelSpec.Input input : spec.inputs()) {
      if (!row.hasField(input.column())) {
        throw new InvalidModelException(
            "%s has no column %s: run ./crewcast backfill again, the model's inputs have changed"
                .formatted(file, input.column()));
      }
      Object value = row.get(input.column());
      values.add(value instanceof CharSequence text ? text.toString() : value);
    }
    return values;
  }

  /** Rows of older files do not say. */
  private static Map<String, String> owners(GenericRecord row) {
    Map<String, String> owners = new HashMap<>();
    if (row.hasField("entities") && row.get("entities") instanceof Map<?, ?> named) {
      named.forEach((kind, id) -> owners.put(kind.toString(), id.toString()));
    }
    return owners;
  }

  private static boolean isLater(Object at, @Nullable Instant until) {
    return until != null && !instant(at).isBefore(until);
  }

  private static Instant instant(Object value) {
    return value instanceof Instant instant ? instant : Instants.ofMicros((Long) value);
  }
}
