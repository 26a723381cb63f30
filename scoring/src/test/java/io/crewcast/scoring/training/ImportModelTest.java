package io.crewcast.scoring.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelManifest;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.RowEncoder;
import io.crewcast.scoring.serving.NativeModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ImportModelTest {

  private static final int ROWS = 500;
  private static final int ROUNDS = 6;
  private static final Map<String, List<String>> PHASES =
      Map.of("task.phase", List.of("build", "design", "test"));

  /** The rows that trained it: phase, then minutes; a tenth missing. */
  private static final float[] DATA = data();

  @TempDir private Path directory;
  private ModelSpec spec;
  private ModelDirectory models;

  @BeforeEach
  void definesAModel() throws IOException {
    spec = Examples.model(directory);
    models = new ModelDirectory(directory.resolve("models"));
  }

  private static float[] data() {
    SplittableRandom random = new SplittableRandom(17);
    float[] rows = new float[2 * ROWS];
    for (int row = 0; row < ROWS; row++) {
      rows[2 * row] = random.nextInt(3);
      rows[2 * row + 1] = random.nextInt(10) == 0 ? Float.NaN : (float) random.nextDouble(5, 400);
    }
    return rows;
  }

  @Test
  void makesAVersionOfWhatMlflowSaved() throws Exception {
    Path saved = save("ubj", "xgboost.core.Booster", "task_phase", "task_planned_minutes");
    ModelDirectory.Version version =
        new ImportModel(spec, PHASES, Instant.parse("2024-05-01T00:00:00Z")).run(saved, models);

    ModelManifest manifest = version.manifest();
    assertThat(manifest.version()).isEqualTo(1);
    assertThat(manifest.objective()).isEqualTo("binary:logistic");
    assertThat(manifest.rounds()).isEqualTo(ROUNDS);
    assertThat(manifest.trainedWith()).isEqualTo("xgboost 3.0.4");
    assertThat(manifest.inputs())
        .containsExactly(
            new ModelManifest.Input("task.planned_minutes", "double", null),
            new ModelManifest.Input("task.phase", "string", PHASES.get("task.phase")));
    assertThat(manifest.origin())
        .isEqualTo(
            new ModelManifest.Origin(
                "MLflow 3.1.0",
                "bf212703d1874eee9dcb37c8a92a6de6",
                "xgboost.core.Booster",
                "2024-05-01T00:00:00Z"));
    assertThat(manifest.tunedUntil()).contains(Instant.parse("2024-05-01T00:00:00Z"));
    assertThat(new String(version.files().get("MODEL_CARD.md"), StandardCharsets.UTF_8))
        .contains(
            "- Imported: MLflow 3.1.0 saved it as `xgboost.core.Booster` in run bf212703d1874eee9dcb37c8a92a6de6; trained until 2024-05-01T00:00:00Z");
  }

  @ParameterizedTest
  @CsvSource({
    "xgb, xgboost.core.Booster, task_phase, task_planned_minutes",
    "ubj, xgboost.sklearn.XGBClassifier, task.phase, task.planned_minutes",
    "json, xgboost.sklearn.XGBClassifier, task_phase, task.planned_minutes",
  })
  void answersAsItDidWhereItWasTrainedInWhateverOrderItsColumnsStand(
      String format, String modelClass, String first, String second) throws Exception {
    Path saved = save(format, modelClass, first, second);
    ModelDirectory.Version version = new ImportModel(spec, PHASES, null).run(saved, models);
    byte[] file = Files.readAllBytes(saved.resolve("model." + format));
    float[][] before = modelClass.endsWith("Booster") ? allTrees(file) : predict(file, DATA);

    RowEncoder encoder = new RowEncoder(Arrays.asList(null, PHASES.get("task.phase")));
    float[] rows = new float[DATA.length];
    float[] row = new float[2];
    for (int i = 0; i < ROWS; i++) {
      Object minutes = Float.isNaN(DATA[2 * i + 1]) ? null : DATA[2 * i + 1];
      encoder.encode(new Object[] {minutes, PHASES.get("task.phase").get((int) DATA[2 * i])}, row);
      System.arraycopy(row, 0, rows, 2 * i, 2);
    }
    assertThat(predict(version.trees(), rows)).isDeepEqualTo(before);
    assertThat(Arrays.stream(before).mapToDouble(out -> out[0]).distinct().count())
        .isGreaterThan(8);
  }

  @Test
  void marksNoBestIterationWhereAllTreesAnsweredThere() throws Exception {
    String attribute = "best_iteration";
    byte[] ofBooster =
        new ImportModel(spec, PHASES, null)
            .run(save("ubj", "xgboost.core.Booster", "task_phase", "task_planned_minutes"), models)
            .trees();
    byte[] ofScikitLearn =
        new ImportModel(spec, PHASES, null)
            .run(
                save("ubj", "xgboost.sklearn.XGBClassifier", "task_phase", "task_planned_minutes"),
                models)
            .trees();
    assertThat(attribute(ofBooster, attribute)).isNull();
    assertThat(attribute(ofScikitLearn, attribute)).isEqualTo("2");
  }

  @Test
  void takesTheNamesOfTheSignatureWhereTheTreesHaveNone() throws Exception {
    Path saved = save("ubj", "xgboost.core.Booster");
    assertThatThrownBy(() -> new ImportModel(spec, PHASES, null).run(saved, models))
        .hasMessageContaining("the model does not name its columns");
    Files.writeString(
        saved.resolve("MLmodel"),
        """
        signature:
          inputs: '[{"type": "long", "name": "task_phase", "required": true}, {"type":
            "double", "name": "task_planned_minutes", "required": true}]'
          outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1]}}]'
          params: null
        """,
        StandardOpenOption.APPEND);
    assertThat(new ImportModel(spec, PHASES, null).run(saved, models).manifest().version())
        .isEqualTo(1);
  }

  @Test
  void refusesColumnsThatAreNoInputsAndNamesThem() throws Exception {
    Path saved = save("ubj", "xgboost.core.Booster", "phase", "task_planned_minutes");
    assertThatThrownBy(() -> new ImportModel(spec, PHASES, null).run(saved, models))
        .isInstanceOf(InvalidModelException.class)
        .hasMessage(
            "columns of the model are no inputs of overrun: phase; inputs without a column: task.phase. Name each column as its input, such as worker.hours_7d or worker_hours_7d");
    assertThat(models.versions("overrun")).isEmpty();
  }

  @Test
  void refusesTreesOfOtherInputsOrAnotherObjective() throws Exception {
    ModelSpec shorter = Examples.model(directory, "[planned_minutes, phase]", "[phase]");
    Path saved = save("ubj", "xgboost.core.Booster", "task_phase", "task_planned_minutes");
    assertThatThrownBy(() -> new ImportModel(shorter, PHASES, null).run(saved, models))
        .hasMessageContaining("the trees read 2 inputs, the file of overrun declares 1");
    ModelSpec squared =
        Examples.model(
            directory,
            "\"binary:logistic\"",
            "\"reg:squarederror\"",
            "metric: auc",
            "metric: rmse");
    assertThatThrownBy(() -> new ImportModel(squared, PHASES, null).run(saved, models))
        .hasMessageContaining(
            "trained for binary:logistic with 1 outputs, the file of overrun says reg:squarederror");
  }

  @Test
  void asksForTheCodesOfATextBecauseMlflowDoesNotKeepThem() throws Exception {
    Path saved = save("ubj", "xgboost.core.Booster", "task_phase", "task_planned_minutes");
    assertThatThrownBy(() -> new ImportModel(spec, Map.of(), null).run(saved, models))
        .hasMessageContaining("add --categories task.phase=FIRST,SECOND,...");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "flavors:\\n  sklearn: {} | has no flavor xgboost: log the model with mlflow.xgboost",
        "flavors: [ | cannot be read (",
        "flavors:\\n  xgboost: {data: ../model.ubj} | names '../model.ubj' as data, which is no file beside it",
        "flavors:\\n  xgboost: {data: MLmodel} | XGBoost4J cannot read the model",
      })
  void saysWhatIsWrongWithADirectory(String text, String message) throws IOException {
    Path saved = Files.createDirectories(directory.resolve("saved"));
    ImportModel importing = new ImportModel(spec, PHASES, null);
    assertThatThrownBy(() -> importing.run(saved, models))
        .hasMessageContaining("MLmodel is not there: name the directory that MLflow saved");
    Files.writeString(saved.resolve("MLmodel"), text.replace("\\n", "\n"));
    assertThatThrownBy(() -> importing.run(saved, models))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  /** A directory as {@code mlflow.xgboost.save_model} of MLflow 3.1 writes it. */
  private Path save(String format, String modelClass, String... columns) throws Exception {
    Path saved = Files.createDirectories(directory.resolve("saved-" + format));
    Files.write(saved.resolve("model." + format), booster(format, columns));
    Files.writeString(
        saved.resolve("MLmodel"),
        """
        artifact_path: model
        flavors:
          python_function:
            data: model.FORMAT
            env:
              conda: conda.yaml
              virtualenv: python_env.yaml
            loader_module: mlflow.xgboost
            python_version: 3.11.4
          xgboost:
            code: null
            data: model.FORMAT
            model_class: CLASS
            model_format: FORMAT
            xgb_version: 3.0.4
        mlflow_version: 3.1.0
        model_size_bytes: 35040
        model_uuid: 516954aae7c94e91adeed9df76cb4052
        run_id: bf212703d1874eee9dcb37c8a92a6de6
        utc_time_created: '2025-06-11 22:09:41.968097'
        """
            .replace("FORMAT", format)
            .replace("CLASS", modelClass));
    return saved;
  }

  private static byte[] booster(String format, String... columns) throws XGBoostError {
    DMatrix matrix = new DMatrix(DATA, ROWS, 2, Float.NaN);
    float[] labels = new float[ROWS];
    for (int row = 0; row < ROWS; row++) {
      labels[row] = DATA[2 * row] == 2 || DATA[2 * row + 1] % 90 > 50 ? 1 : 0;
    }
    matrix.setLabel(labels);
    matrix.setFeatureTypes(new String[] {"c", "q"});
    Booster booster =
        XGBoost.train(
            matrix,
            Map.of("objective", "binary:logistic", "max_depth", 3, "nthread", 1),
            ROUNDS,
            Map.of(),
            null,
            null);
    try {
      if (columns.length > 0) {
        booster.setFeatureNames(columns);
      }
      booster.setAttr("best_iteration", "2");
      // model.xgb is UBJSON too, from XGBoost 2.1 on
      return booster.toByteArray(format.equals("json") ? "json" : "ubj");
    } finally {
      booster.dispose();
      matrix.dispose();
    }
  }

  private static String attribute(byte[] trees, String name) throws Exception {
    Booster booster = XGBoost.loadModel(trees);
    try {
      return booster.getAttr(name);
    } finally {
      booster.dispose();
    }
  }

  /** As a Booster answers in Python, whatever early stopping found. */
  private static float[][] allTrees(byte[] trees) throws Exception {
    Booster booster = XGBoost.loadModel(trees);
    DMatrix matrix = new DMatrix(DATA, ROWS, 2, Float.NaN);
    try {
      return booster.predict(matrix);
    } finally {
      matrix.dispose();
      booster.dispose();
    }
  }

  private static float[][] predict(byte[] trees, float[] rows) {
    try (NativeModel model = NativeModel.load(trees)) {
      return model.predict(rows, 2);
    }
  }
}
