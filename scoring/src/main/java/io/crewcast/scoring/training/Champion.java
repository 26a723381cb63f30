package io.crewcast.scoring.training;

import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelManifest;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.serving.NativeModel;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The version that a new one would take the place of. */
sealed interface Champion {

  /** There is none that could serve. */
  record None(String reason) implements Champion {}

  /** There is one, but the test part is no fair ground for it. */
  record Incomparable(int version, String reason) implements Champion {}

  /** Its scores of the test part. */
  record Rival(Scored scored) implements Champion {}

  /**
   * Lets the champion score the test part.
   *
   * @param asked the version to take; null: the newest
   * @throws InvalidModelException if the version asked for is not there or broken
   */
  static Champion find(ModelDirectory models, ModelSpec spec, @Nullable Integer asked, Split split)
      throws IOException {
    OptionalInt newest = asked == null ? models.newest(spec.name()) : OptionalInt.of(asked);
    if (newest.isEmpty()) {
      return new None("there is no champion yet");
    }
    int number = newest.getAsInt();
    ModelDirectory.Version version;
    try {
      version = models.open(spec.name(), number);
    } catch (InvalidModelException e) {
      if (asked != null) {
        throw e;
      }
      return new None("version %d is no champion: %s".formatted(number, e.getMessage()));
    }
    ModelManifest manifest = version.manifest();
    if (!manifest.inputs().stream()
        .map(ModelManifest.Input::name)
        .toList()
        .equals(spec.inputs().stream().map(ModelSpec.Input::name).toList())) {
      return new None(
          "version %d is no champion: the model's file declares other inputs now"
              .formatted(number));
    }
    if (!manifest.outputs().equals(spec.outputs())) {
      return new None(
          "version %d is no champion: the model's file declares other answers now"
              .formatted(number));
    }
    Instant tunedUntil = manifest.tunedUntil().orElse(null);
    if (tunedUntil == null || tunedUntil.isAfter(split.testFrom())) {
      return new Incomparable(number, whyNot(number, tunedUntil, split));
    }
    return new Rival(
        new Scored(
            "champion (version %d)".formatted(number), outputs(version, spec, split.test())));
  }

  private static String whyNot(int version, @Nullable Instant tunedUntil, Split split) {
    return tunedUntil == null
        ? "champion version %d cannot be compared: nobody said until when it was trained; import it with --trained-until"
            .formatted(version)
        : "champion version %d cannot be compared: it was trained until %s, and the test part begins at %s; train on later events, or name an older one with --champion"
            .formatted(version, tunedUntil, split.testFrom());
  }

  /** By XGBoost4J itself, which knows every model that may have been imported. */
  private static double[][] outputs(
      ModelDirectory.Version version, ModelSpec spec, List<Example> test) {
    List<@Nullable List<String>> categories = new ArrayList<>();
    version.manifest().inputs().forEach(input -> categories.add(input.categories()));
    float[] rows = new ExampleTable(spec.inputs(), categories).rows(test);
    try (NativeModel model = NativeModel.load(version.trees())) {
      float[][] predicted = model.predict(rows, spec.inputs().size());
      double[][] outputs = new double[predicted.length][spec.outputs().size()];
      for (int row = 0; row < outputs.length; row++) {
        for (int output = 0; output < outputs[row].length; output++) {
          outputs[row][output] = predicted[row][output];
        }
      }
      return outputs;
    }
  }
}
