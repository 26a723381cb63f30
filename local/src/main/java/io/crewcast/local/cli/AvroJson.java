package io.crewcast.local.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.avro.Schema;
import org.apache.avro.Schema.Field;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * Avro records as plain JSON: instants as ISO text, bytes in base64, unions without their tag. A
 * field that may hold several kinds of record has its kind beside it, as {@code replay} reads it.
 */
final class AvroJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final Pattern WORD_START = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])");

  private AvroJson() {}

  static ObjectNode of(GenericRecord record) {
    ObjectNode json = JSON.objectNode();
    for (Field field : record.getSchema().getFields()) {
      Object value = record.get(field.pos());
      if (value instanceof GenericRecord payload && records(field.schema()) > 1) {
        json.put("kind", kind(payload.getSchema()));
      }
      json.set(field.name(), node(value));
    }
    return json;
  }

  private static JsonNode node(@Nullable Object value) {
    if (value == null) {
      return JSON.nullNode();
    }
    if (value instanceof GenericRecord record) {
      return of(record);
    }
    if (value instanceof Map<?, ?> map) {
      ObjectNode json = JSON.objectNode();
      map.forEach((key, one) -> json.set(String.valueOf(key), node(one)));
      return json;
    }
    if (value instanceof Collection<?> collection) {
      ArrayNode json = JSON.arrayNode();
      collection.forEach(one -> json.add(node(one)));
      return json;
    }
    if (value instanceof ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      return JSON.binaryNode(bytes);
    }
    if (value instanceof Double number) {
      return JSON.numberNode(number);
    }
    if (value instanceof Float number) {
      return JSON.numberNode(number);
    }
    if (value instanceof Long number) {
      return JSON.numberNode(number);
    }
    if (value instanceof Integer number) {
      return JSON.numberNode(number);
    }
    if (value instanceof Boolean truth) {
      return JSON.booleanNode(truth);
    }
    return JSON.textNode(value.toString());
  }

  private static long records(Schema schema) {
    return schema.getType() == Schema.Type.UNION
        ? schema.getTypes().stream().filter(type -> type.getType() == Schema.Type.RECORD).count()
        : 0;
  }

  private static String kind(Schema record) {
    return WORD_START.matcher(record.getName()).replaceAll("_").toLowerCase(Locale.ROOT);
  }
}
