package io.crewcast.scoring.training;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.ValueType;
import io.crewcast.scoring.model.ModelSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;

/** A model of two inputs, a number and a text, and examples of it, one an hour. */
final class Examples {

  static final Instant START = Instant.parse("2024-01-01T00:00:00Z");

  static final Map<EntityType, FeatureSchema> SCHEMAS =
      Map.of(
          EntityType.TASK,
          new FeatureSchema(
              EntityType.TASK,
              "A task",
              List.of(
                  new FeatureSchema.Column("planned_minutes", ValueType.DOUBLE, "Plan"),
                  new FeatureSchema.Column("phase", ValueType.STRING, "Phase"),
                  new FeatureSchema.Column("logged_minutes", ValueType.LONG, "Logged"),
                  new FeatureSchema.Column("status", ValueType.STRING, "Status"))));

  private static final String MODEL =
      """
      model: overrun
      about: Probability of an overrun
      scores: task
      trigger: {from: task, when: status == "STARTED", once_per: task_id}
      label: {positive: task.logged_minutes > task.planned_minutes, negative: task.status == "COMPLETED", within: 10d}
      inputs:
        task: [planned_minutes, phase]
      train: {objective: "binary:logistic", split: {train: 70%, validate: 15%, test: 15%}}
      serve: {explain: 1, fallback: [0.5]}
      gate: {metric: auc, segments: [phase], calibration: [0.8, 1.25]}
      """;

  private Examples() {}

  /** The model, with other words in its file: each odd one becomes the next. */
  static ModelSpec model(Path directory, String... words) throws IOException {
    String text = MODEL;
    for (int i = 0; i < words.length; i += 2) {
      text = text.replace(words[i], words[i + 1]);
    }
    return ModelSpec.load(Files.writeString(directory.resolve("overrun.yaml"), text), SCHEMAS);
  }

  /** Examples whose label is known ten days later; ten of them share a cluster. */
  static List<Example> of(int count, IntToDoubleFunction label, IntFunction<List<Object>> values) {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Instant asOf = START.plus(Duration.ofHours(i));
      examples.add(
          new Example(
              "p" + i,
              "acme",
              "project-" + i / 10,
              asOf,
              asOf.plus(Duration.ofDays(10)),
              label.applyAsDouble(i),
              values.apply(i),
              Map.of()));
    }
    return examples;
  }
}
