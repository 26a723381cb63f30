package io.crewcast.local.demo;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a demo run works on and where.
 *
 * @param data folder of CSV files to import; null simulates
 * @param mapping of these files, a name or a file
 * @param events to simulate
 * @param split first moment that the model does not learn from; null: after 70 % of the events
 * @param beside models that are trained and served beside {@link DemoRun#MODEL}
 * @param scenario what goes wrong while the model serves; null: nothing
 * @param definitions folder of features, models and mappings
 * @param jar the fat jar of jobs
 * @param directory empty; events, lake, models and the stack's data
 */
public record DemoOptions(
    @Nullable Path data,
    @Nullable String mapping,
    int events,
    @Nullable Instant split,
    List<String> beside,
    @Nullable Scenario scenario,
    Path definitions,
    Path jar,
    Path directory) {
  /** Whether a second version is tried. */
  boolean isTrial() {
    return scenario != null && scenario.isTrial();
  }

  /** The same with other definitions. */
  DemoOptions with(Path otherDefinitions) {
    return new DemoOptions(
        data, mapping, events, split, beside, scenario, otherDefinitions, jar, directory);
  }

  Path file() {
    return directory.resolve("events.avro");
  }

  /** Where the job publishes its tables. */
  public Path lake() {
    return directory.resolve("lake");
  }

  Path models() {
    return directory.resolve("models");
  }

  /** Where the servers of the stack keep data and logs. */
  public Path stack() {
    return directory.resolve("stack");
  }
}
