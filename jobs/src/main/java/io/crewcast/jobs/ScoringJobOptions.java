package io.crewcast.jobs;

import static org.apache.flink.configuration.ConfigOptions.key;

import io.crewcast.scoring.experiment.ExperimentSpec;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.operator.FlinkModelStore;
import io.crewcast.scoring.operator.ServingOptions;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.jspecify.annotations.Nullable;

/** What {@link ScoringJob} can be told on its command line; each a flag {@code --name value}. */
public final class ScoringJobOptions {

  /** How the job reads: on and on, or once to the end. */
  public enum Mode {
    /** Reads on and on; entities apply facts as they arrive; every stream is written. */
    LIVE,
    /**
     * Reads up to the end that the topic has at the start; entities apply facts in the order of
     * (recorded_at, event_id); training examples and dead letters go to the lake.
     */
    BACKFILL,
    /**
     * A backfill that the live job continues: reads on and on, to be stopped with a savepoint that
     * the live job starts from; work events and feature rows go to the lake too, dead letters also
     * to their topic.
     */
    BACKFILL_THEN_LIVE;

    boolean isBackfill() {
      return this != LIVE;
    }

    /** Whether no other job writes what happened to the events that this one reads. */
    boolean isOfRecord() {
      return this != BACKFILL;
    }
  }

  public static final ConfigOption<String> MODELS =
      key("models")
          .stringType()
          .noDefaultValue()
          .withDescription("Directory of the model versions; without it fallbacks answer.");

  public static final ConfigOption<Mode> MODE =
      key("mode")
          .enumType(Mode.class)
          .defaultValue(Mode.LIVE)
          .withDescription(
              "live; backfill: up to the end of the topic, in order of knowledge;"
                  + " backfill_then_live: the same for a live job to take over from.");

  public static final ConfigOption<String> FROM_LAKE =
      key("from-lake")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "With --mode backfill: directory of the lake whose work_events are read in place of"
                  + " the topic; needs neither Kafka nor the registry.");

  public static final ConfigOption<String> GROUP = JobOptions.group("crewcast-scoring");

  public static final ConfigOption<String> PREDICT_FROM =
      key("predict-from")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "Instant such as 2026-01-01T00:00:00Z; triggers recorded before it change state but"
                  + " are not scored.");

  public static final ConfigOption<List<String>> PIN =
      key("pin")
          .stringType()
          .asList()
          .defaultValues()
          .withDescription(
              "name=version, semicolon-separated: answers whatever is rolled out. Without it"
                  + " rollouts say which version answers and, until the first, the newest at the"
                  + " start does.");

  public static final ConfigOption<List<String>> ONLY =
      key("only")
          .stringType()
          .asList()
          .defaultValues()
          .withDescription(
              "Names of models, semicolon-separated: the job scores these alone. Without it all"
                  + " that are defined.");

  private static final JobOptions ALL =
      new JobOptions(
          Stream.of(
                  List.of(JobOptions.BOOTSTRAP_SERVERS, JobOptions.REGISTRY),
                  RedisOptions.ALL,
                  List.of(
                      JobOptions.LAKE,
                      MODELS,
                      JobOptions.DEFINITIONS,
                      MODE,
                      FROM_LAKE,
                      JobOptions.DELIVERY,
                      GROUP,
                      PREDICT_FROM,
                      PIN,
                      ONLY,
                      JobOptions.OUT_OF_ORDERNESS,
                      JobOptions.IDLENESS,
                      JobOptions.MAX_DRIFT,
                      JobOptions.PUBLISH_AFTER,
                      JobOptions.WEBHOOK))
              .<ConfigOption<?>>flatMap(List::stream)
              .toList());

  private ScoringJobOptions() {}

  /**
   * Reads a command line.
   *
   * @throws IllegalArgumentException in one line, for an unknown flag, a bad value or a missing one
   */
  public static Configuration parse(String[] args) {
    Configuration options = ALL.parse(args);
    boolean fromLake = options.contains(FROM_LAKE);
    if (fromLake && options.get(MODE) != Mode.BACKFILL) {
      throw new IllegalArgumentException(
          "--from-lake goes with --mode backfill alone: no job can go on from the lake in the"
              + " topic");
    }
    if (!fromLake) {
      JobOptions.require(options, JobOptions.BOOTSTRAP_SERVERS, JobOptions.REGISTRY);
    }
    JobOptions.requireAddresses(options);
    RedisOptions.check(options);
    pins(options);
    predictFrom(options);
    return options;
  }

  /**
   * The values of flags by their names, of which nothing else is checked.
   *
   * @throws IllegalArgumentException in one line, for a flag without a value
   */
  public static Map<String, String> read(List<String> args) {
    return JobOptions.read(args);
  }

  /** Every option with its meaning and default, for people. */
  public static String help() {
    return ALL.help();
  }

  /**
   * Which versions answer, and from when on: those that are pinned, and until a rollout says
   * otherwise the newest there are now.
   *
   * @throws IllegalArgumentException naming a pin of what is not there
   */
  static ServingOptions serving(
      ReadableConfig options, List<ModelSpec> models, List<ExperimentSpec> experiments)
      throws IOException {
    Map<String, Integer> pins = pins(options);
    requireKnown(pins, models);
    String directory = options.get(MODELS);
    Map<String, Integer> initial = new TreeMap<>();
    if (directory != null) {
      ModelDirectory versions = FlinkModelStore.directory(directory);
      requireThere(pins, versions);
      for (ModelSpec model : models) {
        versions.newest(model.name()).ifPresent(newest -> initial.put(model.name(), newest));
      }
    } else if (!pins.isEmpty()) {
      throw new IllegalArgumentException(
          "--pin needs --models: the directory that holds the version");
    }
    return new ServingOptions(
        directory,
        pins,
        initial,
        predictFrom(options),
        !options.get(MODE).isBackfill(),
        experiments);
  }

  /**
   * The models that the job scores.
   *
   * @throws IllegalArgumentException naming one that is not defined
   */
  static List<ModelSpec> served(ReadableConfig options, List<ModelSpec> models) {
    List<String> only = options.get(ONLY);
    List<String> known = models.stream().map(ModelSpec::name).toList();
    for (String name : only) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "--only %s: no such model is defined, choose of %s".formatted(name, known));
      }
    }
    return only.isEmpty()
        ? models
        : models.stream().filter(model -> only.contains(model.name())).toList();
  }

  private static Map<String, Integer> pins(ReadableConfig options) {
    Map<String, Integer> pins = new TreeMap<>();
    for (String pin : options.get(PIN)) {
      String[] parts = pin.split("=", 2);
      if (parts.length != 2 || !parts[1].matches("[1-9][0-9]{0,8}")) {
        throw new IllegalArgumentException(
            "--pin %s names no version; write task_overrun=3".formatted(pin));
      }
      pins.put(parts[0], Integer.parseInt(parts[1]));
    }
    return pins;
  }

  private static void requireKnown(Map<String, Integer> pins, List<ModelSpec> models) {
    List<String> known = models.stream().map(ModelSpec::name).toList();
    for (String pinned : pins.keySet()) {
      if (!known.contains(pinned)) {
        throw new IllegalArgumentException(
            "--pin %s: no such model is defined, choose one of %s".formatted(pinned, known));
      }
    }
  }

  private static void requireThere(Map<String, Integer> pins, ModelDirectory versions)
      throws IOException {
    for (Map.Entry<String, Integer> pin : pins.entrySet()) {
      List<Integer> there = versions.versions(pin.getKey());
      if (!there.contains(pin.getValue())) {
        throw new IllegalArgumentException(
            "--pin %s=%d: there is no such version in %s, only %s"
                .formatted(pin.getKey(), pin.getValue(), versions.store().root(), there));
      }
    }
  }

  private static @Nullable Instant predictFrom(ReadableConfig options) {
    String text = options.getOptional(PREDICT_FROM).orElse(null);
    try {
      return text == null ? null : Instant.parse(text);
    } catch (DateTimeParseException unused) { // as above
      throw new IllegalArgumentException(
          "--predict-from %s is no instant; write 2026-01-01T00:00:00Z".formatted(text));
    }
  }
}
