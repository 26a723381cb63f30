package io.crewcast.benchmarks.features;

import io.crewcast.benchmarks.measure.Directories;
import io.crewcast.features.definition.Definitions;
import io.crewcast.features.definition.EntityDefinition;
import io.crewcast.features.operator.UpdateFeatures;
import io.crewcast.schemas.EntityType;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The definitions that are measured: 25 columns at a worker. */
final class WorkerFeatures {

  private WorkerFeatures() {}

  /** Windows as the features that ship have them: 7, 30, 90 and 365 days, and for ever. */
  static UpdateFeatures ofManyWindows() throws IOException {
    return updateFeatures(file("many-windows.yaml"));
  }

  /** The definition of these. */
  static EntityDefinition manyWindows() throws IOException {
    return worker(definitions(file("many-windows.yaml")));
  }

  /**
   * All windows of one length.
   *
   * @param window as definitions write it, such as {@code 30d}
   */
  static UpdateFeatures ofOneWindow(String window) throws IOException {
    return updateFeatures(file("one-window.yaml").replace("WINDOW", window));
  }

  private static UpdateFeatures updateFeatures(String worker) throws IOException {
    Definitions definitions = definitions(worker);
    return new UpdateFeatures(worker(definitions), definitions.schemas());
  }

  private static EntityDefinition worker(Definitions definitions) {
    return definitions.entities().stream()
        .filter(one -> one.entity() == EntityType.WORKER)
        .findFirst()
        .orElseThrow();
  }

  private static Definitions definitions(String worker) throws IOException {
    Path directory = Files.createTempDirectory("crewcast-definitions");
    try {
      Path features = Files.createDirectory(directory.resolve("features"));
      Files.writeString(features.resolve("worker.yaml"), worker);
      Files.writeString(features.resolve("task.yaml"), file("task.yaml"));
      return Definitions.load(directory);
    } finally {
      Directories.delete(directory);
    }
  }

  private static String file(String name) throws IOException {
    try (InputStream in = WorkerFeatures.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException(name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
