package io.crewcast.local.stack;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The checkout that Crewcast runs from: where its configuration and its built programs lie. Said by
 * the system property {@code crewcast.home}; else the nearest folder from the working directory
 * upwards that holds {@code flink-conf/config.yaml}.
 */
public record Home(Path directory) {

  public static Home find() {
    String said = System.getProperty("crewcast.home");
    if (said != null) {
      return new Home(Path.of(said).toAbsolutePath().normalize());
    }
    Path start = Path.of("").toAbsolutePath();
    for (Path here = start; here != null; here = here.getParent()) {
      if (Files.exists(here.resolve("flink-conf/config.yaml"))) {
        return new Home(here);
      }
    }
    throw new StackException(
        "No Crewcast checkout at or above " + start + ": change into it, or set -Dcrewcast.home");
  }

  /** Flink's configuration and, in folders of its own, the definitions of features and models. */
  public Path flinkConf() {
    return directory.resolve("flink-conf");
  }

  /** Where commands keep data unless told otherwise; git does not see it. */
  public Path data() {
    return directory.resolve(".crewcast");
  }

  /** The fat jar that is uploaded to a Flink cluster. */
  public Path jobsJar() {
    Path folder = directory.resolve("jobs/target");
    try (DirectoryStream<Path> jars =
        Files.newDirectoryStream(
            existing(folder),
            path -> {
              String name = path.getFileName().toString();
              return name.startsWith("crewcast-jobs-")
                  && name.endsWith(".jar")
                  && !name.endsWith("-tests.jar");
            })) {
      for (Path jar : jars) {
        return jar;
      }
    } catch (IOException e) {
      throw new StackException("Cannot list " + folder + ": " + e.getMessage(), e);
    }
    throw unbuilt(folder.resolve("crewcast-jobs-*.jar"));
  }

  Path flinkLib() {
    return existing(directory.resolve("local/servers/target/flink"));
  }

  Path apicurio() {
    return existing(directory.resolve("local/servers/target/apicurio"));
  }

  private static Path existing(Path path) {
    if (!Files.exists(path)) {
      throw unbuilt(path);
    }
    return path;
  }

  private static StackException unbuilt(Path path) {
    return new StackException(path + " is missing: run ./mvnw -q package -DskipTests");
  }
}
