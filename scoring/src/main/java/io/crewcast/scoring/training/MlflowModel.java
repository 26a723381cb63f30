package io.crewcast.scoring.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.crewcast.scoring.model.InvalidModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A directory that MLflow saved a model in, with the flavor {@code xgboost}.
 *
 * @param savedBy MLflow and its version
 * @param modelClass the Python class, {@code xgboost.core.Booster} or one of {@code
 *     xgboost.sklearn}
 * @param trainedWith XGBoost and its version
 * @param trees the file that {@code data} names
 * @param columns the names of the signature's inputs; none without a signature or names
 */
@SuppressWarnings("ArrayRecordComponent") // bytes of a file, never compared
record MlflowModel(
    String savedBy,
    @Nullable String runId,
    String modelClass,
    String trainedWith,
    byte[] trees,
    List<String> columns) {

  private static final String FILE = "MLmodel";
  private static final String BOOSTER = "xgboost.core.Booster";

  /**
   * Reads {@code MLmodel} and the file of the model.
   *
   * @throws InvalidModelException if it is no such directory
   */
  static MlflowModel read(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw new InvalidModelException(
          "%s is not there: name the directory that MLflow saved the model in".formatted(file));
    }
    JsonNode model = parse(new YAMLMapper(), Files.readString(file), file);
    JsonNode flavor = model.path("flavors").path("xgboost");
    if (flavor.isMissingNode()) {
      throw new InvalidModelException(
          "%s has no flavor xgboost: log the model with mlflow.xgboost".formatted(file));
    }
    return new MlflowModel(
        "MLflow " + model.path("mlflow_version").asText("of unknown version"),
        model.path("run_id").isTextual() ? model.path("run_id").asText() : null,
        flavor.path("model_class").asText(BOOSTER),
        "xgboost " + flavor.path("xgb_version").asText("of unknown version"),
        data(directory, file, flavor),
        columns(model, file));
  }

  /** Whether all trees answer: scikit-learn's classes stop at the best iteration. */
  boolean usesAllTrees() {
    return modelClass.equals(BOOSTER);
  }

  private static byte[] data(Path directory, Path file, JsonNode flavor) throws IOException {
    String name = flavor.path("data").asText("");
    Path data = directory.resolve(name).normalize();
    if (name.isEmpty() || !data.startsWith(directory.normalize()) || !Files.isRegularFile(data)) {
      throw new InvalidModelException(
          "%s names '%s' as data, which is no file beside it: copy the whole directory"
              .formatted(file, name));
    }
    return Files.readAllBytes(data);
  }

  /** The signature is JSON within the YAML; tensors have no names of columns. */
  private static List<String> columns(JsonNode model, Path file) {
    JsonNode inputs = model.path("signature").path("inputs");
    List<String> columns = new ArrayList<>();
    if (inputs.isTextual()) {
      for (JsonNode input : parse(new ObjectMapper(), inputs.asText(), file)) {
        if (input.has("name")) {
          columns.add(input.get("name").asText());
        }
      }
    }
    return columns;
  }

  private static JsonNode parse(ObjectMapper mapper, String text, Path file) {
    try {
      return mapper.readTree(text);
    } catch (JsonProcessingException e) {
      throw new InvalidModelException(
          "%s cannot be read (%s): copy it again".formatted(file, e.getOriginalMessage()), e);
    }
  }
}
