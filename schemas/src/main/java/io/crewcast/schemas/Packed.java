package io.crewcast.schemas;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/**
 * The compact form of what is written and read again for every change: whole numbers in as many
 * bytes as they need (zigzag, seven bits a byte), text as length and UTF-8, a value with a tag
 * before it. Avro would look up the branch of a union for each of a hundred values.
 */
@NullMarked
public final class Packed {

  private static final int NULL = 0;
  private static final int FALSE = 1;
  private static final int TRUE = 2;
  private static final int LONG = 3;
  private static final int DOUBLE = 4;
  private static final int STRING = 5;
  private static final int STRINGS = 6;
  private static final int DOUBLES = 7;

  private static final EntityType[] ENTITIES = EntityType.values();

  private Packed() {}

  /** A vector to be carried along. */
  public static ByteBuffer vector(FeatureVector vector) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    DataOutputStream out = new DataOutputStream(bytes);
    try {
      out.writeByte(vector.getEntity().ordinal());
      writeText(out, vector.getCompanyId());
      writeText(out, vector.getEntityId());
      writeLong(out, Instants.micros(vector.getAsOf()));
      writeLong(out, vector.getSequence());
      writeValue(out, vector.getEventId());
      writeLong(out, vector.getValues().size());
      for (Object value : vector.getValues()) {
        writeValue(out, value);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ByteBuffer.wrap(bytes.toByteArray());
  }

  /** The vector that was packed. */
  public static FeatureVector vector(ByteBuffer packed) {
    DataInputStream in =
        new DataInputStream(
            new ByteArrayInputStream(
                packed.array(), packed.arrayOffset() + packed.position(), packed.remaining()));
    try {
      EntityType entity = ENTITIES[in.readByte()];
      String company = readText(in);
      String id = readText(in);
      long asOf = readLong(in);
      long sequence = readLong(in);
      String event = (String) readValue(in);
      int size = (int) readLong(in);
      List<@Nullable Object> values = new ArrayList<>(size);
      for (int i = 0; i < size; i++) {
        values.add(readValue(in));
      }
      return new FeatureVector(
          entity, company, id, Instants.ofMicros(asOf), sequence, event, values);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Writes null, a {@code Boolean}, {@code Long}, {@code Double}, text, or a list of texts or of
   * doubles.
   */
  public static void writeValue(DataOutput out, @Nullable Object value) throws IOException {
    if (value == null) {
      out.writeByte(NULL);
    } else if (value instanceof Long number) {
      out.writeByte(LONG);
      writeLong(out, number);
    } else if (value instanceof Double number) {
      out.writeByte(DOUBLE);
      out.writeDouble(number);
    } else if (value instanceof Boolean yes) {
      out.writeByte(yes ? TRUE : FALSE);
    } else if (value instanceof CharSequence text) {
      out.writeByte(STRING);
      writeText(out, text.toString());
    } else if (value instanceof List<?> items) {
      boolean numbers = !items.isEmpty() && items.get(0) instanceof Double;
      out.writeByte(numbers ? DOUBLES : STRINGS);
      writeLong(out, items.size());
      for (Object item : items) {
        if (numbers) {
          out.writeDouble((Double) item);
        } else {
          writeText(out, String.valueOf(item));
        }
      }
    } else {
      throw new IllegalArgumentException("a " + value.getClass() + " is no value of a feature");
    }
  }

  public static @Nullable Object readValue(DataInput in) throws IOException {
    int tag = in.readByte();
    return switch (tag) {
      case NULL -> null;
      case FALSE -> false;
      case TRUE -> true;
      case LONG -> readLong(in);
      case DOUBLE -> in.readDouble();
      case STRING -> readText(in);
      case STRINGS -> {
        int size = (int) readLong(in);
        List<String> texts = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
          texts.add(readText(in));
        }
        yield texts;
      }
      case DOUBLES -> {
        int size = (int) readLong(in);
        List<Double> numbers = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
          numbers.add(in.readDouble());
        }
        yield numbers;
      }
      default -> throw new IOException("tag " + tag + " is no value: other code wrote it");
    };
  }

  public static void writeText(DataOutput out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    writeLong(out, bytes.length);
    out.write(bytes);
  }

  public static String readText(DataInput in) throws IOException {
    byte[] bytes = new byte[(int) readLong(in)];
    in.readFully(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  public static void writeLong(DataOutput out, long value) throws IOException {
    long rest = (value << 1) ^ (value >> 63);
    while ((rest & ~0x7FL) != 0) {
      out.writeByte((int) (rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.writeByte((int) rest);
  }

  public static long readLong(DataInput in) throws IOException {
    long bits = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      byte next = in.readByte();
      bits |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return (bits >>> 1) ^ -(bits & 1);
      }
    }
    throw new IOException("a whole number of more than ten bytes: other code wrote it");
  }
}
