package io.crewcast.scoring.training;

import io.crewcast.schemas.LabelOutcome;
import io.crewcast.scoring.model.ModelManifest;
import io.crewcast.scoring.model.ModelSpec;
import java.util.Locale;
import java.util.Map;

/** A version in words: what it answers, on what it was trained, and how good it was. */
record ModelCard(ModelSpec spec, ModelManifest manifest, Map<LabelOutcome, Integer> outcomes) {

  String text() {
    StringBuilder card = new StringBuilder();
    card.append("# %s, version %d\n\n".formatted(manifest.model(), manifest.version()));
    card.append("%s.\n\n".formatted(spec.about()));
    card.append("- Objective: %s, %d rounds\n".formatted(manifest.objective(), manifest.rounds()));
    card.append("- Trained with: %s\n".formatted(manifest.trainedWith()));
    card.append("- Positive: `%s`\n".formatted(spec.label().positive()));
    card.append(
        "- Negative: `%s`, within %d days\n\n"
            .formatted(spec.label().negative(), spec.label().within().toDays()));
    ModelManifest.Window window = manifest.window();
    card.append("## Data\n\n| part | from | examples |\n|---|---|---|\n");
    part(card, "train", window.from(), window.trainRows());
    part(card, "validate", window.validateFrom(), window.validateRows());
    part(card, "test, up to " + window.until(), window.testFrom(), window.testRows());
    card.append("\nAll triggers that were read: ");
    card.append(
        String.join(
            ", ",
            outcomes.entrySet().stream()
                .map(e -> e.getValue() + " " + e.getKey().name().toLowerCase(Locale.ROOT))
                .toList()));
    card.append(".\n\n## On the test part\n\n| metric | model | fallback |\n|---|---|---|\n");
    manifest
        .metrics()
        .forEach(
            (metric, value) ->
                card.append(
                    String.format(
                        Locale.ROOT,
                        "| %s | %.4f | %.4f |\n",
                        metric,
                        value,
                        manifest.baseline().getOrDefault(metric, Double.NaN))));
    card.append("\n## Inputs\n\n| input | type | meaning |\n|---|---|---|\n");
    spec.inputs()
        .forEach(
            input ->
                card.append(
                    "| %s | %s | %s |\n".formatted(input.name(), input.type(), input.about())));
    return card.toString();
  }

  private static void part(StringBuilder card, String name, String from, int rows) {
    card.append("| %s | %s | %d |\n".formatted(name, from, rows));
  }
}
