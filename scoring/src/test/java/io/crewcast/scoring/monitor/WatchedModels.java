package io.crewcast.scoring.monitor;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.ValueType;
import io.crewcast.scoring.model.ModelSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Two models for tests: one whose file declares its label, one whose label is observed. */
final class WatchedModels {

  static final String LABELLED = "labelled";
  static final String OBSERVED = "observed";

  private static final Map<EntityType, FeatureSchema> SCHEMAS =
      Map.of(
          EntityType.TASK,
          new FeatureSchema(
              EntityType.TASK,
              "Tasks",
              List.of(
                  new FeatureSchema.Column("planned_minutes", ValueType.DOUBLE, "Planned"),
                  new FeatureSchema.Column("phase", ValueType.STRING, "Phase"),
                  new FeatureSchema.Column("status", ValueType.STRING, "Status"))));

  private static final String FILE =
      """
      model: %s
      about: For a test
      scores: task
      trigger: {from: task, when: status == "STARTED"}
      label: {positive: task.planned_minutes > 90.0, negative: task.status == "COMPLETED", within: 10d}
      inputs: {task: [planned_minutes, phase]}
      train: {objective: "binary:logistic", split: {train: 70%%, validate: 15%%, test: 15%%}}
      serve: {fallback: [0.25]}
      gate: {metric: auc, segments: [phase]}
      monitor: {%s}
      """;

  private WatchedModels() {}

  static Map<String, ModelSpec> load(Path directory) throws IOException {
    return Map.of(
        LABELLED, load(directory, LABELLED, "drift: 1d"),
        OBSERVED, load(directory, OBSERVED, "drift: 1d, label: was_late"));
  }

  private static ModelSpec load(Path directory, String name, String monitor) throws IOException {
    return ModelSpec.load(
        Files.writeString(directory.resolve(name + ".yaml"), FILE.formatted(name, monitor)),
        SCHEMAS);
  }
}
