package io.crewcast.sinks.redis;

import java.io.ByteArrayOutputStream;

/**
 * Strings one after the other in <a href="https://msgpack.org">MessagePack</a>, which a script
 * takes apart with {@code cmsgpack.unpack}: to the server one argument costs far less than sixty.
 */
final class MessagePack {

  private static final int FIXED = 0xa0;
  private static final int LENGTH_OF_8_BITS = 0xd9;
  private static final int LENGTH_OF_16_BITS = 0xda;
  private static final int LENGTH_OF_32_BITS = 0xdb;

  private final ByteArrayOutputStream out;

  MessagePack(int expectedBytes) {
    out = new ByteArrayOutputStream(expectedBytes);
  }

  MessagePack add(byte[] string) {
    int length = string.length;
    if (length < 0x20) {
      out.write(FIXED | length);
    } else if (length <= 0xff) {
      out.write(LENGTH_OF_8_BITS);
      out.write(length);
    } else if (length <= 0xffff) {
      out.write(LENGTH_OF_16_BITS);
      out.write(length >>> 8);
      out.write(length);
    } else {
      out.write(LENGTH_OF_32_BITS);
      out.write(length >>> 24);
      out.write(length >>> 16);
      out.write(length >>> 8);
      out.write(length);
    }
    out.write(string, 0, length);
    return this;
  }

  byte[] bytes() {
    return out.toByteArray();
  }
}
