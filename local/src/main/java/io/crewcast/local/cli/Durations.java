package io.crewcast.local.cli;

import java.time.Duration;
import org.apache.flink.util.TimeUtils;
import picocli.CommandLine.ITypeConverter;

/** Durations as Flink writes them, as in the options of jobs: {@code 30 s}, {@code 10 min}. */
final class Durations implements ITypeConverter<Duration> {

  @Override
  public Duration convert(String text) {
    return TimeUtils.parseDuration(text);
  }
}
