package io.crewcast.local.lake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Array;
import java.sql.Blob;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Map;
import org.duckdb.DuckDBStruct;
import org.jspecify.annotations.Nullable;

/**
 * What DuckDB's driver gives, as JSON: instants as ISO text in UTC, structs and maps as objects,
 * lists as arrays, bytes in base64. A number that JSON does not have, such as NaN, is its name.
 */
final class SqlValues {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final ObjectMapper READER = new ObjectMapper();

  private SqlValues() {}

  static JsonNode json(@Nullable Object value) throws SQLException {
    if (value == null) {
      return JSON.nullNode();
    }
    if (value instanceof Number number) {
      return number(number);
    }
    if (value instanceof Boolean truth) {
      return JSON.booleanNode(truth);
    }
    if (value instanceof Array list) {
      return list((Object[]) list.getArray());
    }
    if (value instanceof Object[] list) {
      return list(list);
    }
    if (value instanceof DuckDBStruct struct) {
      return object(struct.getMap());
    }
    if (value instanceof Map<?, ?> map) {
      return object(map);
    }
    if (value instanceof Blob bytes) {
      return JSON.textNode(
          Base64.getEncoder().encodeToString(bytes.getBytes(1, (int) bytes.length())));
    }
    if (value instanceof org.duckdb.JsonNode json) {
      return parsed(json.toString());
    }
    return JSON.textNode(text(value));
  }

  private static JsonNode number(Number number) {
    if (number instanceof Double real) {
      return Double.isFinite(real) ? JSON.numberNode(real) : JSON.textNode(real.toString());
    }
    if (number instanceof Float real) {
      return Float.isFinite(real) ? JSON.numberNode(real) : JSON.textNode(real.toString());
    }
    if (number instanceof BigDecimal exact) {
      return JSON.numberNode(exact);
    }
    return number instanceof BigInteger whole
        ? JSON.numberNode(whole)
        : JSON.numberNode(number.longValue());
  }

  private static JsonNode list(@Nullable Object[] values) throws SQLException {
    ArrayNode list = JSON.arrayNode();
    for (Object value : values) {
      list.add(json(value));
    }
    return list;
  }

  private static JsonNode object(Map<?, ?> values) throws SQLException {
    ObjectNode object = JSON.objectNode();
    for (Map.Entry<?, ?> entry : values.entrySet()) {
      JsonNode name = json(entry.getKey());
      object.set(name.isTextual() ? name.textValue() : name.toString(), json(entry.getValue()));
    }
    return object;
  }

  private static JsonNode parsed(String json) {
    try {
      return READER.readTree(json);
    } catch (JsonProcessingException e) {
      return JSON.textNode(json);
    }
  }

  private static String text(Object value) {
    if (value instanceof OffsetDateTime instant) {
      return instant.toInstant().toString();
    }
    if (value instanceof Timestamp local) {
      return DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(local.toLocalDateTime());
    }
    return value instanceof LocalDateTime local
        ? DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(local)
        : value.toString();
  }
}
