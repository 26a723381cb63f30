package io.crewcast.local.cli;

import io.crewcast.features.definition.Definitions;
import io.crewcast.jobs.RedisOptions;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.sinks.redis.OnlineStore;
import io.crewcast.sinks.redis.PredictionSchema;
import io.crewcast.sinks.redis.Republish;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code features republish}: from the topics of features to Redis. */
@Command(
    name = "republish",
    mixinStandardHelpOptions = true,
    description = {
      "Writes to Redis again what the topics of features hold: each entity's newest row, after"
          + " Redis came back empty.",
      "A live job may go on meanwhile: of two rows the newer stands. Say the same --redis-ttl as it"
          + " has."
    })
final class RepublishFeatures implements Callable<Integer> {
  private static final Duration ANSWER = Duration.ofSeconds(10);

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private Addresses.Kafka kafka = new Addresses.Kafka();
  @Mixin private Addresses.Registry registry = new Addresses.Registry();
  @Mixin private Addresses.Redis redis = new Addresses.Redis();
  @Mixin private DefinitionsFolder folder = new DefinitionsFolder();

  @Option(
      names = "--redis-ttl",
      paramLabel = "DURATION",
      converter = Durations.class,
      defaultValue = "400d",
      description = "How long Redis keeps an entity after its last write (${DEFAULT-VALUE}).")
  private Duration timeToLive = Duration.ZERO;

  @Option(
      names = "--redis-task-ttl",
      paramLabel = "DURATION",
      converter = Durations.class,
      defaultValue = "30d",
      description = "How long it keeps a task after its last prediction (${DEFAULT-VALUE}).")
  private Duration tasksTimeToLive = Duration.ZERO;

  @Option(
      names = "--predictions",
      description =
          "Also what models last said of each entity, as far as the topic predictions goes back.")
  private boolean predictions;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Definitions definitions = folder.load();
    Republish republish =
        new Republish(
            kafka.bootstrapServers,
            new SchemaRegistry(registry.url, ANSWER),
            new OnlineStore(redis.address(), timeToLive),
            fault -> err.println("crewcast: " + fault));
    republish.check();
    for (FeatureSchema schema : definitions.schemas().values()) {
      if (schema.entity() != EntityType.TASK) {
        tell(out, Topic.featuresOf(schema.entity()), republish.features(schema));
      }
    }
    if (predictions) {
      List<PredictionSchema> schemas =
          ModelSpec.loadAll(folder.path().resolve("models"), definitions.schemas()).stream()
              .map(RedisOptions::schema)
              .toList();
      tell(out, Topic.PREDICTIONS, republish.predictions(schemas, tasksTimeToLive));
    }
    return 0;
  }

  private static void tell(PrintWriter out, Topic topic, Republish.Outcome outcome) {
    out.printf(
        "%-24s %,12d records, of which Redis took %,d: the others were older or told again%n",
        topic.topicName(), outcome.read(), outcome.landed());
    out.flush();
  }
}
