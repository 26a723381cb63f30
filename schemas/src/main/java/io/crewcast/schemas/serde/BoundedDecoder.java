package io.crewcast.schemas.serde;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.apache.avro.io.Decoder;
import org.apache.avro.util.Utf8;
import org.jspecify.annotations.Nullable;

/**
 * Reads Avro's binary encoding from bytes that nobody vouches for. Avro's own decoder believes the
 * lengths that it finds and allocates what they say; this one refuses any length or count greater
 * than the bytes that are left, numbers that do not fit, and text that is not UTF-8.
 */
final class BoundedDecoder extends Decoder {

  private static final char REPLACEMENT = '\uFFFD';

  private final ByteBuffer in;

  /** Reads {@code bytes} from {@code offset} to the end. */
  BoundedDecoder(byte[] bytes, int offset) {
    this.in =
        ByteBuffer.wrap(bytes, offset, bytes.length - offset)
            .slice()
            .order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The bytes are not what a writer of Avro leaves behind. */
  static final class MalformedException extends IOException {
    MalformedException(String message) {
      super(message);
    }
  }

  /** Bytes that nothing has read. */
  int remaining() {
    return in.remaining();
  }

  private void need(long bytes) throws MalformedException {
    if (bytes < 0 || bytes > in.remaining()) {
      throw new MalformedException(
          "%d bytes are announced at byte %d, %d are left"
              .formatted(bytes, in.position(), in.remaining()));
    }
  }

  private void skip(long bytes) throws MalformedException {
    need(bytes);
    in.position(in.position() + (int) bytes);
  }

  private byte[] take(long bytes) throws MalformedException {
    need(bytes);
    byte[] taken = new byte[(int) bytes];
    in.get(taken);
    return taken;
  }

  @Override
  public void readNull() {}

  @Override
  public boolean readBoolean() throws IOException {
    need(1);
    byte value = in.get();
    if (value != 0 && value != 1) {
      throw new MalformedException("a boolean is neither 0 nor 1 but " + value);
    }
    return value == 1;
  }

  @Override
  public int readInt() throws IOException {
    long value = readLong();
    if (value != (int) value) {
      throw new MalformedException("an int does not fit: " + value);
    }
    return (int) value;
  }

  @Override
  public long readLong() throws IOException {
    long zigzag = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      need(1);
      byte next = in.get();
      zigzag |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return (zigzag >>> 1) ^ -(zigzag & 1);
      }
    }
    throw new MalformedException("a long has more than ten bytes");
  }

  @Override
  public float readFloat() throws IOException {
    need(Float.BYTES);
    return in.getFloat();
  }

  @Override
  public double readDouble() throws IOException {
    need(Double.BYTES);
    return in.getDouble();
  }

  @Override
  public Utf8 readString(@Nullable Utf8 old) throws IOException {
    return new Utf8(readString());
  }

  @Override
  public String readString() throws IOException {
    byte[] bytes = take(readLong());
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (text.indexOf(REPLACEMENT) >= 0) {
      try {
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      } catch (CharacterCodingException e) {
        throw new MalformedException("a text is not UTF-8: " + text);
      }
    }
    return text;
  }

  @Override
  public void skipString() throws IOException {
    skip(readLong());
  }

  @Override
  public ByteBuffer readBytes(@Nullable ByteBuffer old) throws IOException {
    return ByteBuffer.wrap(take(readLong()));
  }

  @Override
  public void skipBytes() throws IOException {
    skip(readLong());
  }

  @Override
  public void readFixed(byte[] bytes, int start, int length) throws IOException {
    need(length);
    in.get(bytes, start, length);
  }

  @Override
  public void skipFixed(int length) throws IOException {
    skip(length);
  }

  @Override
  public int readEnum() throws IOException {
    return readInt();
  }

  /** Items of the next block; every item is held to take a byte at least. */
  private long readBlock() throws IOException {
    long count = readLong();
    if (count < 0) {
      count = -count;
      need(readLong());
    }
    need(count);
    return count;
  }

  /** Skips blocks that say their bytes; returns the items of one that does not, or 0 at the end. */
  private long skipBlocks() throws IOException {
    long count = readLong();
    while (count < 0) {
      skip(readLong());
      count = readLong();
    }
    need(count);
    return count;
  }

  @Override
  public long readArrayStart() throws IOException {
    return readBlock();
  }

  @Override
  public long arrayNext() throws IOException {
    return readBlock();
  }

  @Override
  public long skipArray() throws IOException {
    return skipBlocks();
  }

  @Override
  public long readMapStart() throws IOException {
    return readBlock();
  }

  @Override
  public long mapNext() throws IOException {
    return readBlock();
  }

  @Override
  public long skipMap() throws IOException {
    return skipBlocks();
  }

  @Override
  public int readIndex() throws IOException {
    return readInt();
  }
}
