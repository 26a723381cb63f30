package io.crewcast.scoring.operator;

import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelManifest;
import io.crewcast.scoring.model.ModelSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;

/** Versions of the harness's model, each with another answer. */
final class PublishedModels {

  static final Map<String, Object> DART = Map.of("booster", "dart", "rate_drop", 0.5);

  private static final int ROWS = 400;

  private PublishedModels() {}

  /** Trains and publishes a version; its score is about a hundredth of its number. */
  static void publish(Path models, ModelSpec spec, int version, Map<String, Object> parameters)
      throws IOException {
    publish(models, spec, version, parameters, spec.inputs().size(), List.of("score"));
  }

  /**
   * A version whose trees may read or answer something else than its manifest says.
   *
   * @param width how many inputs its trees read
   * @param outputs that its manifest names
   */
  static void publish(
      Path models,
      ModelSpec spec,
      int version,
      Map<String, Object> parameters,
      int width,
      List<String> outputs)
      throws IOException {
    Map<String, Object> all = new HashMap<>(parameters);
    all.put("objective", "binary:logistic");
    all.put("base_score", version / 100.0);
    all.put("eta", 0.01);
    all.put("max_depth", 3);
    all.put("nthread", 1);
    List<ModelManifest.Input> inputs =
        spec.inputs().stream()
            .map(input -> new ModelManifest.Input(input.name(), "double", null))
            .toList();
    var manifest =
        new ModelManifest(
            spec.name(),
            version,
            "binary:logistic",
            inputs,
            outputs,
            new ModelManifest.Window("", "", "", "", ROWS, 0, 0),
            Map.of(),
            Map.of(),
            10,
            "xgboost4j",
            Map.of(),
            null,
            null);
    new ModelDirectory(models).publish(manifest, Map.of(ModelDirectory.TREES, train(width, all)));
  }

  /** Changes a bit of a version's trees; the second time it changes it back. */
  static void corrupt(Path models, ModelSpec spec, int version) throws IOException {
    Path file =
        models
            .resolve(spec.name())
            .resolve(Integer.toString(version))
            .resolve(ModelDirectory.TREES);
    byte[] trees = Files.readAllBytes(file);
    trees[trees.length / 2] ^= 1;
    Files.write(file, trees);
  }

  private static byte[] train(int width, Map<String, Object> parameters) {
    SplittableRandom random = new SplittableRandom(11);
    float[] rows = new float[ROWS * width];
    float[] labels = new float[ROWS];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (float) random.nextDouble(200);
    }
    for (int i = 0; i < ROWS; i++) {
      labels[i] = rows[i * width] > 100 ? 1 : 0;
    }
    try {
      DMatrix matrix = new DMatrix(rows, ROWS, width, Float.NaN);
      matrix.setLabel(labels);
      Booster booster = XGBoost.train(matrix, parameters, 10, Map.of(), null, null);
      byte[] trees = booster.toByteArray("ubj");
      booster.dispose();
      matrix.dispose();
      return trees;
    } catch (XGBoostError e) {
      throw new AssertionError(e);
    }
  }
}
