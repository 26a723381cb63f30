package io.crewcast.local.cli;

import io.crewcast.features.definition.Definitions;
import io.crewcast.features.definition.InvalidDefinitionException;
import io.crewcast.local.stack.Home;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --definitions}: where feature and model files lie. */
final class DefinitionsFolder {

  @Option(
      names = "--definitions",
      paramLabel = "DIR",
      description =
          "Folder that holds features/ and models/; flink-conf in the checkout if not said.")
  private @Nullable Path said;

  Path path() {
    return said == null ? Home.find().flinkConf() : said;
  }

  /**
   * Reads and checks the feature files.
   *
   * @throws InvalidDefinitionException with file, line and what to do
   */
  Definitions load() throws IOException {
    return Definitions.load(path());
  }
}
