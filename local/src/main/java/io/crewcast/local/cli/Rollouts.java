package io.crewcast.local.cli;

import io.crewcast.features.definition.Definitions;
import io.crewcast.schemas.ModelLineup;
import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.RolloutStage;
import io.crewcast.schemas.serde.Feed.Published;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.scoring.experiment.Assignment;
import io.crewcast.scoring.experiment.ExperimentSpec;
import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.rollout.Lineup;
import io.crewcast.scoring.rollout.Timeline;
import io.crewcast.scoring.serving.LoadedModels;
import io.crewcast.scoring.serving.ServedModel;
import io.crewcast.sinks.kafka.FollowedTopic;
import io.crewcast.sinks.kafka.RolloutPublisher;
import io.crewcast.sinks.kafka.Topics;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** What {@code models rollout}, {@code rollback} and {@code history} do with model-rollouts. */
final class Rollouts {

  /** Between the two phases: a version that loads within it keeps no event waiting. */
  private static final Duration PREPARATION = Duration.ofMillis(300);

  /** From the second phase on; more than the notice that an activation needs. */
  private static final Duration LEAD = Timeline.NOTICE.plusMillis(300);

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private Rollouts() {}

  /** The topic and who speaks to it. */
  static final class Access {
    @Mixin private Addresses.Kafka kafka = new Addresses.Kafka();
    @Mixin private Addresses.Registry registry = new Addresses.Registry();

    private SchemaRegistry schemas() {
      return new SchemaRegistry(registry.url, Duration.ofSeconds(10));
    }

    /** All rollouts of a model that the topic still holds, as the broker took them in. */
    List<Published<ModelRollout>> of(String model) throws InterruptedException {
      Topics.ends(kafka.bootstrapServers, Topic.MODEL_ROLLOUTS);
      List<Published<ModelRollout>> all = new CopyOnWriteArrayList<>();
      try (var following =
          new FollowedTopic<>(
                  kafka.bootstrapServers, schemas(), Topic.MODEL_ROLLOUTS, ModelRollout.class)
              .follow(all::add)) {
        if (!following.awaitKnown(Instant.now(), PATIENCE)) {
          throw new IllegalStateException(
              "model-rollouts cannot be read: see that Kafka at %s and the registry at %s run"
                  .formatted(kafka.bootstrapServers, registry.url));
        }
      }
      return all.stream()
          .filter(published -> published.value().getModel().equals(model))
          .sorted(Comparator.comparing(Published::appendedAt))
          .toList();
    }

    /** Publishes both phases and answers from when on the rollout is in effect. */
    Instant publish(ModelRollout rollout) throws InterruptedException {
      try (RolloutPublisher publisher = new RolloutPublisher(kafka.bootstrapServers, schemas())) {
        rollout.setStage(RolloutStage.PREPARE);
        rollout.setPublishedAt(now());
        publisher.publish(rollout);
        LockSupport.parkNanos(PREPARATION.toNanos());
        rollout.setStage(RolloutStage.ACTIVATE);
        rollout.setPublishedAt(now());
        rollout.setEffectiveAt(now().plus(LEAD));
        publisher.publish(rollout);
      }
      return rollout.getEffectiveAt();
    }
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MILLIS);
  }

  /** What answers after all that is published has taken effect, and what did before. */
  private static List<Lineup> lineups(List<Published<ModelRollout>> published) {
    Timeline timeline = new Timeline();
    published.forEach(one -> timeline.add(one.value(), one.appendedAt()));
    return timeline.since(Instant.MAX);
  }

  private static @Nullable ModelLineup current(List<Lineup> lineups) {
    return lineups.isEmpty() ? null : lineups.get(lineups.size() - 1).record();
  }

  private static String inWords(
      int champion, @Nullable Integer challenger, double coverage, List<Integer> shadows) {
    List<String> parts = new ArrayList<>(List.of("version %d serves".formatted(champion)));
    if (challenger != null) {
      parts.add("version %d is tried on %s of the units".formatted(challenger, percent(coverage)));
    } else if (coverage > 0) {
      parts.add("%s of the units are on trial".formatted(percent(coverage)));
    }
    if (!shadows.isEmpty()) {
      parts.add(
          "shadows: " + shadows.stream().map(String::valueOf).collect(Collectors.joining(", ")));
    }
    return String.join(", ", parts);
  }

  private static String percent(double share) {
    return "%s %%".formatted(share * 100).replace(".0 ", " ");
  }

  /** What is looked at before a rollout is published. */
  static final class Check {
    @Mixin private Models.Directory directory = new Models.Directory();
    @Mixin private DefinitionsFolder definitions = new DefinitionsFolder();

    @Option(
        names = "--unchecked",
        description =
            "Where the model directory cannot be seen from here: leave checks to the jobs.")
    private boolean unchecked;

    /** Sees that each version has its place, and loads and verifies it unless told not to. */
    void run(ModelRollout rollout, PrintWriter out) throws IOException {
      ModelSpec model = model(rollout.getModel());
      Assignment assignment =
          Assignment.of(
              Lineup.of(rollout, Instant.MAX),
              model,
              experiment(rollout.getExperiment(), model).stream().toList());
      for (int version : assignment.versions()) {
        assignment
            .unfit(version)
            .ifPresent(
                why -> {
                  throw new IllegalArgumentException("version %d: %s".formatted(version, why));
                });
      }
      if (unchecked) {
        return;
      }
      ModelDirectory models = directory.models();
      Stream.concat(assignment.versions().stream(), rollout.getShadows().stream())
          .distinct()
          .forEach(version -> say(version, models, model, out));
    }

    ModelSpec model(String name) throws IOException {
      return ModelSpec.load(
          definitions.path().resolve("models").resolve(name + ".yaml"),
          Definitions.load(definitions.path()).schemas());
    }

    /** What a rollout names as its experiment, where that has a file. */
    Optional<ExperimentSpec> experiment(@Nullable String name, ModelSpec model) {
      if (name == null) {
        return Optional.empty();
      }
      Path file = definitions.path().resolve("experiments").resolve(name + ".yaml");
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      ExperimentSpec experiment =
          ExperimentSpec.load(
              file, ModelSpec.loadAll(definitions.path().resolve("models"), model.schemas()));
      if (!experiment.model().equals(model.name())) {
        throw new IllegalArgumentException(
            "experiment %s is one of %s: name one of %s"
                .formatted(name, experiment.model(), model.name()));
      }
      return Optional.of(experiment);
    }

    private static void say(int version, ModelDirectory models, ModelSpec model, PrintWriter out) {
      try (var lease = LoadedModels.lease(models, model, version)) {
        ServedModel loaded = lease.await(PATIENCE);
        String why = loaded.whyNative();
        out.printf(
            "version %d: %s%n",
            version,
            why == null
                ? "flat trees, the bits of XGBoost4J on every probe row"
                : "served by XGBoost4J: " + why);
        out.flush();
      } catch (InvalidModelException e) {
        throw new InvalidModelException(
            e.getMessage()
                + "; --models names the directory, --unchecked leaves checks to the jobs",
            e);
      }
    }
  }

  /** {@code models rollout}. */
  @Command(
      name = "rollout",
      mixinStandardHelpOptions = true,
      description = {
        "Says which versions of a model serve: in about two seconds, without a restart, in all jobs"
            + " that follow model-rollouts.",
        "Each version is loaded and verified here first."
      })
  static final class Rollout implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private Access topic = new Access();
    @Mixin private Check check = new Check();

    @Parameters(index = "0", paramLabel = "NAME", description = "Of the model.")
    private String name = "";

    @Option(
        names = "--champion",
        paramLabel = "VERSION",
        required = true,
        converter = AtLeastOne.class,
        description = "The version that serves by default.")
    private int champion;

    @Option(
        names = "--challenger",
        paramLabel = "VERSION",
        converter = AtLeastOne.class,
        description = "A version on trial; needs --coverage.")
    private @Nullable Integer challenger;

    @Option(
        names = "--coverage",
        paramLabel = "SHARE",
        converter = Share.class,
        description =
            "Share of the units on trial, such as 10%%: split by the weights in the experiment's file"
                + " or, without one, the model's. While it grows, no unit that is in moves.")
    private @Nullable Double coverage;

    @Option(
        names = "--shadow",
        paramLabel = "VERSION",
        converter = AtLeastOne.class,
        description = "A version that is scored and logged and never served; may be repeated.")
    private List<Integer> shadows = List.of();

    @Option(
        names = "--experiment",
        paramLabel = "NAME",
        description =
            "Names the trial and seeds its assignment; NAME:CHALLENGER if not said. Where"
                + " flink-conf/experiments has a file of that name, it says who is served what, and"
                + " on which share if --coverage does not. Keep it while coverage grows.")
    private @Nullable String experiment;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why; kept in the history.")
    private String reason = "";

    @Override
    public Integer call() throws Exception {
      Optional<ExperimentSpec> declared = check.experiment(experiment, check.model(name));
      if (coverage == null) {
        coverage = declared.map(ExperimentSpec::firstCoverage).orElse(null);
      }
      if (declared.isEmpty() && (challenger == null) != (coverage == null)) {
        throw new IllegalArgumentException(
            "--challenger and --coverage go together: which version is tried, and on which share");
      }
      ModelRollout rollout =
          ModelRollout.newBuilder()
              .setModel(name)
              .setRolloutId("rollout-" + UUID.randomUUID())
              .setStage(RolloutStage.PREPARE)
              .setChampion(champion)
              .setChallenger(challenger)
              .setCoverage(coverage == null ? 0 : coverage)
              .setShadows(shadows)
              .setExperiment(experiment)
              .setReason(reason)
              .setPublishedAt(now())
              .build();
      Lineup.fault(rollout)
          .ifPresent(
              fault -> {
                throw new IllegalArgumentException(fault);
              });
      check.run(rollout, spec.commandLine().getOut());
      rollout.setReplaces(current(lineups(topic.of(name))));
      Instant effectiveAt = topic.publish(rollout);
      spec.commandLine()
          .getOut()
          .printf(
              "%s: %s; events recorded from %s on (%s)%n",
              name,
              inWords(champion, challenger, rollout.getCoverage(), shadows),
              effectiveAt,
              rollout.getRolloutId());
      return 0;
    }
  }

  /** {@code models rollback}. */
  @Command(
      name = "rollback",
      mixinStandardHelpOptions = true,
      description = {
        "Asks again for what the rollout before the last one asked for; a second rollback takes"
            + " that back.",
        "Each version is loaded and verified here first."
      })
  static final class Rollback implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private Access topic = new Access();
    @Mixin private Check check = new Check();

    @Parameters(index = "0", paramLabel = "NAME", description = "Of the model.")
    private String name = "";

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why; kept in the history.")
    private String reason = "rollback";

    @Override
    public Integer call() throws Exception {
      List<Lineup> lineups = lineups(topic.of(name));
      if (lineups.size() < 2) {
        throw new IllegalStateException(
            "%s has %s: say what is to serve with ./crewcast models rollout %s --champion VERSION"
                .formatted(
                    name,
                    lineups.isEmpty() ? "no rollout" : "one rollout, and nothing before it",
                    name));
      }
      Lineup before = lineups.get(lineups.size() - 2);
      ModelRollout rollout =
          ModelRollout.newBuilder()
              .setModel(name)
              .setRolloutId("rollback-" + UUID.randomUUID())
              .setStage(RolloutStage.PREPARE)
              .setChampion(before.champion())
              .setChallenger(before.challenger())
              .setCoverage(before.coverage())
              .setShadows(before.shadows())
              .setExperiment(before.isTrial() ? before.experiment() : null)
              .setReason(reason)
              .setPublishedAt(now())
              .setReplaces(current(lineups))
              .build();
      check.run(rollout, spec.commandLine().getOut());
      Instant effectiveAt = topic.publish(rollout);
      spec.commandLine()
          .getOut()
          .printf(
              "%s: %s again; events recorded from %s on (%s)%n",
              name,
              inWords(before.champion(), before.challenger(), before.coverage(), before.shadows()),
              effectiveAt,
              rollout.getRolloutId());
      return 0;
    }
  }

  /** {@code 10%} or {@code 0.1}. */
  static final class Share implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      try {
        double share =
            text.endsWith("%")
                ? Double.parseDouble(text.substring(0, text.length() - 1)) / 100
                : Double.parseDouble(text);
        if (share >= 0 && share <= 1) {
          return share;
        }
      } catch (NumberFormatException unused) {
        // said below
      }
      throw new TypeConversionException("'%s' is no share; write 10%% or 0.1".formatted(text));
    }
  }
}
