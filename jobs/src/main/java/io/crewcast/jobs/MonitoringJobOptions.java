package io.crewcast.jobs;

import static org.apache.flink.configuration.ConfigOptions.key;

import java.util.List;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;

/** What {@link MonitoringJob} can be told on its command line; each a flag {@code --name value}. */
public final class MonitoringJobOptions {

  public static final ConfigOption<String> GROUP = JobOptions.group("crewcast-monitoring");

  public static final ConfigOption<String> MODELS =
      key("models")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Directory of the model versions, whose reference.json drift is measured against.");

  private static final JobOptions ALL =
      new JobOptions(
          List.of(
              JobOptions.BOOTSTRAP_SERVERS,
              JobOptions.REGISTRY,
              MODELS,
              JobOptions.LAKE,
              JobOptions.DEFINITIONS,
              JobOptions.DELIVERY,
              GROUP,
              JobOptions.OUT_OF_ORDERNESS,
              JobOptions.IDLENESS,
              JobOptions.MAX_DRIFT,
              JobOptions.PUBLISH_AFTER,
              JobOptions.WEBHOOK));

  private MonitoringJobOptions() {}

  /**
   * Reads a command line.
   *
   * @throws IllegalArgumentException in one line, for an unknown flag, a bad value or a missing one
   */
  public static Configuration parse(String[] args) {
    return ALL.parseWith(args, JobOptions.BOOTSTRAP_SERVERS, JobOptions.REGISTRY, MODELS);
  }

  /** Every option with its meaning and default, for people. */
  public static String help() {
    return ALL.help();
  }
}
