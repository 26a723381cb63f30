package io.crewcast.schemas;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.NullMarked;

/** Instants as microseconds since the epoch, the resolution of every time in Crewcast. */
@NullMarked
public final class Instants {

  private Instants() {}

  public static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  public static long micros(Duration duration) {
    return duration.toNanos() / 1_000;
  }

  public static Instant ofMicros(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }
}
