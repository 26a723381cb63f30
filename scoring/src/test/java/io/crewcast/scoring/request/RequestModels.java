package io.crewcast.scoring.request;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.ValueType;
import io.crewcast.scoring.model.ModelSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Models that are asked by requests or by a schedule. */
final class RequestModels {

  private static final Map<EntityType, FeatureSchema> SCHEMAS =
      Map.of(
          EntityType.PROJECT,
          new FeatureSchema(
              EntityType.PROJECT,
              "A project",
              List.of(new FeatureSchema.Column("hours", ValueType.DOUBLE, "Hours"))),
          EntityType.WORKER,
          new FeatureSchema(
              EntityType.WORKER,
              "A worker",
              List.of(new FeatureSchema.Column("hours", ValueType.DOUBLE, "Hours"))));

  private RequestModels() {}

  /** A model of projects with such a trigger. */
  static ModelSpec scheduled(String name, String trigger) {
    return of(name, "project", trigger, labelOf("project"), "binary:logistic", "");
  }

  /** A model of projects with such a schedule and label. */
  static ModelSpec scheduled(String name, String trigger, String label, String objective) {
    return of(name, "project", trigger, label, objective, "");
  }

  /** A model of workers that only requests ask. */
  static ModelSpec ofWorkers(String name, String objective, String serve) {
    return of(name, "worker", "from: prediction_requested", labelOf("worker"), objective, serve);
  }

  private static String labelOf(String entity) {
    return "{positive: %s.hours > 9.0, negative: %s.hours < 1.0, within: 9d}"
        .formatted(entity, entity);
  }

  static ModelSpec of(
      String name, String scores, String trigger, String label, String objective, String serve) {
    try {
      Path directory = Files.createTempDirectory("models");
      Path file = directory.resolve(name + ".yaml");
      Files.writeString(
          file,
          """
          model: %s
          about: A test
          scores: %s
          trigger: {%s}
          label: %s
          inputs: {%s: [hours]}
          train: {objective: "%s", split: {train: 70%%, validate: 15%%, test: 15%%}}
          serve: {fallback: [0.5]%s}
          """
              .formatted(name, scores, trigger, label, scores, objective, serve));
      ModelSpec spec = ModelSpec.load(file, SCHEMAS);
      Files.delete(file);
      Files.delete(directory);
      return spec;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
