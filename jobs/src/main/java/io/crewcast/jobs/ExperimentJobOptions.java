package io.crewcast.jobs;

import java.util.List;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;

/** What {@link ExperimentJob} can be told on its command line; each a flag {@code --name value}. */
public final class ExperimentJobOptions {

  public static final ConfigOption<String> GROUP = JobOptions.group("crewcast-experiments");

  private static final JobOptions ALL =
      new JobOptions(
          List.of(
              JobOptions.BOOTSTRAP_SERVERS,
              JobOptions.REGISTRY,
              JobOptions.LAKE,
              JobOptions.DEFINITIONS,
              JobOptions.DELIVERY,
              GROUP,
              JobOptions.OUT_OF_ORDERNESS,
              JobOptions.IDLENESS,
              JobOptions.MAX_DRIFT,
              JobOptions.PUBLISH_AFTER,
              JobOptions.WEBHOOK));

  private ExperimentJobOptions() {}

  /**
   * Reads a command line.
   *
   * @throws IllegalArgumentException in one line, for an unknown flag, a bad value or a missing one
   */
  public static Configuration parse(String[] args) {
    return ALL.parseWith(args, JobOptions.BOOTSTRAP_SERVERS, JobOptions.REGISTRY);
  }

  /** Every option with its meaning and default, for people. */
  public static String help() {
    return ALL.help();
  }
}
