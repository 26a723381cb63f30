package io.crewcast.sinks.redis;

import com.google.common.hash.Hashing;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.crewcast.schemas.CodePoints;
import io.crewcast.schemas.ValueType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that Feast's Python SDK writes to Redis with entity key serialization version 3. Its
 * source is the reference: {@code key_encoding_utils.py}, {@code online_stores/helpers.py}, {@code
 * online_stores/redis.py} and {@code types/Value.proto}. Entities are named by strings alone.
 */
public final class FeastCodec {

  private static final int STRING_TYPE = 2;
  private static final long MICROS_PER_SECOND = 1_000_000;

  /** Field numbers of {@code feast.types.Value}. */
  private static final int STRING_VAL = 2;

  private static final int INT64_VAL = 4;
  private static final int DOUBLE_VAL = 5;
  private static final int BOOL_VAL = 7;
  private static final int UNIX_TIMESTAMP_VAL = 8;
  private static final int STRING_LIST_VAL = 12;
  private static final int DOUBLE_LIST_VAL = 15;

  /** {@code repeated val} of {@code feast.types.StringList} and {@code DoubleList}. */
  private static final int LIST_VAL = 1;

  /** Field numbers of {@code google.protobuf.Timestamp}. */
  private static final int SECONDS = 1;

  private static final int NANOS = 2;

  private FeastCodec() {}

  /** An empty set of join keys and their values, in the order that Feast sorts them. */
  public static SortedMap<String, String> joinKeys() {
    return new TreeMap<>(CodePoints.ORDER);
  }

  /**
   * Key of the hash of an entity.
   *
   * @param joinKeys names and values, sorted as {@link #joinKeys()} does
   */
  public static byte[] key(String project, SortedMap<String, String> joinKeys) {
    ByteArrayOutputStream key = new ByteArrayOutputStream(64);
    key.writeBytes(littleEndian(joinKeys.size()));
    joinKeys.keySet().forEach(name -> appendString(key, name));
    joinKeys.values().forEach(value -> appendString(key, value));
    key.writeBytes(utf8(project));
    return key.toByteArray();
  }

  /** Name of the hash field of a feature. */
  public static byte[] field(String view, String feature) {
    return Hashing.murmur3_32_fixed().hashBytes(utf8(view + ':' + feature)).asBytes();
  }

  /** Name of the hash field that holds the time of a view's features. */
  public static byte[] timestampField(String view) {
    return utf8("_ts:" + view);
  }

  /**
   * A feature as {@code feast.types.Value}; null is no bytes at all. An instant is given in
   * microseconds and kept in whole seconds, as Feast does.
   *
   * @throws IllegalArgumentException when the value is not of {@code type}
   */
  public static byte[] value(ValueType type, @Nullable Object value) {
    if (value == null) {
      return new byte[0];
    }
    return message(
        out -> {
          switch (type) {
            case LONG -> out.writeInt64(INT64_VAL, number(value).longValue());
            case DOUBLE -> out.writeDouble(DOUBLE_VAL, number(value).doubleValue());
            case BOOLEAN -> out.writeBool(BOOL_VAL, Boolean.parseBoolean(value.toString()));
            case STRING -> out.writeString(STRING_VAL, value.toString());
            case INSTANT ->
                out.writeInt64(
                    UNIX_TIMESTAMP_VAL,
                    Math.floorDiv(number(value).longValue(), MICROS_PER_SECOND));
            case STRINGS -> out.writeByteArray(STRING_LIST_VAL, list((Collection<?>) value));
            case DOUBLES -> out.writeByteArray(DOUBLE_LIST_VAL, packed((Collection<?>) value));
          }
        });
  }

  /**
   * What {@link #value} made bytes of; null for no bytes. Instants come in microseconds.
   *
   * @throws IllegalArgumentException when the bytes hold no value of {@code type}
   */
  public static @Nullable Object value(ValueType type, byte[] bytes) {
    if (bytes.length == 0) {
      return null;
    }
    CodedInputStream in = CodedInputStream.newInstance(bytes);
    try {
      int field = WireFormat.getTagFieldNumber(in.readTag());
      if (field != fieldOf(type)) {
        throw new IllegalArgumentException(
            "A value of field %d is stored where a %s is expected".formatted(field, type));
      }
      return switch (type) {
        case LONG -> in.readInt64();
        case DOUBLE -> in.readDouble();
        case BOOLEAN -> in.readBool();
        case STRING -> in.readStringRequireUtf8();
        case INSTANT -> in.readInt64() * MICROS_PER_SECOND;
        case STRINGS -> list(in.readByteArray());
        case DOUBLES -> packed(in.readByteArray());
      };
    } catch (IOException e) {
      throw new IllegalArgumentException("The stored bytes are no value of type " + type, e);
    }
  }

  /** An instant as {@code google.protobuf.Timestamp}, fields that are zero left out. */
  public static byte[] timestamp(Instant instant) {
    long seconds = instant.getEpochSecond();
    int nanos = instant.getNano();
    return message(
        out -> {
          if (seconds != 0) {
            out.writeInt64(SECONDS, seconds);
          }
          if (nanos != 0) {
            out.writeInt32(NANOS, nanos);
          }
        });
  }

  /**
   * What {@link #timestamp} made bytes of.
   *
   * @throws IllegalArgumentException when the bytes are no timestamp
   */
  public static Instant timestamp(byte[] bytes) {
    CodedInputStream in = CodedInputStream.newInstance(bytes);
    long seconds = 0;
    int nanos = 0;
    try {
      while (!in.isAtEnd()) {
        int tag = in.readTag();
        switch (WireFormat.getTagFieldNumber(tag)) {
          case SECONDS -> seconds = in.readInt64();
          case NANOS -> nanos = in.readInt32();
          default -> in.skipField(tag);
        }
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("The stored bytes are no timestamp", e);
    }
    return Instant.ofEpochSecond(seconds, nanos);
  }

  /** Writes the fields of one message. */
  private interface Fields {
    void write(CodedOutputStream out) throws IOException;
  }

  private static byte[] message(Fields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(32);
    CodedOutputStream out = CodedOutputStream.newInstance(bytes, 64);
    try {
      fields.write(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static int fieldOf(ValueType type) {
    return switch (type) {
      case LONG -> INT64_VAL;
      case DOUBLE -> DOUBLE_VAL;
      case BOOLEAN -> BOOL_VAL;
      case STRING -> STRING_VAL;
      case INSTANT -> UNIX_TIMESTAMP_VAL;
      case STRINGS -> STRING_LIST_VAL;
      case DOUBLES -> DOUBLE_LIST_VAL;
    };
  }

  private static Number number(Object value) {
    if (value instanceof Number number) {
      return number;
    }
    throw new IllegalArgumentException("Not a number: " + value);
  }

  private static byte[] list(Collection<?> texts) {
    return message(
        out -> {
          for (Object text : texts) {
            out.writeString(LIST_VAL, text.toString());
          }
        });
  }

  private static List<String> list(byte[] bytes) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(bytes);
    List<String> texts = new ArrayList<>();
    while (!in.isAtEnd()) {
      in.readTag();
      texts.add(in.readStringRequireUtf8());
    }
    return texts;
  }

  private static byte[] packed(Collection<?> numbers) {
    ByteBuffer doubles =
        ByteBuffer.allocate(Double.BYTES * numbers.size()).order(ByteOrder.LITTLE_ENDIAN);
    numbers.forEach(value -> doubles.putDouble(number(value).doubleValue()));
    return numbers.isEmpty()
        ? new byte[0]
        : message(out -> out.writeByteArray(LIST_VAL, doubles.array()));
  }

  private static List<Double> packed(byte[] bytes) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(bytes);
    List<Double> numbers = new ArrayList<>();
    if (!in.isAtEnd()) {
      in.readTag();
      ByteBuffer doubles = in.readByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
      while (doubles.hasRemaining()) {
        numbers.add(doubles.getDouble());
      }
    }
    return numbers;
  }

  private static void appendString(ByteArrayOutputStream key, String text) {
    byte[] bytes = utf8(text);
    key.writeBytes(littleEndian(STRING_TYPE));
    key.writeBytes(littleEndian(bytes.length));
    key.writeBytes(bytes);
  }

  private static byte[] littleEndian(int value) {
    return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
  }

  private static byte[] utf8(String text) {
    return ByteString.copyFromUtf8(text).toByteArray();
  }
}
