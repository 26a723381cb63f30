package io.crewcast.jobs;

import static org.apache.flink.configuration.ConfigOptions.key;

import io.crewcast.schemas.serde.HttpUrl;
import io.crewcast.sinks.kafka.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.description.HtmlFormatter;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.util.ParameterTool;
import org.apache.flink.util.TimeUtils;

/**
 * The command line of a job, each option a flag {@code --name value}, and the options that several
 * jobs have.
 *
 * @param all that the job knows, in the order in which it tells them
 */
public record JobOptions(List<ConfigOption<?>> all) {

  public static final ConfigOption<String> BOOTSTRAP_SERVERS =
      key("bootstrap-servers")
          .stringType()
          .noDefaultValue()
          .withDescription("Kafka brokers, host:port, comma-separated.");

  public static final ConfigOption<String> REGISTRY =
      key("registry")
          .stringType()
          .noDefaultValue()
          .withDescription("URL of the schema registry's Confluent API.");

  public static final ConfigOption<String> LAKE =
      key("lake")
          .stringType()
          .noDefaultValue()
          .withDescription("Directory of the Parquet tables; without it none are written.");

  public static final ConfigOption<String> DEFINITIONS =
      key("definitions")
          .stringType()
          .defaultValue("flink-conf")
          .withDescription(
              "Directory that holds features/, models/ and experiments/, read where main runs.");

  public static final ConfigOption<DeliveryGuarantee> DELIVERY =
      key("delivery")
          .enumType(DeliveryGuarantee.class)
          .defaultValue(DeliveryGuarantee.AT_LEAST_ONCE)
          .withDescription(
              "at-least-once: records are seen at once, and again after a failure, under the same"
                  + " ids; exactly-once: in transactions, seen after a checkpoint.");

  public static final ConfigOption<Duration> OUT_OF_ORDERNESS =
      key("out-of-orderness")
          .durationType()
          .defaultValue(Duration.ofSeconds(10))
          .withDescription("How far records of one partition may be out of recorded_at order.");

  public static final ConfigOption<Duration> IDLENESS =
      key("idleness")
          .durationType()
          .defaultValue(Duration.ofSeconds(5))
          .withDescription("A partition silent for so long no longer holds back time.");

  public static final ConfigOption<Duration> MAX_DRIFT =
      key("max-drift")
          .durationType()
          .defaultValue(Duration.ofDays(7))
          .withDescription(
              "While it catches up, a partition waits when it is so far ahead of the slowest.");

  public static final ConfigOption<Duration> PUBLISH_AFTER =
      key("publish-after")
          .durationType()
          .defaultValue(Duration.ofMinutes(10))
          .withDescription("How long lake rows are gathered before they are published as a file.");

  public static final ConfigOption<String> WEBHOOK =
      key("webhook")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "URL that each alert is posted to as JSON with one text, such as Slack's incoming"
                  + " webhooks take.");

  /** What ParameterTool puts where a flag has no value. */
  private static final String NO_VALUE = "__NO_VALUE_KEY";

  /** A job's own consumer group. */
  static ConfigOption<String> group(String byDefault) {
    return key("group")
        .stringType()
        .defaultValue(byDefault)
        .withDescription(
            "Consumer group; also what transactional ids begin with, so one a deployment.");
  }

  /**
   * Reads a command line.
   *
   * @throws IllegalArgumentException in one line, for an unknown flag or a bad value
   */
  Configuration parse(String[] args) {
    Map<String, String> given = read(List.of(args));
    Configuration options = Configuration.fromMap(given);
    for (ConfigOption<?> option : all) {
      try {
        options.getOptional(option);
      } catch (IllegalArgumentException unused) { // names a class; Flink shows the last cause alone
        throw new IllegalArgumentException(
            "--%s %s is not valid: %s"
                .formatted(option.key(), given.get(option.key()), describe(option)));
      }
      given.remove(option.key());
    }
    if (!given.isEmpty()) {
      throw new IllegalArgumentException(
          "--%s is not known; known are --%s"
              .formatted(
                  given.keySet().iterator().next(),
                  all.stream().map(ConfigOption::key).collect(Collectors.joining(", --"))));
    }
    return options;
  }

  /**
   * As {@link #parse}, of a job that cannot do without some of them.
   *
   * @throws IllegalArgumentException also for a missing one, or an address of another form
   */
  Configuration parseWith(String[] args, ConfigOption<?>... needed) {
    Configuration options = parse(args);
    require(options, needed);
    requireAddresses(options);
    return options;
  }

  /** Refuses a command line without one of them. */
  static void require(Configuration options, ConfigOption<?>... needed) {
    for (ConfigOption<?> option : needed) {
      if (!options.contains(option)) {
        throw new IllegalArgumentException(
            "--%s is missing: %s".formatted(option.key(), describe(option)));
      }
    }
  }

  /** Refuses addresses of another form than Kafka and the registry have. */
  static void requireAddresses(ReadableConfig options) {
    requireForm(options, BOOTSTRAP_SERVERS, Topics::areBrokers, "host:port");
    requireForm(options, REGISTRY, HttpUrl::isOne, "http://host:port/path");
    requireForm(options, WEBHOOK, HttpUrl::isOne, "https://host/path");
  }

  static void requireForm(
      ReadableConfig options, ConfigOption<String> option, Predicate<String> isValid, String form) {
    String address = options.getOptional(option).orElse(null);
    if (address != null && !isValid.test(address)) {
      throw new IllegalArgumentException(
          "--%s %s is not valid: write %s".formatted(option.key(), address, form));
    }
  }

  /**
   * The values of flags by their names, of which nothing else is checked.
   *
   * @throws IllegalArgumentException in one line, for a flag without a value
   */
  static Map<String, String> read(List<String> args) {
    Map<String, String> given =
        new TreeMap<>(ParameterTool.fromArgs(args.toArray(String[]::new)).toMap());
    given.forEach(
        (name, value) -> {
          if (value.equals(NO_VALUE)) {
            throw new IllegalArgumentException(
                "--%s has no value: write --%s VALUE".formatted(name, name));
          }
        });
    return given;
  }

  /** Every option with its meaning and default, for people. */
  String help() {
    StringBuilder help = new StringBuilder();
    for (ConfigOption<?> option : all) {
      help.append(
          "  --%s%n      %s%s%n".formatted(option.key(), describe(option), byDefault(option)));
    }
    return help.toString();
  }

  private static String byDefault(ConfigOption<?> option) {
    Object value = option.defaultValue();
    if (value == null || value.equals(List.of())) {
      return "";
    }
    String shown =
        value instanceof Duration time
            ? TimeUtils.formatWithHighestUnit(time)
            : value.toString().toLowerCase(Locale.ROOT);
    return " Default: " + shown + ".";
  }

  private static String describe(ConfigOption<?> option) {
    return new HtmlFormatter().format(option.description());
  }
}
