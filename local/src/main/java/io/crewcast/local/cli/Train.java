package io.crewcast.local.cli;

import io.crewcast.features.definition.Definitions;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.training.TrainModel;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code train}: a new version of a model from the lake's training examples. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description = "Trains a new version of a model from the lake's training examples.")
final class Train implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "Name of a file in models/ of the definitions, such as task_overrun.")
  private String model = "";

  @Option(
      names = "--lake",
      required = true,
      paramLabel = "DIR",
      description = "Where a backfill wrote training_examples.")
  private Path lake = Path.of("lake");

  @Option(
      names = "--models",
      required = true,
      paramLabel = "DIR",
      description = "Where versions are kept.")
  private Path models = Path.of("models");

  @Mixin private DefinitionsFolder definitions = new DefinitionsFolder();

  @Option(
      names = "--until",
      paramLabel = "INSTANT",
      description = "Use only what was triggered and known before, such as 2014-12-03T16:19:00Z.")
  private @Nullable Instant until;

  @Option(
      names = "--keep-left-truncated",
      description =
          "Also learn from triggers before which the events do not reach back as far as the"
              + " model's history says.")
  private boolean keepLeftTruncated;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    ModelSpec model =
        ModelSpec.load(
            definitions.path().resolve("models").resolve(this.model + ".yaml"),
            Definitions.load(definitions.path()).schemas());
    out.printf("training %s from %s%n", model.name(), lake);
    out.flush();
    ModelDirectory.Version version =
        new TrainModel(model).run(lake, new ModelDirectory(models), until, keepLeftTruncated);
    var window = version.manifest().window();
    out.printf(
        "%d examples trained, %d validated, %d tested (from %s)%n",
        window.trainRows(), window.validateRows(), window.testRows(), window.testFrom());
    version
        .manifest()
        .metrics()
        .forEach(
            (metric, value) ->
                out.printf(
                    Locale.ROOT,
                    "%-18s %.4f   fallback %.4f%n",
                    metric,
                    value,
                    version.manifest().baseline().getOrDefault(metric, Double.NaN)));
    out.printf("version %d is in %s%n", version.manifest().version(), version.path());
    return 0;
  }
}
