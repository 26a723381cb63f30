package io.crewcast.local.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.crewcast.local.stack.Home;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.operator.FlinkModelStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.concurrent.Callable;
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
    description =
        "Shows the models and their versions, imports others, and says which of them serve.",
    subcommands = {
      Models.ListAll.class,
      Models.Show.class,
      ImportVersion.class,
      Rollouts.Rollout.class,
      Rollouts.Rollback.class,
      RolloutHistory.class
    })
final class Models {
  private static final YAMLMapper YAML = new YAMLMapper();

  private Models() {}

  /** The option that all commands have. */
  static final class Directory {
    @Option(
        names = "--models",
        paramLabel = "DIR",
        description =
            "The model directory, a folder or a URI of a file system that Flink has;"
                + " .crewcast/models in the checkout if not said.")
    private @Nullable String said;

    ModelDirectory models() {
      return FlinkModelStore.directory(
          said == null ? Home.find().data().resolve("models").toString() : said);
    }

    /** The names of all models. */
    List<String> names() throws IOException {
      List<String> names = models().names();
      if (names.isEmpty()) {
        throw new IllegalStateException(
            "No models in %s: train one with ./crewcast train, or name --models"
                .formatted(models().store().root()));
      }
      return names;
    }

    /** The text of a file of a version. */
    String text(String name, int version, String file) throws IOException {
      String path = name + "/" + version + "/" + file;
      byte[] bytes =
          models()
              .store()
              .read(path)
              .orElseThrow(() -> new NoSuchFileException(models().store().root() + "/" + path));
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  /** {@code models list}. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists every version of every model with its objective, gate and metrics.")
  static final class ListAll implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private Directory directory = new Directory();

    @Override
    public Integer call() throws IOException {
      PrintWriter out = spec.commandLine().getOut();
      int unreadable = 0;
      for (String name : directory.names()) {
        for (int version : directory.models().versions(name)) {
          try {
            out.println(line(name, version));
          } catch (JsonProcessingException e) {
            unreadable++;
            out.printf(
                "%-24s %-8d %s cannot be read, at line %d: restore it or train again%n",
                name, version, ModelDirectory.MANIFEST, e.getLocation().getLineNr());
          }
        }
      }
      return unreadable == 0 ? 0 : 1;
    }

    private String line(String name, int version) throws IOException {
      JsonNode model = YAML.readTree(directory.text(name, version, ModelDirectory.MANIFEST));
      return "%-24s %-8d %-20s %-9s %s"
          .formatted(
              name,
              version,
              model.path("objective").asText(),
              gate(model),
              model.path("metrics").isMissingNode() ? "" : model.path("metrics"));
    }

    private static String gate(JsonNode model) {
      if (model.has("origin")) {
        return "imported";
      }
      JsonNode passed = model.path("gate").path("passed");
      return passed.isMissingNode() ? "no gate" : passed.asBoolean() ? "passed" : "forced";
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
    private @Nullable Integer version;

    @Option(names = "--card", description = "Print its model card instead.")
    private boolean card;

    @Override
    public Integer call() throws IOException {
      List<Integer> versions = directory.models().versions(name);
      if (versions.isEmpty() || (version != null && !versions.contains(version))) {
        throw new IllegalStateException(
            "No model %s%s in %s: ./crewcast models list shows those there are"
                .formatted(
                    name, version == null ? "" : "/" + version, directory.models().store().root()));
      }
      int shown = version == null ? versions.get(versions.size() - 1) : version;
      String file = card ? ModelDirectory.CARD : ModelDirectory.MANIFEST;
      PrintWriter out = spec.commandLine().getOut();
      out.print(directory.text(name, shown, file));
      out.flush();
      return 0;
    }
  }
}
