package io.crewcast.scoring.training;

import io.crewcast.scoring.model.ModelManifest;
import io.crewcast.scoring.model.RobustDeviation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A model card in Markdown. What a card does not have gets no heading. */
final class CardText {

  private final StringBuilder text = new StringBuilder();
  private final ModelCard card;

  private CardText(ModelCard card) {
    this.card = card;
  }

  static String of(ModelCard card) {
    CardText text = new CardText(card);
    text.head();
    text.data();
    text.gate();
    text.metrics();
    text.calibration();
    text.segments();
    text.contributions();
    text.normal();
    text.search();
    text.inputs();
    return text.text.toString();
  }

  private void head() {
    line("# %s, version %d", card.model(), card.version());
    line("");
    line("%s.", card.about());
    line("");
    line("- Objective: %s, %d rounds", card.objective(), card.rounds());
    line("- Trained with: %s", card.trainedWith());
    if (!card.parameters().isEmpty()) {
      line(
          "- Parameters: `%s`",
          card.parameters().entrySet().stream()
              .map(Map.Entry::toString)
              .collect(Collectors.joining("`, `")));
    }
    ModelManifest.Origin origin = card.origin();
    if (origin != null) {
      line(
          "- Imported: %s saved it as `%s`%s; trained until %s",
          origin.savedBy(),
          origin.modelClass(),
          origin.runId() == null ? "" : " in run " + origin.runId(),
          origin.trainedUntil() == null ? "a time that nobody said" : origin.trainedUntil());
    }
    card.label().forEach((entry, says) -> line("- Label, %s: `%s`", entry, says));
  }

  private void data() {
    ModelManifest.Window window = card.window();
    if (window == null) {
      return;
    }
    heading("Data");
    row("part", "from", "examples");
    rule(3);
    row("train", window.from(), window.trainRows());
    row("validate", window.validateFrom(), window.validateRows());
    row("test, up to " + window.until(), window.testFrom(), window.testRows());
    line("");
    line(
        "All triggers that were read: %s.",
        String.join(
            ", ",
            card.triggers().entrySet().stream()
                .map(outcome -> outcome.getValue() + " " + outcome.getKey())
                .toList()));
    items("What was found in the part that trains:", card.findings());
  }

  private void gate() {
    Verdict gate = card.gate();
    if (gate == null) {
      return;
    }
    heading("Gate");
    line(
        gate.passed()
            ? "It passed."
            : "It did not pass, and was published all the same by `--force`.");
    items("Why it did not pass:", gate.reasons());
    items("What could not be asked:", gate.notes());
    if (gate.comparisons().isEmpty()) {
      return;
    }
    line("");
    line(
        "On the test part, by %s; the 95 %% interval is a bootstrap by cluster and must stay above %s.",
        gate.metric(), gate.margin());
    line("");
    row("other", "model", "other", "better by", "from", "to", "clusters");
    rule(7);
    for (Verdict.Comparison with : gate.comparisons()) {
      row(
          with.other(),
          with.model(),
          with.otherValue(),
          with.difference(),
          with.low(),
          with.high(),
          with.clusters());
    }
  }

  private void metrics() {
    if (card.metrics().isEmpty()) {
      return;
    }
    heading("On the test part");
    Set<String> names = new LinkedHashSet<>();
    card.metrics().values().forEach(metrics -> names.addAll(metrics.keySet()));
    List<Object> head = new ArrayList<>(List.of("metric"));
    head.addAll(card.metrics().keySet());
    row(head.toArray());
    rule(head.size());
    for (String name : names) {
      List<Object> values = new ArrayList<>(List.of(name));
      for (Map<String, Double> metrics : card.metrics().values()) {
        values.add(metrics.getOrDefault(name, Double.NaN));
      }
      row(values.toArray());
    }
  }

  private void calibration() {
    Calibration calibration = card.calibration();
    if (calibration == null) {
      return;
    }
    heading("Calibration");
    row("score from", "examples", "mean score", "share of positives");
    rule(4);
    for (Calibration.Bin bin : calibration.bins()) {
      row(bin.from(), bin.count(), bin.meanScore(), bin.positives());
    }
    line("");
    line("Expected calibration error: %s.", inWords(calibration.ece()));
  }

  private void segments() {
    if (card.segments().isEmpty()) {
      return;
    }
    heading("By segment");
    Segment first = card.segments().get(0);
    List<Object> head = new ArrayList<>(List.of("input", "value", "examples"));
    if (first.labelShare() != null) {
      head.addAll(List.of("mean of labels", "calibration ratio"));
    }
    head.addAll(first.metric().keySet());
    row(head.toArray());
    rule(head.size());
    for (Segment segment : card.segments()) {
      List<Object> values =
          new ArrayList<>(List.of(segment.input(), segment.value(), segment.count()));
      Stream.of(segment.labelShare(), segment.calibrationRatio())
          .filter(Objects::nonNull)
          .forEach(values::add);
      values.addAll(segment.metric().values());
      row(values.toArray());
    }
  }

  private void contributions() {
    if (card.contributions().isEmpty()) {
      return;
    }
    heading("What moves the score");
    row("input", "mean absolute SHAP value, in units of the margin");
    rule(2);
    card.contributions().forEach(input -> row(input.input(), input.meanAbsolute()));
  }

  private void normal() {
    if (card.normal().isEmpty()) {
      return;
    }
    heading("What is normal");
    line(
        "The score is z / (z + %s), z the greatest distance of an input from its median by its scale: 0.7 where that is 3.5.",
        RobustDeviation.HALF_WAY);
    line("");
    row("input", "median", "scale");
    rule(3);
    card.normal().forEach(input -> row(input.input(), input.median(), input.scale()));
  }

  private void search() {
    if (card.search().size() < 2) {
      return;
    }
    heading("Search");
    line("Each on the validation part, by %s.", String.valueOf(card.tunedBy()));
    line("");
    List<Object> head = new ArrayList<>(card.search().get(0).parameters().keySet());
    head.addAll(List.of("rounds", String.valueOf(card.tunedBy())));
    row(head.toArray());
    rule(head.size());
    for (Trial trial : card.search()) {
      List<Object> values = new ArrayList<>(trial.parameters().values());
      values.addAll(List.of(trial.rounds(), trial.metric()));
      row(values.toArray());
    }
  }

  private void inputs() {
    heading("Inputs");
    row("input", "type", "meaning");
    rule(3);
    card.inputs().forEach(input -> row(input.name(), input.type(), input.about()));
  }

  private void heading(String heading) {
    line("");
    line("## %s", heading);
    line("");
  }

  private void items(String intro, List<String> items) {
    if (!items.isEmpty()) {
      line("");
      line("%s", intro);
      line("");
      items.forEach(item -> line("- %s", item));
    }
  }

  private void row(Object... cells) {
    line("| %s |", String.join(" | ", Arrays.stream(cells).map(CardText::inWords).toList()));
  }

  private void rule(int columns) {
    line("%s|", "|---".repeat(columns));
  }

  private static String inWords(Object cell) {
    return cell instanceof Double number
        ? String.format(Locale.ROOT, "%.4f", number)
        : cell.toString().replace("|", "\\|");
  }

  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
