package io.crewcast.scoring.tree;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads Universal Binary JSON (draft 12, big-endian), the format of {@code model.ubj}, into a tree
 * of JSON nodes.
 *
 * <p>A file that ends early, counts more elements than it has bytes, or nests deeper than 100 is
 * refused; nothing is allocated on the word of a length alone.
 */
final class Ubjson {

  private static final int MAX_DEPTH = 100;

  private final ByteBuffer in;
  private int depth;

  private Ubjson(byte[] bytes) {
    in = ByteBuffer.wrap(bytes);
  }

  /**
   * Reads one value, which must fill the whole input.
   *
   * @throws BrokenModelException if the bytes are not one UBJSON value
   */
  static JsonNode read(byte[] bytes) {
    Ubjson reader = new Ubjson(bytes);
    try {
      JsonNode value = reader.value(reader.marker());
      if (reader.in.hasRemaining()) {
        throw reader.bad("has bytes after its end");
      }
      return value;
    } catch (BufferUnderflowException e) {
      throw new BrokenModelException(
          "model file ends early, at byte %d: copy it again".formatted(bytes.length), e);
    }
  }

  private char marker() {
    char marker;
    do {
      marker = (char) (in.get() & 0xff);
    } while (marker == 'N');
    return marker;
  }

  private JsonNode value(char marker) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return switch (marker) {
      case 'Z' -> nodes.nullNode();
      case 'T' -> nodes.booleanNode(true);
      case 'F' -> nodes.booleanNode(false);
      case 'i', 'U', 'I', 'l', 'L' -> nodes.numberNode(integer(marker));
      case 'd' -> nodes.numberNode(in.getFloat());
      case 'D' -> nodes.numberNode(in.getDouble());
      case 'C' -> nodes.textNode(String.valueOf((char) (in.get() & 0xff)));
      case 'S' -> nodes.textNode(text());
      case '[' -> array();
      case '{' -> object();
      default -> throw bad("has the unknown marker '%c'".formatted(marker));
    };
  }

  private long integer(char marker) {
    return switch (marker) {
      case 'i' -> in.get();
      case 'U' -> in.get() & 0xff;
      case 'I' -> in.getShort();
      case 'l' -> in.getInt();
      case 'L' -> in.getLong();
      default -> throw bad("has the marker '%c' where a length should be".formatted(marker));
    };
  }

  /** A count of elements that take at least {@code minimumBytes} each. */
  private int length(char marker, int minimumBytes) {
    long length = integer(marker);
    if (length < 0 || length * minimumBytes > in.remaining()) {
      throw bad("counts %d elements, more than it holds".formatted(length));
    }
    return (int) length;
  }

  private String text() {
    return text(marker());
  }

  private String text(char lengthMarker) {
    byte[] utf8 = new byte[length(lengthMarker, 1)];
    in.get(utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }

  private ArrayNode array() {
    enter();
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    char first = marker();
    if (first == '$') {
      char type = marker();
      expect('#');
      int count = length(marker(), bytesOf(type));
      for (int i = 0; i < count; i++) {
        array.add(value(type));
      }
    } else if (first == '#') {
      int count = length(marker(), 1);
      for (int i = 0; i < count; i++) {
        array.add(value(marker()));
      }
    } else {
      for (char next = first; next != ']'; next = marker()) {
        array.add(value(next));
      }
    }
    depth--;
    return array;
  }

  private ObjectNode object() {
    enter();
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    char first = marker();
    if (first == '$') {
      throw bad("holds an object of one type, which XGBoost does not write");
    } else if (first == '#') {
      int count = length(marker(), 1);
      for (int i = 0; i < count; i++) {
        object.set(text(), value(marker()));
      }
    } else {
      for (char next = first; next != '}'; next = marker()) {
        object.set(text(next), value(marker()));
      }
    }
    depth--;
    return object;
  }

  private int bytesOf(char type) {
    return switch (type) {
      case 'i', 'U', 'C', 'S', '[', '{' -> 1;
      case 'I' -> 2;
      case 'l', 'd' -> 4;
      case 'L', 'D' -> 8;
      default -> throw bad("has an array of the unknown type '%c'".formatted(type));
    };
  }

  private void enter() {
    if (++depth > MAX_DEPTH) {
      throw bad("nests deeper than " + MAX_DEPTH);
    }
  }

  private void expect(char marker) {
    char found = marker();
    if (found != marker) {
      throw bad("has '%c' where '%c' should be".formatted(found, marker));
    }
  }

  private BrokenModelException bad(String what) {
    return new BrokenModelException(
        "model file %s, at byte %d: it is not what XGBoost writes as UBJSON"
            .formatted(what, in.position()));
  }
}
