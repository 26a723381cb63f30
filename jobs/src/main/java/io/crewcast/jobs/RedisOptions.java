package io.crewcast.jobs;

import static org.apache.flink.configuration.ConfigOptions.key;

import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.sinks.redis.OnlineStore;
import io.crewcast.sinks.redis.PredictionSchema;
import io.crewcast.sinks.redis.RedisAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.jspecify.annotations.Nullable;

/** What {@link ScoringJob} can be told about the online store. */
public final class RedisOptions {

  /** In place of the names of models. */
  private static final String ALL_MODELS = "all";

  public static final ConfigOption<String> REDIS =
      key("redis")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "redis://user@host:port, rediss:// for TLS; of a Cluster any node. Without it nothing"
                  + " is written to Redis.");

  public static final ConfigOption<String> PASSWORD_FILE =
      key("redis-password-file")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "File with the password of Redis, on every TaskManager; read at each connection. In"
                  + " the URI the dashboard would show it.");

  public static final ConfigOption<String> CA =
      key("redis-ca")
          .stringType()
          .noDefaultValue()
          .withDescription(
              "PEM file, on every TaskManager, of the authorities that sign the certificate of"
                  + " Redis; without it those that Java trusts.");

  public static final ConfigOption<Duration> TTL =
      key("redis-ttl")
          .durationType()
          .defaultValue(Duration.ofDays(400))
          .withDescription("How long Redis keeps an entity after its last write.");

  public static final ConfigOption<List<String>> PREDICTIONS =
      key("redis-predictions")
          .stringType()
          .asList()
          .defaultValues()
          .withDescription(
              "Names of models, semicolon-separated, or all: what they last said of each entity is"
                  + " kept in Redis too.");

  public static final ConfigOption<Duration> TASK_TTL =
      key("redis-task-ttl")
          .durationType()
          .defaultValue(Duration.ofDays(30))
          .withDescription("How long Redis keeps a task after its last prediction.");

  static final List<ConfigOption<?>> ALL =
      List.of(REDIS, PASSWORD_FILE, CA, TTL, PREDICTIONS, TASK_TTL);

  private RedisOptions() {}

  /**
   * Refuses what goes without an address, and an address of another form.
   *
   * @throws IllegalArgumentException in one line
   */
  static void check(Configuration options) {
    JobOptions.requireForm(options, REDIS, RedisAddress::isUri, "redis://host:port");
    if (!options.contains(REDIS)) {
      ALL.stream()
          .filter(options::contains)
          .findFirst()
          .ifPresent(
              option -> {
                throw new IllegalArgumentException(
                    "--%s needs --redis: write redis://host:port".formatted(option.key()));
              });
    }
  }

  /** Where features go; null: nowhere. */
  static @Nullable OnlineStore store(ReadableConfig options) {
    String uri = options.get(REDIS);
    return uri == null
        ? null
        : new OnlineStore(
            new RedisAddress(URI.create(uri), options.get(PASSWORD_FILE), options.get(CA)),
            options.get(TTL));
  }

  /**
   * The models whose predictions are kept.
   *
   * @throws IllegalArgumentException naming one that is not among {@code models}
   */
  static List<PredictionSchema> predictions(ReadableConfig options, List<ModelSpec> models) {
    List<String> names = options.get(PREDICTIONS);
    List<String> known = models.stream().map(ModelSpec::name).toList();
    for (String name : names) {
      if (!known.contains(name) && !names.equals(List.of(ALL_MODELS))) {
        throw new IllegalArgumentException(
            "--redis-predictions %s: the job scores no such model, choose of %s or say all"
                .formatted(name, known));
      }
    }
    return models.stream()
        .filter(model -> names.contains(model.name()) || names.contains(ALL_MODELS))
        .map(RedisOptions::schema)
        .toList();
  }

  /** What is kept online of a model's predictions. */
  public static PredictionSchema schema(ModelSpec model) {
    return new PredictionSchema(model.name(), model.scores(), model.outputs());
  }
}
