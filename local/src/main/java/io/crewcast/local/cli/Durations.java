package io.crewcast.local.cli;

import java.time.Duration;
import org.apache.flink.util.TimeUtils;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Durations as Flink writes them, as in the options of jobs: {@code 30 s}, {@code 10 min}. */
final class Durations implements ITypeConverter<Duration> {

  @Override
  public Duration convert(String text) {
    try {
      if (!text.strip().matches("[0-9]+")) { // which Flink takes for milliseconds
        return TimeUtils.parseDuration(text);
      }
    } catch (IllegalArgumentException unused) {
      // said below, in words of the command line
    }
    throw new TypeConversionException(
        "'%s' is no duration; write 30s, 10min or 2h".formatted(text));
  }
}
