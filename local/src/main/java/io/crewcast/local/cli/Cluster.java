package io.crewcast.local.cli;

import io.crewcast.local.stack.FlinkClient;
import io.crewcast.local.stack.FlinkClient.Run;
import io.crewcast.local.stack.Home;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options for the Flink cluster that a job runs on, and how it runs there, as a mixin. */
final class Cluster {

  @Option(
      names = "--flink",
      paramLabel = "URL",
      converter = Addresses.Url.class,
      defaultValue = "http://127.0.0.1:8081",
      description = "Flink's dashboard (${DEFAULT-VALUE}).")
  String url = "";

  @Option(
      names = "-D",
      paramLabel = "KEY=VALUE",
      converter = Setting.class,
      description =
          "A setting of Flink for this job, over the cluster's config.yaml, such as"
              + " -Dstate.backend.type=hashmap.")
  private List<Map.Entry<String, String>> said = List.of();

  @Option(
      names = "--jar",
      paramLabel = "FILE",
      converter = FileToRead.class,
      description = "The jar to upload; jobs/target/crewcast-jobs-*.jar if not said.")
  private @Nullable Path jar;

  @Option(
      names = "--parallelism",
      paramLabel = "N",
      converter = AtLeastOne.class,
      description = "Tasks side by side; the cluster's default if not said.")
  private @Nullable Integer parallelism;

  /** Uploads the jar and returns its id. */
  String upload(FlinkClient client) {
    return client.upload(jar == null ? Home.find().jobsJar() : jar);
  }

  /** A job as it runs here; of a setting that is said twice, the last counts. */
  Run on(Run run) {
    Map<String, String> settings = new LinkedHashMap<>();
    said.forEach(setting -> settings.put(setting.getKey(), setting.getValue()));
    return run.with(settings).withParallelism(parallelism);
  }

  /** A setting of Flink. */
  static final class Setting implements ITypeConverter<Map.Entry<String, String>> {
    @Override
    public Map.Entry<String, String> convert(String text) {
      String[] parts = text.split("=", 2);
      if (parts.length < 2 || parts[0].isBlank()) {
        throw new TypeConversionException("'%s' sets nothing; write -Dkey=value".formatted(text));
      }
      return Map.entry(parts[0], parts[1]);
    }
  }
}
