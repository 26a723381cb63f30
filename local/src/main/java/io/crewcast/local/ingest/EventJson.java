package io.crewcast.local.ingest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.crewcast.schemas.WorkEvent;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Work events as plain JSON: the fields of the contract, {@code kind} (such as {@code time_entry})
 * beside {@code payload}, dates as ISO text or microseconds, absent fields at their defaults.
 *
 * <pre>
 * {"event_id":"e1","company_id":"acme","occurred_at":"2026-01-05T09:00:00Z","kind":"worker","payload":{"worker_id":"kim","status":"ACTIVE"}}
 * </pre>
 */
public final class EventJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private EventJson() {}

  /**
   * Reads one event.
   *
   * @throws IllegalArgumentException in one line that names the field and says what to write
   */
  public static WorkEvent read(String line) {
    JsonNode json;
    try {
      json = JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("is not JSON: " + e.getOriginalMessage(), e);
    }
    if (json == null || !json.isObject()) {
      throw new IllegalArgumentException(
          "is not a JSON object; write {\"event_id\": ..., \"kind\": ..., \"payload\": {...}}");
    }
    String kind = json.path("kind").asText();
    Schema payload = ContractSchema.PAYLOADS.get(kind);
    if (payload == null) {
      throw new IllegalArgumentException(
          "kind: `" + kind + "` is none of " + ContractSchema.PAYLOADS.keySet());
    }
    WorkEvent event =
        (WorkEvent) record("", json, WorkEvent.getClassSchema(), Set.of("kind", "payload"));
    event.setPayload(record("payload.", json.path("payload"), payload, Set.of()));
    return event;
  }

  private static SpecificRecord record(
      String path, JsonNode json, Schema schema, Set<String> apart) {
    SpecificRecord record = (SpecificRecord) SpecificData.get().newRecord(null, schema);
    for (Iterator<String> names = json.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (schema.getField(name) == null && !apart.contains(name)) {
        throw new IllegalArgumentException(
            path
                + name
                + ": no such field; there are "
                + schema.getFields().stream().map(Schema.Field::name).toList());
      }
    }
    for (Schema.Field field : schema.getFields()) {
      JsonNode value = json.path(field.name());
      if (apart.contains(field.name())) {
        continue;
      }
      if (value.isMissingNode() || value.isNull()) {
        if (!field.hasDefaultValue()) {
          throw new IllegalArgumentException(path + field.name() + ": is missing; " + field.doc());
        }
        record.put(field.pos(), SpecificData.get().getDefaultValue(field));
      } else {
        record.put(
            field.pos(), value(path + field.name(), value, ContractSchema.nonNull(field.schema())));
      }
    }
    return record;
  }

  private static Object value(String path, JsonNode json, Schema type) {
    Object value =
        switch (type.getType()) {
          case STRING -> json.isTextual() ? json.asText() : null;
          case BOOLEAN -> json.isBoolean() ? json.asBoolean() : null;
          case DOUBLE -> json.isNumber() ? json.asDouble() : null;
          case LONG ->
              type.getLogicalType() != null
                  ? instant(json)
                  : json.canConvertToLong() && json.isIntegralNumber() ? json.asLong() : null;
          case ENUM ->
              type.hasEnumSymbol(json.asText())
                  ? SpecificData.get().createEnum(json.asText(), type)
                  : null;
          case ARRAY -> list(path, json, type);
          case RECORD -> json.isObject() ? record(path + ".", json, type, Set.of()) : null;
          default -> null;
        };
    if (value == null) {
      throw new IllegalArgumentException(path + ": " + json + " is no " + expected(type));
    }
    return value;
  }

  private static @Nullable List<Object> list(String path, JsonNode json, Schema type) {
    if (!json.isArray()) {
      return null;
    }
    List<Object> list = new ArrayList<>();
    json.forEach(item -> list.add(value(path, item, type.getElementType())));
    return list;
  }

  private static @Nullable Instant instant(JsonNode json) {
    if (json.isIntegralNumber()) {
      return Instant.EPOCH.plus(json.asLong(), ChronoUnit.MICROS);
    }
    try {
      return OffsetDateTime.parse(json.asText()).toInstant();
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static String expected(Schema type) {
    return switch (type.getType()) {
      case LONG ->
          type.getLogicalType() == null ? "whole number" : "date such as 2026-01-05T09:00:00Z";
      case ENUM -> "one of " + type.getEnumSymbols();
      case ARRAY -> "list";
      default -> type.getType().getName();
    };
  }
}
