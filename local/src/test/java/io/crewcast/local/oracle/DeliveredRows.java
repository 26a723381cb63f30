package io.crewcast.local.oracle;

import io.crewcast.features.definition.Definitions;
import io.crewcast.features.definition.EntityDefinition;
import io.crewcast.local.stack.LocalStack;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureSchema.Column;
import io.crewcast.schemas.ValueType;
import io.crewcast.schemas.serde.RecordDecoder;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.sinks.redis.OnlineFeatures;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.IndexedRecord;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.jspecify.annotations.Nullable;

/** The feature rows that a job delivered to Kafka and to Redis, against those of its lake. */
public final class DeliveredRows {

  private DeliveredRows() {}

  /**
   * Compares every row of every topic, each as often as the lake holds it, and what Redis holds of
   * every entity but tasks with the entity's last row. Where the live job took over from a
   * backfill, an entity's first row in its topic is the one that it found: the lake's without what
   * only its event says; those before are in the lake alone.
   *
   * @param scratch empty folder
   */
  public static Map<String, Comparison> compare(
      LocalStack stack, Path lake, Definitions definitions, Path scratch) throws Exception {
    Map<String, Comparison> comparisons = new LinkedHashMap<>();
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement sql = connection.createStatement()) {
      for (EntityDefinition definition : definitions.entities()) {
        FeatureSchema schema = definition.schema();
        sql.execute(
            "create table lake_%1$s as select * exclude (date) from read_parquet('%2$s/%1$s_features/*/*.parquet', union_by_name = true, hive_partitioning = true)"
                .formatted(schema.name(), lake));
        comparisons.put(schema.name() + " in Kafka", compareTopic(stack, definition, sql, scratch));
        if (schema.entity() != EntityType.TASK) {
          comparisons.put(schema.name() + " in Redis", compareRedis(stack, schema, sql));
        }
      }
    }
    return comparisons;
  }

  private static Comparison compareTopic(
      LocalStack stack, EntityDefinition definition, Statement sql, Path scratch) throws Exception {
    FeatureSchema schema = definition.schema();
    Path file = Files.createDirectories(scratch).resolve(schema.name() + ".parquet");
    GenericData model = new GenericData();
    model.addLogicalTypeConversion(new TimeConversions.TimestampMicrosConversion());
    RecordDecoder<IndexedRecord> decoder =
        RecordDecoder.generic(schema.avro(), new SchemaRegistry(stack.registryUrl().toString()));
    try (var rows =
        AvroParquetWriter.<IndexedRecord>builder(new LocalOutputFile(file))
            .withSchema(schema.avro())
            .withDataModel(model)
            .build()) {
      for (byte[] value :
          CommittedRecords.values(stack.bootstrapServers(), Topic.featuresOf(schema.entity()))) {
        rows.write(decoder.decode(value));
      }
    }
    String columns =
        schema.avro().getFields().stream()
            .map(field -> '"' + field.name() + '"')
            .collect(Collectors.joining(", "));
    String ofItsEvent =
        Stream.concat(
                Stream.of("event_id"),
                definition.features().stream()
                    .filter(feature -> feature.isSplit())
                    .flatMap(
                        feature ->
                            feature.windows().stream()
                                .map(window -> window.column(feature.name()))))
            .map("case when not found then %1$s end as %1$s"::formatted)
            .collect(Collectors.joining(", "));
    sql.execute(
        """
        create table due_%3$s as
        with first as (
          select distinct on (company_id, %4$s) company_id, %4$s, sequence, as_of, event_id
          from read_parquet('%2$s') order by company_id, %4$s, sequence, as_of),
        row as (
          select l.*, coalesce(f.event_id is null and (l.sequence, l.as_of) = (f.sequence, f.as_of), false) as found
          from lake_%3$s l left join first f using (company_id, %4$s)
          where f.sequence is null or f.event_id is not null or (l.sequence, l.as_of) >= (f.sequence, f.as_of))
        select * exclude (found) replace (%5$s) from row
        """
            .formatted(columns, file, schema.name(), ids(schema), ofItsEvent));
    sql.execute(
        """
        create or replace table one_side as
        select 'in Kafka only' as side, * from (select %1$s from read_parquet('%2$s') except all select %1$s from due_%3$s)
        union all
        select 'in the lake only', * from (select %1$s from due_%3$s except all select %1$s from read_parquet('%2$s'))
        """
            .formatted(columns, file, schema.name()));
    return new Comparison(
        number(sql, "select count(*) from due_" + schema.name()),
        number(sql, "select count(*) from one_side"),
        texts(
            sql,
            "select (one_side)::varchar from one_side order by %s, sequence, as_of, side limit 6"
                .formatted(ids(schema))));
  }

  private static String ids(FeatureSchema schema) {
    return String.join(", ", schema.idFields());
  }

  private static Comparison compareRedis(LocalStack stack, FeatureSchema schema, Statement sql)
      throws SQLException {
    long compared = 0;
    List<String> differing = new ArrayList<>();
    long different = 0;
    String columns =
        schema.columns().stream()
            .map(
                c ->
                    (c.type() == ValueType.INSTANT ? "epoch_us(%1$s) as %1$s" : "%s")
                        .formatted(c.name()))
            .collect(Collectors.joining(", "));
    try (OnlineFeatures online = new OnlineFeatures(stack.redisUri(), List.of(schema));
        ResultSet rows =
            sql.executeQuery(
                """
                select distinct on (company_id, %1$s) company_id, %1$s, epoch_us(as_of) as as_of_us, sequence, %2$s
                from due_%3$s order by as_of desc, sequence desc
                """
                    .formatted(ids(schema), columns, schema.name()))) {
      while (rows.next()) {
        String company = rows.getString("company_id");
        List<String> ids = new ArrayList<>();
        for (String field : schema.idFields()) {
          ids.add(rows.getString(field));
        }
        String id = FeatureSchema.entityId(schema.entity(), ids);
        Optional<OnlineFeatures.Row> found = online.read(schema.entity(), company, id);
        compared++;
        String difference =
            found.isEmpty() ? "not in Redis" : difference(found.get(), rows, schema.columns());
        if (!difference.isEmpty()) {
          different++;
          if (differing.size() < 5) {
            differing.add(company + ":" + id + " " + difference);
          }
        }
      }
    }
    return new Comparison(compared, different, differing);
  }

  private static String difference(OnlineFeatures.Row found, ResultSet row, List<Column> columns)
      throws SQLException {
    if (found.sequence() != row.getLong("sequence")) {
      return "sequence %d, lake %d".formatted(found.sequence(), row.getLong("sequence"));
    }
    for (Column column : columns) {
      Object inLake = plain(row.getObject(column.name()));
      Object inRedis = found.values().get(column.name());
      if (!Objects.equals(inRedis, inLake)) {
        return "%s is %s, in the lake %s".formatted(column.name(), inRedis, inLake);
      }
    }
    return "";
  }

  private static @Nullable Object plain(@Nullable Object value) throws SQLException {
    return value instanceof Array list ? Arrays.asList((Object[]) list.getArray()) : value;
  }

  private static long number(Statement sql, String query) throws SQLException {
    try (ResultSet row = sql.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static List<String> texts(Statement sql, String query) throws SQLException {
    List<String> texts = new ArrayList<>();
    try (ResultSet rows = sql.executeQuery(query)) {
      while (rows.next()) {
        texts.add(rows.getString(1));
      }
    }
    return texts;
  }
}
