package io.crewcast.scoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.stream.Stream;

/** A model with rows and what XGBoost4J answered for them. */
public record ModelVector(String name, JsonNode json) {

  private static final ObjectMapper JSON = new ObjectMapper();

  public static Stream<ModelVector> all() {
    return Stream.of("binary_agaricus", "multiclass", "parallel_tree", "regression_missing")
        .map(ModelVector::named);
  }

  public static ModelVector named(String name) {
    try (InputStream in =
        ModelVector.class.getResourceAsStream("/vectors/xgboost_model_" + name + ".json")) {
      return new ModelVector(name, JSON.readTree(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public byte[] model() {
    try {
      return JSON.writeValueAsBytes(json.get("model"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public float[][] rows() {
    return floats("rows");
  }

  /** A table of the file; null stands for missing. */
  public float[][] floats(String table) {
    JsonNode rows = json.get(table);
    float[][] floats = new float[rows.size()][];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = new float[rows.get(i).size()];
      for (int j = 0; j < floats[i].length; j++) {
        JsonNode cell = rows.get(i).get(j);
        floats[i][j] = cell.isNull() ? Float.NaN : cell.floatValue();
      }
    }
    return floats;
  }

  @Override
  public String toString() {
    return name;
  }
}
