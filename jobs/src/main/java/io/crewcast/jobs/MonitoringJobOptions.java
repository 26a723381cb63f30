package io.crewcast.jobs;

import static org.apache.flink.configuration.ConfigOptions.key;

import io.crewcast.scoring.monitor.StreamBounds;
import java.util.List;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;

/** What {@link MonitoringJob} can be told on its command line; each a flag {@code --name value}. */
public final class MonitoringJobOptions {

  public static final ConfigOption<String> GROUP = JobOptions.group("crewcast-monitoring");

  public static final ConfigOption<String> MODELS =
      key("models")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Directory of the model versions, whose reference.json drift is measured against.");

  public static final ConfigOption<Double> DEAD_LETTER_SHARE =
      key("dead-letter-share")
          .doubleType()
          .defaultValue(0.01)
          .withDescription("Share of dead letters in work-events that is borne, 0 to 1.");

  public static final ConfigOption<Double> LATE_SHARE =
      key("late-share")
          .doubleType()
          .defaultValue(0.05)
          .withDescription("Share of late records in work-events that is borne, 0 to 1.");

  public static final ConfigOption<List<String>> COMPANIES =
      key("companies")
          .stringType()
          .asList()
          .defaultValues()
          .withDescription(
              "Companies, semicolon-separated and 1,000 at most, whose share of work-events is told"
                  + " and alerted of by itself too.");

  /** Each keeps the counts of four weeks. */
  private static final int MOST_COMPANIES = 1_000;

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
              DEAD_LETTER_SHARE,
              LATE_SHARE,
              COMPANIES,
              JobOptions.PUBLISH_AFTER,
              JobOptions.WEBHOOK));

  private MonitoringJobOptions() {}

  /**
   * Reads a command line.
   *
   * @throws IllegalArgumentException in one line, for an unknown flag, a bad value or a missing one
   */
  public static Configuration parse(String[] args) {
    Configuration options =
        ALL.parseWith(args, JobOptions.BOOTSTRAP_SERVERS, JobOptions.REGISTRY, MODELS);
    requireShare(options, DEAD_LETTER_SHARE);
    requireShare(options, LATE_SHARE);
    if (options.get(COMPANIES).size() > MOST_COMPANIES) {
      throw new IllegalArgumentException(
          "--companies names %,d: name at most %,d"
              .formatted(options.get(COMPANIES).size(), MOST_COMPANIES));
    }
    return options;
  }

  private static void requireShare(ReadableConfig options, ConfigOption<Double> option) {
    double share = options.get(option);
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException(
          "--%s %s is not valid: write a share from 0 to 1, such as 0.01"
              .formatted(option.key(), share));
    }
  }

  /** What is borne in work-events. */
  static StreamBounds bounds(ReadableConfig options) {
    return new StreamBounds(options.get(DEAD_LETTER_SHARE), options.get(LATE_SHARE));
  }

  /** Every option with its meaning and default, for people. */
  public static String help() {
    return ALL.help();
  }
}
