package io.crewcast.benchmarks.redis;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureSchema.Column;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.ValueType;
import io.crewcast.sinks.redis.FeastCodec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;

/** Workers of one company with thirty features each: counts, hours, instants and texts. */
final class WorkerRows {

  static final String COMPANY = "acme";
  private static final int FEATURES = 30;

  private final List<FeatureVector> vectors = new ArrayList<>();
  private Instant asOf = Instant.parse("2026-01-05T00:00:00Z");

  WorkerRows(int workers) {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < workers; i++) {
      List<Object> values = new ArrayList<>();
      for (Column column : schema().columns()) {
        values.add(value(column.type(), random));
      }
      vectors.add(
          FeatureVector.newBuilder()
              .setEntity(EntityType.WORKER)
              .setCompanyId(COMPANY)
              .setEntityId(id(i))
              .setAsOf(asOf)
              .setSequence(1)
              .setValues(values)
              .build());
    }
  }

  static FeatureSchema schema() {
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < FEATURES; i++) {
      ValueType type =
          switch (i % 10) {
            case 0, 1, 2, 3 -> ValueType.LONG;
            case 8 -> ValueType.INSTANT;
            case 9 -> ValueType.STRING;
            default -> ValueType.DOUBLE;
          };
      columns.add(new Column("feature_" + i, type, "a feature"));
    }
    return new FeatureSchema(EntityType.WORKER, "a worker", columns);
  }

  private static Object value(ValueType type, SplittableRandom random) {
    return switch (type) {
      case LONG -> (long) random.nextInt(1_000);
      case INSTANT -> 1_767_571_200_000_000L + random.nextLong(1L << 40);
      case STRING -> "phase-" + random.nextInt(10, 100);
      default -> random.nextDouble() * 100;
    };
  }

  static String id(int worker) {
    return "w-%06d".formatted(worker);
  }

  int workers() {
    return vectors.size();
  }

  /** The next change of each, one after the other: a second later than the one before. */
  List<FeatureVector> next() {
    asOf = asOf.plusSeconds(1);
    for (FeatureVector vector : vectors) {
      vector.setAsOf(asOf);
      vector.setSequence(vector.getSequence() + 1);
    }
    return vectors;
  }

  /** How many bytes the key of an entity has. */
  int keyBytes() {
    SortedMap<String, String> joinKeys = FeastCodec.joinKeys();
    joinKeys.put("company_id", COMPANY);
    joinKeys.put("worker_id", id(0));
    return FeastCodec.key("crewcast", joinKeys).length;
  }

  /** How many bytes each field of a row has and its value: time, order, features. */
  List<int[]> fieldBytes() {
    FeatureSchema schema = schema();
    FeatureVector vector = vectors.get(0);
    List<int[]> bytes = new ArrayList<>();
    bytes.add(new int[] {("_ts:" + schema.table()).length(), FeastCodec.timestamp(asOf).length});
    bytes.add(new int[] {("_seq:" + schema.table()).length(), 2 * 16 + 1});
    for (int i = 0; i < FEATURES; i++) {
      ValueType type = schema.columns().get(i).type();
      bytes.add(new int[] {4, FeastCodec.value(type, vector.getValues().get(i)).length});
    }
    return bytes;
  }
}
