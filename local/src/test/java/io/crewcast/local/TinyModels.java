package io.crewcast.local;

import io.crewcast.schemas.ValueType;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelManifest;
import io.crewcast.scoring.model.ModelSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;

/** Versions of a model that have learned nothing: each answers a tenth of its number. */
final class TinyModels {

  private static final int ROWS = 100;

  private TinyModels() {}

  static void publish(Path models, ModelSpec spec, int version) throws IOException {
    List<ModelManifest.Input> inputs =
        spec.inputs().stream()
            .map(
                input ->
                    new ModelManifest.Input(
                        input.name(),
                        input.type() == ValueType.STRING ? "string" : "double",
                        input.type() == ValueType.STRING ? List.of("code") : null))
            .toList();
    var manifest =
        new ModelManifest(
            spec.name(),
            version,
            "binary:logistic",
            inputs,
            List.of("score"),
            new ModelManifest.Window("", "", "", "", ROWS, 0, 0),
            Map.of(),
            Map.of(),
            1,
            "xgboost4j",
            Map.of(),
            null,
            null);
    new ModelDirectory(models)
        .publish(manifest, Map.of(ModelDirectory.TREES, train(inputs.size(), version / 10.0)));
  }

  /** Changes a bit of a version's trees. */
  static void corrupt(Path models, ModelSpec spec, int version) throws IOException {
    Path file =
        models.resolve(spec.name()).resolve(String.valueOf(version)).resolve(ModelDirectory.TREES);
    byte[] trees = Files.readAllBytes(file);
    trees[trees.length / 2] ^= 1;
    Files.write(file, trees);
  }

  private static byte[] train(int width, double baseScore) {
    float[] rows = new float[ROWS * width];
    float[] labels = new float[ROWS];
    for (int i = 0; i < ROWS; i++) {
      rows[i * width] = i;
      labels[i] = i % 2;
    }
    try {
      DMatrix matrix = new DMatrix(rows, ROWS, width, Float.NaN);
      matrix.setLabel(labels);
      Map<String, Object> parameters =
          Map.of(
              "objective",
              "binary:logistic",
              "base_score",
              baseScore,
              "eta",
              1e-4,
              "max_depth",
              2,
              "nthread",
              1);
      Booster booster = XGBoost.train(matrix, parameters, 1, Map.of(), null, null);
      byte[] trees = booster.toByteArray("ubj");
      booster.dispose();
      matrix.dispose();
      return trees;
    } catch (XGBoostError e) {
      throw new AssertionError(e);
    }
  }
}
