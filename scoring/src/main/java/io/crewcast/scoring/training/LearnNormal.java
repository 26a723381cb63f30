package io.crewcast.scoring.training;

import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelManifest;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.Profile;
import io.crewcast.scoring.model.Reference;
import io.crewcast.scoring.model.RobustDeviation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Learns from examples without labels what is normal, and publishes it; no gate can be asked. */
final class LearnNormal {

  private static final int LEAST_ROWS = 200;
  private static final String TRAINED_WITH = "median and median absolute deviation";

  private final ModelSpec spec;

  LearnNormal(ModelSpec spec) {
    this.spec = spec;
  }

  /**
   * Learns from all examples.
   *
   * @throws InvalidModelException if they are too few or no input varies
   */
  Training run(ExampleReader.Examples examples, ModelDirectory models, TrainingWatch watch)
      throws IOException {
    List<Example> all = examples.labelled();
    if (all.size() < LEAST_ROWS) {
      throw new InvalidModelException(
          "%s has %d examples to learn from, too few: backfill more events"
              .formatted(spec.name(), all.size()));
    }
    ExampleTable table = ExampleTable.learn(spec.inputs(), all);
    List<String> findings = new ArrayList<>();
    RobustDeviation normal = normal(all, findings);
    findings.forEach(watch::says);
    ModelManifest.Window window = window(all);
    ModelCard card =
        card(models.newest(spec.name()).orElse(0) + 1, examples, findings, normal, window);
    ModelManifest manifest =
        new ModelManifest(
            spec.name(),
            card.version(),
            card.objective(),
            table.manifest(),
            spec.outputs(),
            window,
            Map.of(),
            Map.of(),
            0,
            TRAINED_WITH,
            Map.of(),
            null,
            null);
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put(ModelDirectory.NORMAL, normal.bytes());
    files.put(ModelDirectory.REFERENCE, reference(all, table, normal).bytes());
    files.put(ModelDirectory.CARD, CardText.of(card).getBytes(StandardCharsets.UTF_8));
    files.put(ModelDirectory.CARD_JSON, card.json());
    return new Training(card, models.publish(manifest, files));
  }

  private RobustDeviation normal(List<Example> all, List<String> findings) {
    List<RobustDeviation.@Nullable Normal> inputs = new ArrayList<>();
    for (int i = 0; i < spec.inputs().size(); i++) {
      int place = i;
      ModelSpec.Input input = spec.inputs().get(i);
      if (!input.type().isNumber()) {
        findings.add(
            "%s is %s, which has no distance, and is left out"
                .formatted(input.name(), input.type().withArticle()));
        inputs.add(null);
        continue;
      }
      RobustDeviation.Normal learned =
          RobustDeviation.Normal.of(
                  input.name(), all.stream().mapToDouble(e -> (float) e.number(place)).toArray())
              .orElse(null);
      if (learned == null) {
        findings.add(input.name() + " does not vary, and is left out");
      }
      inputs.add(learned);
    }
    if (inputs.stream().allMatch(Objects::isNull)) {
      throw new InvalidModelException(
          "%s has no input that varies: %s; name others".formatted(spec.name(), findings));
    }
    return new RobustDeviation(inputs);
  }

  private static ModelManifest.Window window(List<Example> all) {
    String until = all.get(all.size() - 1).asOf().toString();
    return new ModelManifest.Window(
        all.get(0).asOf().toString(), until, until, until, all.size(), 0, 0);
  }

  private Reference reference(List<Example> all, ExampleTable table, RobustDeviation normal) {
    float[] rows = table.rows(all);
    int width = spec.inputs().size();
    double[] scores = new double[all.size()];
    for (int row = 0; row < scores.length; row++) {
      float[] values = new float[width];
      System.arraycopy(rows, row * width, values, 0, width);
      scores[row] = RobustDeviation.score(normal.distances(values));
    }
    Map<String, Profile> daily = table.profiles(all);
    return new Reference(
        daily,
        Map.of(spec.outputs().get(0), Profile.ofNumbers(scores, all.size())),
        null,
        table.byWindow(all, spec.monitor().windows(), daily),
        Reference.sampleOf(rows, width));
  }

  private ModelCard card(
      int version,
      ExampleReader.Examples examples,
      List<String> findings,
      RobustDeviation normal,
      ModelManifest.Window window) {
    return new ModelCard(
        spec.name(),
        version,
        spec.about(),
        spec.train().objective(),
        0,
        TRAINED_WITH,
        null,
        spec.label().entries(),
        window,
        examples.triggers(),
        findings,
        Map.of(),
        null,
        List.of(),
        Map.of(),
        null,
        List.of(),
        List.of(),
        normal.inputs().stream().filter(Objects::nonNull).toList(),
        null,
        ModelCard.Input.of(spec));
  }
}
