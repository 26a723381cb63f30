package io.crewcast.scoring.training;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crewcast.scoring.model.InvalidModelException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;

/**
 * A model that XGBoost saved elsewhere, as its JSON has it. Field names are those of XGBoost's
 * model schema.
 */
final class ForeignTrees {

  /**
   * Numbers go through doubles, which keep the nine digits that a float has, and are written with a
   * point, without which XGBoost would take them for whole ones.
   */
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
          .build();

  private final JsonNode file;

  private ForeignTrees(JsonNode file) {
    this.file = file;
  }

  /**
   * Reads what any XGBoost from 1.0 on saves, if XGBoost4J still reads it.
   *
   * @throws InvalidModelException if it does not
   */
  static ForeignTrees read(byte[] trees) {
    return new ForeignTrees(json(saved(trees, "json")));
  }

  /** The names of the columns that trained it, in order; none if they had no names. */
  List<String> columns() {
    List<String> columns = new ArrayList<>();
    learner().path("feature_names").forEach(name -> columns.add(name.asText()));
    return columns;
  }

  String objective() {
    return learner().path("objective").path("name").asText();
  }

  /** How many inputs a row has. */
  int inputs() {
    return learner().path("learner_model_param").path("num_feature").asInt();
  }

  /** How many numbers it answers: one, or one a class or target. */
  int outputs() {
    JsonNode parameters = learner().path("learner_model_param");
    return Math.max(
        Math.max(1, parameters.path("num_class").asInt()), parameters.path("num_target").asInt());
  }

  /** How many rounds of boosting it has. */
  int rounds() {
    return booster().path("iteration_indptr").size() - 1;
  }

  /** The same trees reading other places: what was at place {@code i} is at {@code places[i]}. */
  void move(int[] places) {
    for (JsonNode tree : booster().path("trees")) {
      ArrayNode indices = (ArrayNode) tree.path("split_indices");
      for (int node = 0; node < indices.size(); node++) {
        indices.set(node, places[indices.get(node).asInt()]);
      }
    }
    for (String names : List.of("feature_names", "feature_types")) {
      ArrayNode before = (ArrayNode) learner().path(names);
      ArrayNode after = before.deepCopy();
      for (int i = 0; i < before.size(); i++) {
        after.set(places[i], before.get(i));
      }
      ((ObjectNode) learner()).set(names, after);
    }
  }

  /** The same with all of its trees, where early stopping had marked some of them as the best. */
  void forgetBestIteration() {
    if (learner().path("attributes") instanceof ObjectNode attributes) {
      attributes.remove("best_iteration");
    }
  }

  /** XGBoost's binary JSON. */
  byte[] ubj() {
    try {
      return saved(JSON.writeValueAsBytes(file), "ubj");
    } catch (IOException e) {
      throw new IllegalStateException("what was read can be written", e);
    }
  }

  private JsonNode learner() {
    return file.path("learner");
  }

  private JsonNode booster() {
    JsonNode booster = learner().path("gradient_booster");
    // dart wraps what gbtree is
    return booster.has("gbtree") ? booster.path("gbtree").path("model") : booster.path("model");
  }

  private static JsonNode json(byte[] text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new IllegalStateException("XGBoost4J writes JSON", e);
    }
  }

  private static byte[] saved(byte[] trees, String format) {
    try {
      Booster booster = XGBoost.loadModel(trees);
      try {
        return booster.toByteArray(format);
      } finally {
        booster.dispose();
      }
    } catch (XGBoostError | IOException e) {
      throw new InvalidModelException(
          "XGBoost4J cannot read the model (%s): save it with model_format=\"ubj\""
              .formatted(String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
          e);
    }
  }
}
