package io.crewcast.local.cli;

import io.crewcast.local.stack.Home;
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
}
