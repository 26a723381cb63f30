package io.crewcast.local.cli;

import io.crewcast.features.definition.Definitions;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.training.ImportModel;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code models import NAME DIR}. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = "Makes a new version of an XGBoost model that MLflow saved.")
final class ImportVersion implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private Models.Directory directory = new Models.Directory();
  @Mixin private DefinitionsFolder definitions = new DefinitionsFolder();

  @Parameters(
      index = "0",
      paramLabel = "NAME",
      description = "Name of a file in models/ of the definitions, which declares the inputs.")
  private String name = "";

  @Parameters(
      index = "1",
      paramLabel = "DIR",
      description = "The directory that holds MLmodel; mlflow artifacts download brings it.")
  private Path saved = Path.of("");

  @Option(
      names = "--categories",
      paramLabel = "INPUT=FIRST,SECOND,...",
      description = "The values of an input that is a text, in the order of their codes 0, 1, ...")
  private Map<String, String> categories = new LinkedHashMap<>();

  @Option(
      names = "--trained-until",
      paramLabel = "INSTANT",
      description =
          "Before which all that trained it was known; train then compares later versions with it.")
  private @Nullable Instant trainedUntil;

  @Override
  public Integer call() throws Exception {
    ModelSpec model =
        ModelSpec.load(
            definitions.path().resolve("models").resolve(name + ".yaml"),
            Definitions.load(definitions.path()).schemas());
    Map<String, List<String>> codes = new LinkedHashMap<>();
    categories.forEach((input, values) -> codes.put(input, List.of(values.split(",", -1))));
    ModelDirectory.Version version =
        new ImportModel(model, codes, trainedUntil).run(saved, directory.models());
    spec.commandLine()
        .getOut()
        .printf("version %d is in %s%n", version.manifest().version(), version.path());
    return 0;
  }
}
