package io.crewcast.local.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.crewcast.local.stack.Home;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code models}: what lies in the model directory, {@code <name>/<version>/model.yaml}, and what
 * of it serves.
 */
@Command(
    name = "models",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Shows the trained models and their versions, and says which of them serve.",
    subcommands = {
      Models.ListAll.class,
      Models.Show.class,
      Rollouts.Rollout.class,
      Rollouts.Rollback.class,
      RolloutHistory.class
    })
final class Models {
  private static final String MANIFEST = "model.yaml";
  private static final YAMLMapper YAML = new YAMLMapper();

  private Models() {}

  /** The option that both commands have. */
  static final class Directory {
    @Option(
        names = "--models",
        paramLabel = "DIR",
        description = "The model directory; .crewcast/models in the checkout if not said.")
    private @Nullable Path said;

    Path path() {
      return said == null ? Home.find().data().resolve("models") : said;
    }

    /** {@code <name>/<version>} of each model that is complete, by name, newest last. */
    List<Path> versions() throws IOException {
      Path root = path();
      if (!Files.isDirectory(root)) {
        throw new IllegalStateException(
            "No models in " + root + ": train one with ./crewcast train, or name --models");
      }
      try (Stream<Path> files = Files.walk(root, 3)) {
        return files
            .map(root::relativize)
            .filter(file -> file.getNameCount() == 3 && file.endsWith(MANIFEST))
            .map(file -> file.subpath(0, 2))
            .sorted(
                Comparator.comparing((Path version) -> version.getName(0))
                    .thenComparingInt(version -> version.getName(1).toString().length())
                    .thenComparing(version -> version.getName(1)))
            .toList();
      }
    }

    Path manifest(Path version) {
      return path().resolve(version).resolve(MANIFEST);
    }
  }

  /** {@code models list}. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists every version of every model with its objective and metrics.")
  static final class ListAll implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private Directory directory = new Directory();

    @Override
    public Integer call() throws IOException {
      PrintWriter out = spec.commandLine().getOut();
      for (Path version : directory.versions()) {
        JsonNode model = YAML.readTree(directory.manifest(version).toFile());
        out.printf(
            "%-24s %-8s %-20s %s%n",
            version.getName(0),
            version.getName(1),
            model.path("objective").asText(),
            model.path("metrics").isMissingNode() ? "" : model.path("metrics"));
      }
      return 0;
    }
  }

  /** {@code models show NAME [VERSION]}. */
  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Prints all that a version's model.yaml says.")
  static final class Show implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private Directory directory = new Directory();

    @Parameters(index = "0", paramLabel = "NAME", description = "Of the model.")
    private String name = "";

    @Parameters(
        index = "1",
        arity = "0..1",
        paramLabel = "VERSION",
        description = "The newest if not said.")
    private @Nullable String version;

    @Override
    public Integer call() throws IOException {
      Path found =
          directory.versions().stream()
              .filter(path -> path.startsWith(name))
              .filter(path -> version == null || path.endsWith(version))
              .reduce((older, newer) -> newer)
              .orElseThrow(
                  () ->
                      new IllegalStateException(
                          "No model %s%s in %s: ./crewcast models list shows those there are"
                              .formatted(
                                  name, version == null ? "" : "/" + version, directory.path())));
      spec.commandLine().getOut().print(Files.readString(directory.manifest(found)));
      return 0;
    }
  }
}
