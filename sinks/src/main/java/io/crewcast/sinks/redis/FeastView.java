package io.crewcast.sinks.redis;

import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureSchema.Column;
import io.crewcast.schemas.Instants;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Where a view's columns stand in Redis: a Feast feature view. */
final class FeastView implements Serializable {

  /** The Feast project that all views belong to. */
  static final String PROJECT = "crewcast";

  private static final long SIXTEEN_ZEROS = 10_000_000_000_000_000L;

  private final List<String> idFields;
  private final List<Column> columns;
  private final ArrayList<byte[]> fields;
  private final byte[] timestampField;
  private final byte[] sequenceField;

  /**
   * A view.
   *
   * @param idFields the join keys beside {@code company_id}
   * @throws IllegalArgumentException when two columns hash to the same field
   */
  FeastView(String name, List<String> idFields, List<Column> columns) {
    this.idFields = List.copyOf(idFields);
    this.columns = List.copyOf(columns);
    this.fields = new ArrayList<>(columns.size());
    this.timestampField = FeastCodec.timestampField(name);
    this.sequenceField = ("_seq:" + name).getBytes(StandardCharsets.UTF_8);
    Map<String, String> taken = new HashMap<>();
    for (Column column : columns) {
      byte[] field = FeastCodec.field(name, column.name());
      String other = taken.put(new String(field, StandardCharsets.ISO_8859_1), column.name());
      if (other != null) {
        throw new IllegalArgumentException(
            "Features %s and %s of %s share a field in Redis; rename one of them"
                .formatted(other, column.name(), name));
      }
      fields.add(field);
    }
  }

  /** The view {@code <entity>_features}. */
  static FeastView of(FeatureSchema features) {
    return new FeastView(features.table(), features.idFields(), features.columns());
  }

  List<Column> columns() {
    return columns;
  }

  /** Field of each column, in the order of the columns. */
  List<byte[]> fields() {
    return fields;
  }

  byte[] timestampField() {
    return timestampField;
  }

  /**
   * Holds {@code <micros of as_of> <sequence> <when the time to live was extended>}, the first two
   * in sixteen digits so that texts are in their order; Feast never asks for it.
   */
  byte[] sequenceField() {
    return sequenceField;
  }

  /**
   * Key of an entity's hash.
   *
   * @param ids in the order of the view's id fields
   */
  byte[] key(String companyId, List<String> ids) {
    SortedMap<String, String> joinKeys = FeastCodec.joinKeys();
    joinKeys.put("company_id", companyId);
    for (int i = 0; i < ids.size(); i++) {
      joinKeys.put(idFields.get(i), ids.get(i));
    }
    return FeastCodec.key(PROJECT, joinKeys);
  }

  /**
   * A row as {@link NewestWins} takes it.
   *
   * @param order not negative, below 10^16, as are the microseconds of {@code asOf}
   * @param values one a column; instants as microseconds
   * @param timeToLive of the whole entity; zero for ever
   */
  OnlineRow row(
      byte[] key,
      Instant asOf,
      long order,
      List<? extends @Nullable Object> values,
      Duration timeToLive) {
    String stands = sixteenDigits(Instants.micros(asOf)) + ' ' + sixteenDigits(order);
    String extended = Long.toString(hundredth(timeToLive));
    MessagePack fields = new MessagePack(48 * (columns.size() + 2));
    fields.add(sequenceField).add(ascii(stands + ' ' + extended));
    fields.add(timestampField).add(FeastCodec.timestamp(asOf));
    for (int i = 0; i < columns.size(); i++) {
      fields.add(this.fields.get(i)).add(FeastCodec.value(columns.get(i).type(), values.get(i)));
    }
    byte[] millis = ascii(Long.toString(timeToLive.toMillis()));
    return new OnlineRow(
        key, List.of(sequenceField, ascii(stands), millis, ascii(extended), fields.bytes()));
  }

  /**
   * Which hundredth of a time to live it is by the clock: in each the server's is extended once.
   */
  private static long hundredth(Duration timeToLive) {
    return timeToLive.isZero()
        ? 0
        : System.currentTimeMillis() / Math.max(1, timeToLive.toMillis() / 100);
  }

  private static String sixteenDigits(long number) {
    return Long.toString(SIXTEEN_ZEROS + number).substring(1);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
