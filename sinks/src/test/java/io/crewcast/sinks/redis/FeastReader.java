package io.crewcast.sinks.redis;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Jedis;

/**
 * Reads features as a program does that knows Feast's published format and nothing of Crewcast:
 * keys of version 3, murmur3_x86_32 and the protobuf messages {@code Value} and {@code Timestamp},
 * each made here from its description alone.
 */
final class FeastReader {

  /** What a view holds of an entity. */
  record Found(Instant timestamp, Map<String, @Nullable Object> values) {}

  private final Jedis redis;
  private final String project;

  FeastReader(Jedis redis, String project) {
    this.redis = redis;
    this.project = project;
  }

  Found read(String view, Map<String, String> entity, List<String> features) {
    List<byte[]> fields = new ArrayList<>();
    features.forEach(feature -> fields.add(field(view, feature)));
    fields.add(("_ts:" + view).getBytes(StandardCharsets.UTF_8));
    List<byte[]> stored = redis.hmget(key(project, entity), fields.toArray(new byte[0][]));
    Map<String, @Nullable Object> values = new TreeMap<>();
    for (int i = 0; i < features.size(); i++) {
      values.put(features.get(i), value(stored.get(i)));
    }
    return new Found(timestamp(stored.get(features.size())), values);
  }

  static byte[] key(String project, Map<String, String> entity) {
    ByteArrayOutputStream key = new ByteArrayOutputStream();
    key.writeBytes(uint32(entity.size()));
    Map<String, String> sorted = new TreeMap<>(entity); // ASCII names: code points are chars
    for (List<String> texts : List.of(List.copyOf(sorted.keySet()), List.copyOf(sorted.values()))) {
      for (String text : texts) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        key.writeBytes(uint32(2));
        key.writeBytes(uint32(utf8.length));
        key.writeBytes(utf8);
      }
    }
    key.writeBytes(project.getBytes(StandardCharsets.UTF_8));
    return key.toByteArray();
  }

  static byte[] field(String view, String feature) {
    return uint32(murmur3((view + ':' + feature).getBytes(StandardCharsets.UTF_8)));
  }

  /** Appleby's MurmurHash3_x86_32 with seed 0. */
  private static int murmur3(byte[] data) {
    int hash = 0;
    ByteBuffer in = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
    while (in.remaining() >= 4) {
      hash = Integer.rotateLeft(hash ^ scrambled(in.getInt()), 13) * 5 + 0xe6546b64;
    }
    int tail = 0;
    for (int shift = 0; in.hasRemaining(); shift += 8) {
      tail |= (in.get() & 0xff) << shift;
    }
    hash = (hash ^ scrambled(tail)) ^ data.length;
    hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
    hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
    return hash ^ (hash >>> 16);
  }

  private static int scrambled(int block) {
    return Integer.rotateLeft(block * 0xcc9e2d51, 15) * 0x1b873593;
  }

  /** The member of {@code Value} that is set, whichever its type; null of none. */
  static @Nullable Object value(byte[] message) {
    ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    if (!in.hasRemaining()) {
      return null;
    }
    int member = (int) varint(in) >>> 3;
    return switch (member) {
      case 2 -> text(in); // string_val
      case 4, 8 -> varint(in); // int64_val, unix_timestamp_val
      case 5 -> in.getDouble(); // double_val
      case 7 -> varint(in) != 0; // bool_val
      case 12 -> texts(part(in)); // string_list_val
      case 15 -> doubles(part(in)); // double_list_val
      default -> throw new AssertionError("no type of Crewcast's: member " + member);
    };
  }

  private static List<String> texts(ByteBuffer list) {
    List<String> texts = new ArrayList<>();
    while (list.hasRemaining()) {
      varint(list);
      texts.add(text(list));
    }
    return texts;
  }

  private static List<Double> doubles(ByteBuffer list) {
    List<Double> doubles = new ArrayList<>();
    if (list.hasRemaining()) {
      varint(list);
      varint(list);
    }
    while (list.hasRemaining()) {
      doubles.add(list.getDouble());
    }
    return doubles;
  }

  static Instant timestamp(byte[] message) {
    ByteBuffer in = ByteBuffer.wrap(message);
    long seconds = 0;
    long nanos = 0;
    while (in.hasRemaining()) {
      if (varint(in) >>> 3 == 1) {
        seconds = varint(in);
      } else {
        nanos = varint(in);
      }
    }
    return Instant.ofEpochSecond(seconds, nanos);
  }

  private static String text(ByteBuffer in) {
    return StandardCharsets.UTF_8.decode(part(in)).toString();
  }

  private static ByteBuffer part(ByteBuffer in) {
    int length = (int) varint(in);
    ByteBuffer part = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
    in.position(in.position() + length);
    return part;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = in.get();
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  private static byte[] uint32(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
  }
}
