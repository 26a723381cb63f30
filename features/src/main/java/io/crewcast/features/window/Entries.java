package io.crewcast.features.window;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Whole numbers under keys, as they lie in state: bytes that are searched and patched in place, so
 * that a change decodes no more than the entry it touches. An entry whose numbers are all zero is
 * not there.
 *
 * <p>An entry is the length of its key, the key, how many numbers, and the numbers: whole numbers
 * in as many bytes as they need (seven bits a byte; the numbers zigzag).
 */
public final class Entries {

  /** Takes an entry. */
  interface Reader {
    void read(byte[] key, long[] numbers);
  }

  private byte[] bytes;
  private int length;
  // where the last read ended
  private int at;

  Entries() {
    this(new byte[32], 0);
  }

  private Entries(byte[] bytes, int length) {
    this.bytes = bytes;
    this.length = length;
  }

  /** What {@link #bytes()} gave. */
  static Entries of(byte[] bytes) {
    return new Entries(bytes, bytes.length);
  }

  Entries copy() {
    return new Entries(Arrays.copyOf(bytes, length), length);
  }

  /** Those under keys that are chosen. */
  Entries only(Predicate<byte[]> chosen) {
    Entries only = new Entries();
    forEach(
        (key, numbers) -> {
          if (chosen.test(key)) {
            only.add(key, numbers, 1);
          }
        });
    return only;
  }

  /** The first {@link #length()} of these are the entries. */
  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  /** Bytes of the heap, about. */
  int memory() {
    return 40 + bytes.length;
  }

  boolean isEmpty() {
    return length == 0;
  }

  static byte[] key(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String text(byte[] key) {
    return new String(key, StandardCharsets.UTF_8);
  }

  /** The numbers under a key, or null. */
  long @Nullable [] get(byte[] key) {
    return find(key) < 0 ? null : readNumbers();
  }

  /**
   * Adds to the numbers under a key, or takes away.
   *
   * @param sign 1 or -1
   * @return by how many the keys became more: -1, 0 or 1
   */
  int add(byte[] key, long[] delta, int sign) {
    int start = find(key);
    if (start < 0) {
      if (isZero(delta)) {
        return 0;
      }
      long[] numbers = new long[delta.length];
      addTo(numbers, delta, sign);
      byte[] entry = entry(key, numbers);
      splice(length, length, entry, entry.length);
      return 1;
    }
    int from = at;
    long[] numbers = readNumbers();
    addTo(numbers, delta, sign);
    if (isZero(numbers)) {
      splice(start, at, bytes, 0);
      return -1;
    }
    byte[] written = new byte[1 + 10 * numbers.length];
    splice(from, at, written, writeNumbers(written, 0, numbers));
    return 0;
  }

  void forEach(Reader reader) {
    for (int next = 0; next < length; ) {
      at = next;
      int size = readSize();
      byte[] key = Arrays.copyOfRange(bytes, at, at + size);
      at += size;
      long[] numbers = readNumbers();
      next = at;
      reader.read(key, numbers);
    }
  }

  static void addTo(long[] numbers, long[] delta, int sign) {
    for (int i = 0; i < delta.length; i++) {
      numbers[i] += sign * delta[i];
    }
  }

  static boolean isZero(long[] numbers) {
    for (long number : numbers) {
      if (number != 0) {
        return false;
      }
    }
    return true;
  }

  /** Where the entry starts, having read up to its numbers; -1 if there is none. */
  private int find(byte[] key) {
    int start = 0;
    while (start < length) {
      at = start;
      int size = readSize();
      int keyEnd = at + size;
      if (size == key.length && Arrays.equals(bytes, at, keyEnd, key, 0, size)) {
        at = keyEnd;
        return start;
      }
      start = keyEnd + 1;
      for (int numbers = bytes[keyEnd]; numbers > 0; start++) {
        if (bytes[start] >= 0) {
          numbers--;
        }
      }
    }
    return -1;
  }

  private int readSize() {
    int first = bytes[at++];
    return first >= 0 ? first : (first & 0x7F) | (bytes[at++] << 7);
  }

  private long[] readNumbers() {
    long[] numbers = new long[bytes[at++]];
    for (int i = 0; i < numbers.length; i++) {
      long bits = 0;
      byte next;
      int shift = 0;
      do {
        next = bytes[at++];
        bits |= (next & 0x7FL) << shift;
        shift += 7;
      } while (next < 0);
      numbers[i] = (bits >>> 1) ^ -(bits & 1);
    }
    return numbers;
  }

  private static byte[] entry(byte[] key, long[] numbers) {
    if (key.length >= 1 << 14) {
      throw new IllegalArgumentException("a key of " + key.length + " bytes is too long");
    }
    byte[] entry = new byte[2 + key.length + 1 + 10 * numbers.length];
    int end = 0;
    if (key.length < 0x80) {
      entry[end++] = (byte) key.length;
    } else {
      entry[end++] = (byte) (key.length | 0x80);
      entry[end++] = (byte) (key.length >> 7);
    }
    System.arraycopy(key, 0, entry, end, key.length);
    return Arrays.copyOf(entry, writeNumbers(entry, end + key.length, numbers));
  }

  private static int writeNumbers(byte[] to, int from, long[] numbers) {
    int end = from;
    to[end++] = (byte) numbers.length;
    for (long number : numbers) {
      long rest = (number << 1) ^ (number >> 63);
      while ((rest & ~0x7FL) != 0) {
        to[end++] = (byte) ((rest & 0x7F) | 0x80);
        rest >>>= 7;
      }
      to[end++] = (byte) rest;
    }
    return end;
  }

  /** Puts the first {@code size} bytes of {@code in} where [from, until) was. */
  private void splice(int from, int until, byte[] in, int size) {
    int after = length - (until - from) + size;
    byte[] target = after > bytes.length ? Arrays.copyOf(bytes, after + after / 2) : bytes;
    System.arraycopy(bytes, until, target, from + size, length - until);
    System.arraycopy(in, 0, target, from, size);
    bytes = target;
    length = after;
  }
}
