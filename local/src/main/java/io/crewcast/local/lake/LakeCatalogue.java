package io.crewcast.local.lake;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toMap;

import io.crewcast.features.definition.Definitions;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureSchema.Column;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.sinks.parquet.LakeTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;

/**
 * Every table that jobs write to a lake, with its rows as these definitions make them.
 *
 * @param tables schema of a row by the table's name
 */
public record LakeCatalogue(Map<String, Schema> tables) {

  /**
   * The tables of jobs with the feature and model files of a folder.
   *
   * @throws IllegalArgumentException with file, line and what to do
   */
  public static LakeCatalogue of(Path definitions) throws IOException {
    Map<EntityType, FeatureSchema> features = Definitions.load(definitions).schemas();
    Path models = definitions.resolve("models");
    Map<String, List<Column>> inputs =
        Files.isDirectory(models)
            ? ModelSpec.loadAll(models, features).stream()
                .collect(toMap(ModelSpec::name, ModelSpec::columns))
            : Map.of();
    Map<String, Schema> tables = new TreeMap<>();
    for (Topic topic : Topic.values()) {
      if (topic.table().isPresent() && topic.schema().isPresent()) {
        tables.put(topic.table().get(), topic.schema().get());
      }
    }
    // of these the lake has other rows than the topics
    tables.put("work_events", LakeTables.workEvents().rows());
    tables.put("predictions", LakeTables.predictions(inputs).rows());
    tables.put("training_examples", LakeTables.trainingExamples(inputs).rows());
    features.values().forEach(schema -> tables.put(schema.table(), schema.avro()));
    return new LakeCatalogue(tables);
  }

  /** Makes a view of each table, those included that the lake does not have. */
  public void define(Database sql, LakeFolder lake) throws SQLException, IOException {
    for (Map.Entry<String, Schema> table : tables.entrySet()) {
      lake.define(sql, table.getKey(), columns(table.getValue()));
    }
  }

  private static String columns(Schema rows) {
    return rows.getFields().stream()
        .map(field -> "\"%s\" %s".formatted(field.name(), type(field.schema())))
        .collect(joining(", "));
  }

  /** The type that DuckDB reads a column of that schema as. */
  private static String type(Schema schema) {
    return switch (schema.getType()) {
      case UNION ->
          type(
              schema.getTypes().stream()
                  .filter(type -> type.getType() != Schema.Type.NULL)
                  .findFirst()
                  .orElseThrow());
      case RECORD -> "struct(" + columns(schema) + ")";
      case ARRAY -> type(schema.getElementType()) + "[]";
      case MAP -> "map(varchar, " + type(schema.getValueType()) + ")";
      case STRING, ENUM, NULL -> "varchar";
      case BYTES, FIXED -> "blob";
      case INT -> "integer";
      case LONG -> schema.getLogicalType() == null ? "bigint" : "timestamptz";
      case FLOAT -> "float";
      case DOUBLE -> "double";
      case BOOLEAN -> "boolean";
    };
  }
}
