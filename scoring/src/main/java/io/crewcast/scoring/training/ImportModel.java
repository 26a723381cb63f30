package io.crewcast.scoring.training;

import io.crewcast.schemas.ValueType;
import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelManifest;
import io.crewcast.scoring.model.ModelSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes a version of what MLflow saved. Its columns are matched by name to the inputs of the
 * model's file, so that a row as Crewcast scores it is the row that it was trained on.
 */
public final class ImportModel {

  private final ModelSpec spec;
  private final Map<String, List<String>> categories;
  private final @Nullable Instant trainedUntil;

  /**
   * What MLflow does not know.
   *
   * @param categories by input that is a text, its values in the order of their codes
   * @param trainedUntil before which all that trained it was known; null: nobody knows
   */
  public ImportModel(
      ModelSpec spec, Map<String, List<String>> categories, @Nullable Instant trainedUntil) {
    this.spec = spec;
    this.categories = categories;
    this.trainedUntil = trainedUntil;
  }

  /**
   * Publishes the next version.
   *
   * @param directory that holds {@code MLmodel}
   * @throws InvalidModelException if it is no model of these inputs
   */
  public ModelDirectory.Version run(Path directory, ModelDirectory models) throws IOException {
    MlflowModel saved = MlflowModel.read(directory);
    ForeignTrees trees = ForeignTrees.read(saved.trees());
    requireFits(trees);
    trees.move(places(trees.columns().isEmpty() ? saved.columns() : trees.columns()));
    if (saved.usesAllTrees()) {
      trees.forgetBestIteration();
    }
    ModelManifest manifest =
        new ModelManifest(
            spec.name(),
            models.newest(spec.name()).orElse(0) + 1,
            trees.objective(),
            inputs(),
            spec.outputs(),
            null,
            Map.of(),
            Map.of(),
            trees.rounds(),
            saved.trainedWith(),
            Map.of(),
            null,
            new ModelManifest.Origin(
                saved.savedBy(),
                saved.runId(),
                saved.modelClass(),
                trainedUntil == null ? null : trainedUntil.toString()));
    ModelCard card = ModelCard.ofImported(spec, manifest);
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put(ModelDirectory.TREES, trees.ubj());
    files.put(ModelDirectory.CARD, CardText.of(card).getBytes(StandardCharsets.UTF_8));
    files.put(ModelDirectory.CARD_JSON, card.json());
    return models.publish(manifest, files);
  }

  private void requireFits(ForeignTrees trees) {
    if (!trees.objective().equals(spec.train().objective())
        || trees.outputs() != spec.outputs().size()) {
      throw new InvalidModelException(
          "the model was trained for %s with %d outputs, the file of %s says %s with %s: change it there or train for that"
              .formatted(
                  trees.objective(),
                  trees.outputs(),
                  spec.name(),
                  spec.train().objective(),
                  spec.outputs().size() == 1 ? "one" : spec.outputs().size()));
    }
    if (trees.inputs() != spec.inputs().size()) {
      throw new InvalidModelException(
          "the trees read %d inputs, the file of %s declares %d: make them the same"
              .formatted(trees.inputs(), spec.name(), spec.inputs().size()));
    }
  }

  /** For each column its place among the inputs. */
  private int[] places(List<String> columns) {
    if (columns.isEmpty()) {
      throw new InvalidModelException(
          "the model does not name its columns: train it on a DataFrame, or log it with a signature");
    }
    List<String> left = new ArrayList<>(spec.inputs().stream().map(ModelSpec.Input::name).toList());
    List<String> unknown = new ArrayList<>();
    int[] places = new int[columns.size()];
    for (int i = 0; i < places.length; i++) {
      places[i] = place(columns.get(i));
      if (places[i] < 0 || !left.remove(spec.inputs().get(places[i]).name())) {
        unknown.add(columns.get(i));
      }
    }
    if (!unknown.isEmpty() || !left.isEmpty()) {
      throw new InvalidModelException(
          "columns of the model are no inputs of %s: %s; inputs without a column: %s. Name each column as its input, such as worker.hours_7d or worker_hours_7d"
              .formatted(
                  spec.name(),
                  unknown.isEmpty() ? "none" : String.join(", ", unknown),
                  left.isEmpty() ? "none" : String.join(", ", left)));
    }
    return places;
  }

  /** By the input's name, or by that of its column in the lake. */
  private int place(String column) {
    for (int i = 0; i < spec.inputs().size(); i++) {
      ModelSpec.Input input = spec.inputs().get(i);
      if (input.name().equals(column) || input.column().equals(column)) {
        return i;
      }
    }
    return -1;
  }

  private List<ModelManifest.Input> inputs() {
    return spec.inputs().stream()
        .map(input -> ModelManifest.Input.of(input, codes(input)))
        .toList();
  }

  private @Nullable List<String> codes(ModelSpec.Input input) {
    if (input.type() != ValueType.STRING) {
      return null;
    }
    List<String> codes = categories.get(input.name());
    if (codes == null) {
      throw new InvalidModelException(
          "%s is a text, and MLflow does not say which code stands for which: add --categories %s=FIRST,SECOND,..."
              .formatted(input.name(), input.name()));
    }
    return codes;
  }
}
