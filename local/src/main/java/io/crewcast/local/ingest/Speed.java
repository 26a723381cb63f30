package io.crewcast.local.ingest;

import java.time.Duration;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How fast to replay. Written {@code max}, {@code 1000x} (times the speed of the record) or {@code
 * 500/s}.
 */
public sealed interface Speed {
  /** As fast as the broker takes it. */
  record Max() implements Speed {}

  /** So many times as fast as it was recorded. */
  record Times(double factor) implements Speed {}

  /** So many events a second. */
  record PerSecond(double events) implements Speed {}

  Pattern WRITTEN = Pattern.compile("(\\d+(?:\\.\\d+)?)(x|/s)");

  /**
   * Reads a speed as it is written.
   *
   * @throws IllegalArgumentException saying how it is written
   */
  static Speed parse(String text) {
    if (text.equals("max")) {
      return new Max();
    }
    Matcher written = WRITTEN.matcher(text);
    double value = written.matches() ? Double.parseDouble(written.group(1)) : 0;
    if (value <= 0) {
      throw new IllegalArgumentException("`" + text + "` is no speed; write max, 1000x or 500/s");
    }
    return written.group(2).equals("x") ? new Times(value) : new PerSecond(value);
  }

  /**
   * When a record is due after the first one, given how many went before it and when both were
   * recorded.
   */
  default Duration due(long before, Instant first, Instant recordedAt) {
    if (this instanceof Times times) {
      return Duration.ofNanos(
          (long) (Duration.between(first, recordedAt).toMillis() * 1e6 / times.factor()));
    }
    return this instanceof PerSecond rate
        ? Duration.ofNanos((long) (before * 1e9 / rate.events()))
        : Duration.ZERO;
  }
}
