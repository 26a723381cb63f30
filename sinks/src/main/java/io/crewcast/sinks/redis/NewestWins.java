package io.crewcast.sinks.redis;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The compare and write that the server does in one step: a row lands unless a greater (as_of,
 * order) is there. Answers 1 when it landed, else 0.
 *
 * <pre>
 * KEYS[1]  hash of the entity
 * ARGV[1]  field that says what stands: as_of, order, and in which hundredth of its time to live
 *          the entity was last given all of it
 * ARGV[2]  as_of and order of the row; texts, and of one length
 * ARGV[3]  time to live in milliseconds, 0 for ever
 * ARGV[4]  the hundredth that it is
 * ARGV[5]  fields and values, that of ARGV[1] among them, as {@link MessagePack}
 * </pre>
 */
final class NewestWins {

  static final String SCRIPT =
      """
      local stands = redis.call('HGET', KEYS[1], ARGV[1])
      if stands and string.sub(stands, 1, 33) > ARGV[2] then
        return 0
      end
      redis.call('HSET', KEYS[1], cmsgpack.unpack(ARGV[5]))
      if ARGV[3] ~= '0' and not (stands and string.sub(stands, 35) == ARGV[4]) then
        redis.call('PEXPIRE', KEYS[1], ARGV[3])
      end
      return 1
      """;

  /** What the server knows the script by once it is loaded. */
  static final byte[] SHA1 = sha1(SCRIPT);

  private NewestWins() {}

  private static byte[] sha1(String script) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1").digest(script.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest).getBytes(StandardCharsets.US_ASCII);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-1", e);
    }
  }
}
