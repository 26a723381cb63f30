package io.crewcast.sinks.redis;

import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureSchema.Column;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** Where the features of one kind of entity stand in Redis: a Feast feature view. */
final class FeastView {

  /** The Feast project that all views belong to. */
  static final String PROJECT = "crewcast";

  private final FeatureSchema features;
  private final List<byte[]> fields;

  /**
   * The view {@code <entity>_features}.
   *
   * @throws IllegalArgumentException when two features hash to the same field
   */
  FeastView(FeatureSchema features) {
    this.features = features;
    this.fields = new ArrayList<>(features.columns().size());
    Map<String, String> taken = new HashMap<>();
    for (Column column : features.columns()) {
      byte[] field = FeastCodec.field(features.table(), column.name());
      String other = taken.put(new String(field, StandardCharsets.ISO_8859_1), column.name());
      if (other != null) {
        throw new IllegalArgumentException(
            "Features %s and %s of %s share a field in Redis; rename one of them"
                .formatted(other, column.name(), features.table()));
      }
      fields.add(field);
    }
  }

  FeatureSchema features() {
    return features;
  }

  /** Field of each column, in the order of the columns. */
  List<byte[]> fields() {
    return fields;
  }

  byte[] timestampField() {
    return FeastCodec.timestampField(features.table());
  }

  /** Holds {@code <micros of as_of> <sequence>}; Feast never asks for it. */
  byte[] sequenceField() {
    return ("_seq:" + features.table()).getBytes(StandardCharsets.UTF_8);
  }

  byte[] key(String companyId, String entityId) {
    SortedMap<String, String> joinKeys = FeastCodec.joinKeys();
    joinKeys.put("company_id", companyId);
    List<String> ids = FeatureSchema.ids(features.entity(), entityId);
    for (int i = 0; i < ids.size(); i++) {
      joinKeys.put(features.idFields().get(i), ids.get(i));
    }
    return FeastCodec.key(PROJECT, joinKeys);
  }
}
