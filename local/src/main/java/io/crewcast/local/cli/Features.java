package io.crewcast.local.cli;

import io.crewcast.features.definition.Definitions;
import io.crewcast.features.definition.EntityDefinition;
import io.crewcast.features.definition.Feature;
import io.crewcast.features.definition.Window;
import io.crewcast.local.stack.Home;
import io.crewcast.schemas.FeatureSchema.Column;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code features}: what is defined. */
@Command(
    name = "features",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Shows the features that are defined.",
    subcommands = Features.ListAll.class)
final class Features {
  private static final Map<Long, String> UNITS = Map.of(60L, "hours", 1440L, "days");

  private Features() {}

  /** {@code features list}: every column with type, unit and meaning. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists every feature with its type, unit and meaning, by entity.")
  static final class ListAll implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
        names = "--definitions",
        paramLabel = "DIR",
        description = "Folder that holds features/; flink-conf in the checkout if not said.")
    private @Nullable Path definitions;

    @Override
    public Integer call() throws IOException {
      PrintWriter out = spec.commandLine().getOut();
      Path from = definitions == null ? Home.find().flinkConf() : definitions;
      for (EntityDefinition entity : Definitions.load(from).entities()) {
        out.printf("%s: %s%n", entity.schema().name(), entity.about());
        Map<String, String> units = units(entity);
        for (Column column : entity.schema().columns()) {
          out.printf(
              "  %-32s %-8s %-8s %s%n",
              column.name(), column.type(), units.getOrDefault(column.name(), ""), column.doc());
        }
      }
      return 0;
    }

    private static Map<String, String> units(EntityDefinition entity) {
      Map<String, String> units = new HashMap<>();
      for (Feature feature : entity.features()) {
        for (Window window : feature.windows()) {
          units.put(window.column(feature.name()), UNITS.getOrDefault(feature.divisor(), ""));
        }
      }
      return units;
    }
  }
}
