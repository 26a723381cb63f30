package io.crewcast.local.ingest;

import io.crewcast.schemas.WorkEvent;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.avro.Schema;

/**
 * The contract of work events as mappings and JSON lines name it: payload kinds in snake case, as
 * in feature files.
 */
final class ContractSchema {
  /**
   * Schema of each payload by kind: {@code time_entry}, {@code task}, ... in the order of the
   * union.
   */
  static final Map<String, Schema> PAYLOADS = payloads();

  private ContractSchema() {}

  static Schema nonNull(Schema type) {
    if (!type.isUnion()) {
      return type;
    }
    return type.getTypes().stream()
        .filter(branch -> branch.getType() != Schema.Type.NULL)
        .findFirst()
        .orElseThrow();
  }

  static String kind(Schema payload) {
    return payload.getName().replaceAll("(?<=[a-z])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
  }

  private static Map<String, Schema> payloads() {
    Map<String, Schema> payloads = new LinkedHashMap<>();
    for (Schema payload : WorkEvent.getClassSchema().getField("payload").schema().getTypes()) {
      payloads.put(kind(payload), payload);
    }
    return payloads;
  }
}
