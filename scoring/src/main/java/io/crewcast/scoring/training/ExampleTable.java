package io.crewcast.scoring.training;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.ValueType;
import io.crewcast.scoring.model.ModelManifest;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.Profile;
import io.crewcast.scoring.model.RowEncoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.jspecify.annotations.Nullable;

/**
 * Turns examples into rows of floats.
 *
 * @param categories of each input in the order of their codes; null where it is no text
 */
record ExampleTable(List<ModelSpec.Input> inputs, List<@Nullable List<String>> categories) {

  /** Learns the codes of texts from what a version is made of, in alphabetical order. */
  static ExampleTable learn(List<ModelSpec.Input> inputs, List<Example> train) {
    List<@Nullable List<String>> categories = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      if (inputs.get(i).type() != ValueType.STRING) {
        categories.add(null);
        continue;
      }
      TreeSet<String> values = new TreeSet<>();
      for (Example example : train) {
        if (example.values().get(i) instanceof String text) {
          values.add(text);
        }
      }
      categories.add(List.copyOf(values));
    }
    return new ExampleTable(inputs, categories);
  }

  /** The rows, one after the other. */
  float[] rows(List<Example> examples) {
    RowEncoder encoder = new RowEncoder(categories);
    int width = inputs.size();
    float[] rows = new float[examples.size() * width];
    float[] row = new float[width];
    for (int i = 0; i < examples.size(); i++) {
      encoder.encode(examples.get(i).values().toArray(), row);
      System.arraycopy(row, 0, rows, i * width, width);
    }
    return rows;
  }

  /**
   * The rows and labels as XGBoost4J takes them; to be disposed of.
   *
   * @param groups of the examples; none where nothing is ranked
   */
  DMatrix matrix(List<Example> given, Groups groups) throws XGBoostError {
    List<Example> examples = groups.sorted(given);
    DMatrix matrix = new DMatrix(rows(examples), examples.size(), inputs.size(), Float.NaN);
    matrix.setFeatureTypes(
        inputs.stream()
            .map(input -> input.type() == ValueType.STRING ? "c" : "q")
            .toArray(String[]::new));
    float[] labels = new float[examples.size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (float) examples.get(i).label();
    }
    matrix.setLabel(labels);
    if (!groups.isEmpty()) {
      matrix.setGroup(groups.sizes());
    }
    return matrix;
  }

  /** The inputs as a version's manifest has them. */
  List<ModelManifest.Input> manifest() {
    List<ModelManifest.Input> manifest = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      ModelSpec.Input input = inputs.get(i);
      manifest.add(ModelManifest.Input.of(input, categories.get(i)));
    }
    return manifest;
  }

  /** The distribution of each input, counted as monitoring counts it in windows of a day. */
  Map<String, Profile> profiles(List<Example> examples) {
    return profiles(
        examples,
        Duration.ofDays(1),
        (name, numbers, count) -> Profile.ofNumbers(numbers, count),
        (name, texts, count) -> Profile.ofTexts(texts, count));
  }

  /** The same in other windows, in the cells of {@code daily}. */
  Map<String, Profile> profiles(
      List<Example> examples, Duration window, Map<String, Profile> daily) {
    return profiles(
        examples,
        window,
        (name, numbers, count) -> Objects.requireNonNull(daily.get(name)).counting(numbers, count),
        (name, texts, count) -> Objects.requireNonNull(daily.get(name)).counting(texts, count));
  }

  /** Makes the profile of an input. */
  private interface Making<V> {
    Profile of(String name, V values, long entities);
  }

  private Map<String, Profile> profiles(
      List<Example> examples,
      Duration window,
      Making<double[]> ofNumbers,
      Making<List<@Nullable String>> ofTexts) {
    Map<String, Profile> profiles = new LinkedHashMap<>();
    Map<EntityType, Counted> countedOf = new EnumMap<>(EntityType.class);
    for (int i = 0; i < inputs.size(); i++) {
      int place = i;
      ModelSpec.Input input = inputs.get(i);
      Counted counted =
          input.owner() == null
              ? Counted.all(examples)
              : countedOf.computeIfAbsent(
                  input.owner(), owner -> Counted.oncePer(window, examples, owner));
      if (input.type() == ValueType.STRING) {
        List<@Nullable String> texts = new ArrayList<>();
        counted.examples().forEach(example -> texts.add(example.text(place)));
        profiles.put(input.name(), ofTexts.of(input.name(), texts, counted.entities()));
      } else {
        double[] numbers = counted.examples().stream().mapToDouble(e -> e.number(place)).toArray();
        profiles.put(input.name(), ofNumbers.of(input.name(), numbers, counted.entities()));
      }
    }
    return profiles;
  }

  /** The same for each window that is watched, but for those of a day; by its length. */
  Map<String, Map<String, Profile>> byWindow(
      List<Example> examples, List<Duration> windows, Map<String, Profile> daily) {
    Map<String, Map<String, Profile>> byWindow = new LinkedHashMap<>();
    for (Duration window : windows) {
      if (!window.equals(Duration.ofDays(1))) {
        byWindow.put(window.toString(), profiles(examples, window, daily));
      }
    }
    return byWindow;
  }
}
