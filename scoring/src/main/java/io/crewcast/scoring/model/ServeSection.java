package io.crewcast.scoring.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What stands under {@code serve} in a model's file. */
record ServeSection(
    @Nullable Integer explain,
    @Nullable String budget,
    @Nullable String deadline,
    @Nullable String best,
    @Nullable List<JsonNode> fallback,
    @JsonProperty("alert_above") @Nullable Double alertAbove) {

  private static final String SECTION = "serve";
  private static final Pattern MILLIS = Pattern.compile("([1-9]\\d{0,4})ms");
  private static final Duration DEADLINE = Duration.ofSeconds(1);
  private static final int MOST_EXPLAINED = 100;

  /**
   * @param outputs what the model answers
   */
  ModelSpec.Serve checked(Label label, List<String> outputs, ModelFile file) {
    List<JsonNode> answers = file.required(SECTION, fallback, "fallback");
    if (answers.isEmpty()) {
      throw file.fault("fallback", "fallback is empty; write what answers without a model");
    }
    int named = explain == null ? 0 : explain;
    if (named < 0 || named > MOST_EXPLAINED) {
      throw file.fault(
          SECTION,
          "explain",
          "explain: %d inputs; write how many a prediction names, 0 to %d"
              .formatted(named, MOST_EXPLAINED));
    }
    if (alertAbove != null && !outputs.equals(ProblemType.SCORE)) {
      throw file.fault(
          "alert_above",
          "alert_above needs a model that answers one score, not %s; remove it"
              .formatted(String.join(", ", outputs)));
    }
    if (best != null && !List.of("highest", "lowest").contains(best)) {
      throw file.fault(SECTION, "best", "best: %s; write highest or lowest".formatted(best));
    }
    return new ModelSpec.Serve(
        named,
        label instanceof Label.Classes
            ? ofClass(answers, outputs, file)
            : ofNumber(answers, outputs, file),
        budget == null ? null : millis(budget, "budget", file),
        deadline == null ? DEADLINE : millis(deadline, "deadline", file),
        "lowest".equals(best),
        alertAbove);
  }

  /** Columns in order, and at the end a number. */
  private static ModelSpec.Fallback ofNumber(
      List<JsonNode> answers, List<String> outputs, ModelFile file) {
    List<ModelSpec.Value> values = new ArrayList<>();
    Double constant = null;
    for (JsonNode answer : answers) {
      if (answer.isNumber()) {
        constant = answer.asDouble();
      } else {
        ModelSpec.Input input = file.column(answer.asText());
        if (!input.type().isNumber()) {
          throw file.fault("fallback", input.name() + " is no number; a fallback must be one");
        }
        values.add(input.value());
      }
    }
    if (constant == null) {
      throw file.fault("fallback", "fallback needs a number as its last entry");
    }
    return ModelSpec.Fallback.ofNumber(values, outputs, constant);
  }

  private static ModelSpec.Fallback ofClass(
      List<JsonNode> answers, List<String> classes, ModelFile file) {
    String named = answers.get(0).asText();
    if (answers.size() != 1 || !classes.contains(named)) {
      throw file.fault(
          "fallback",
          "fallback of classes needs one of them and nothing else: [%s]"
              .formatted(String.join("] or [", classes)));
    }
    return ModelSpec.Fallback.ofClass(classes, named);
  }

  private static Duration millis(String text, String name, ModelFile file) {
    var matcher = MILLIS.matcher(text);
    if (!matcher.matches()) {
      throw file.fault(
          SECTION, name, "%s: '%s' is no time; write such as 5ms".formatted(name, text));
    }
    return Duration.ofMillis(Long.parseLong(matcher.group(1)));
  }
}
