package io.crewcast.scoring.experiment;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.ValueType;
import io.crewcast.schemas.expression.Expression;
import io.crewcast.schemas.expression.FactFields;
import io.crewcast.schemas.expression.InvalidExpressionException;
import io.crewcast.scoring.experiment.ExperimentSpec.Covariate;
import io.crewcast.scoring.experiment.ExperimentSpec.Metric;
import io.crewcast.scoring.model.Label;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.rollout.Variation;
import io.crewcast.scoring.yaml.YamlFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads one file of {@code flink-conf/experiments}; every fault names file, line and what to do.
 */
final class ExperimentFile {

  private static final double ALPHA = 0.05;

  private final YamlFile<InvalidExperimentException> file;

  private ExperimentFile(YamlFile<InvalidExperimentException> file) {
    this.file = file;
  }

  /** The file as it is written. */
  private record Yaml(
      @Nullable String experiment,
      @Nullable String about,
      @Nullable String model,
      @Nullable String unit,
      @Nullable LinkedHashMap<String, String> variations,
      @Nullable LinkedHashMap<String, String> weights,
      @Nullable String coverage,
      @Nullable String audience,
      @Nullable LinkedHashMap<String, MetricSection> goals,
      @Nullable LinkedHashMap<String, MetricSection> guardrails,
      @Nullable String start,
      @Nullable String end,
      @JsonProperty("planned_units") @Nullable Long plannedUnits,
      @Nullable Double alpha,
      @Nullable String correction,
      @Nullable String covariate,
      @Nullable List<String> ramp,
      @Nullable String hold,
      @Nullable String act) {}

  static List<ExperimentSpec> loadAll(Path experiments, List<ModelSpec> models) {
    return Files.isDirectory(experiments)
        ? YamlFile.in(experiments).stream().map(path -> load(path, models)).toList()
        : List.of();
  }

  static ExperimentSpec load(Path path, List<ModelSpec> models) {
    YamlFile<InvalidExperimentException> file =
        YamlFile.open(path, "experiments", InvalidExperimentException::new);
    return new ExperimentFile(file).check(file.read(Yaml.class), models);
  }

  private ExperimentSpec check(Yaml yaml, List<ModelSpec> models) {
    String name = required(yaml.experiment, "experiment");
    file.requireOwnName("experiment", name);
    ModelSpec model = model(required(yaml.model, "model"), models);
    Instant start = instant(required(yaml.start, "start"), "start");
    Instant end = instant(required(yaml.end, "end"), "end");
    if (!start.isBefore(end)) {
      throw fault("end:", "end is not after start");
    }
    long planned = required(yaml.plannedUnits, "planned_units");
    if (planned < 1) {
      throw fault("planned_units", "planned_units: write how many units a decision is expected at");
    }
    double alpha = yaml.alpha == null ? ALPHA : yaml.alpha;
    if (!(alpha > 0 && alpha < 0.5)) {
      throw fault("alpha", "alpha is above 0 and below 0.5; write such as 0.05");
    }
    double coverage = yaml.coverage == null ? 1 : file.share(yaml.coverage, "", "coverage");
    if (coverage == 0) {
      throw fault("coverage", "coverage 0% exposes nobody; write such as 20%");
    }
    return new ExperimentSpec(
        name,
        required(yaml.about, "about"),
        model.name(),
        unit(yaml.unit, model),
        variations(required(yaml.variations, "variations"), yaml.weights),
        coverage,
        yaml.audience == null ? null : audience(yaml.audience, model),
        metrics(required(yaml.goals, "goals"), yaml.guardrails, model),
        start,
        end,
        planned,
        alpha,
        correction(yaml.correction),
        yaml.covariate == null ? null : covariate(yaml.covariate, model),
        ramp(yaml));
  }

  private ModelSpec model(String name, List<ModelSpec> models) {
    return models.stream()
        .filter(model -> model.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                fault(
                    "model:",
                    "no model '%s' is defined; use one of %s"
                        .formatted(
                            name,
                            models.stream()
                                .map(ModelSpec::name)
                                .collect(Collectors.joining(", ")))));
  }

  private @Nullable EntityType unit(@Nullable String unit, ModelSpec model) {
    if (unit == null || unit.equals("company")) {
      return null;
    }
    List<EntityType> named =
        Arrays.stream(EntityType.values()).filter(model.trigger().from()::canName).toList();
    return named.stream()
        .filter(entity -> FeatureSchema.nameOf(entity).equals(unit))
        .findFirst()
        .orElseThrow(
            () ->
                fault(
                    "unit:",
                    "unit '%s': a %s names company, %s"
                        .formatted(
                            unit,
                            model.trigger().from().yamlName(),
                            named.stream()
                                .map(FeatureSchema::nameOf)
                                .collect(Collectors.joining(", ")))));
  }

  private List<Variation> variations(
      Map<String, String> declared, @Nullable Map<String, String> weights) {
    if (declared.size() < 2) {
      throw fault("variations", "variations needs a control and another, such as {a: 1, b: 2}");
    }
    if (weights != null && !weights.keySet().equals(declared.keySet())) {
      throw fault("weights", "weights needs one share each of " + declared.keySet());
    }
    List<Variation> variations = new ArrayList<>();
    double sum = 0;
    for (Map.Entry<String, String> variation : declared.entrySet()) {
      String name = variation.getKey();
      file.requireName("variations", name);
      double weight =
          weights == null
              ? 1.0 / declared.size()
              : file.share(String.valueOf(weights.get(name)), "weights", name);
      if (weight == 0) {
        throw fault("weights", name + " has no units; give it a share or remove the variation");
      }
      sum += weight;
      variations.add(new Variation(name, version(name, variation.getValue()), weight));
    }
    if (Math.abs(sum - 1) > 1e-9) {
      throw fault("weights", "the shares of weights do not add up to 100%");
    }
    return List.copyOf(variations);
  }

  private @Nullable Integer version(String name, String served) {
    if (served.equals(ExperimentSpec.FALLBACK)) {
      return null;
    }
    if (!served.matches("[1-9]\\d{0,8}")) {
      throw file.fault(
          "variations",
          name,
          "%s: '%s' is no version; write such as 2, or fallback".formatted(name, served));
    }
    return Integer.valueOf(served);
  }

  private Expression audience(String source, ModelSpec model) {
    Map<String, ValueType> scope = new HashMap<>(FactFields.types(model.trigger().from()));
    for (FeatureSchema schema : model.schemas().values()) {
      schema.columns().forEach(c -> scope.put(schema.name() + "." + c.name(), c.type()));
    }
    scope.put(ModelSpec.AS_OF, ValueType.INSTANT);
    try {
      return Expression.condition(source, scope);
    } catch (InvalidExpressionException e) {
      throw fault(source, String.valueOf(e.getMessage()));
    }
  }

  private List<Metric> metrics(
      Map<String, MetricSection> goals,
      @Nullable Map<String, MetricSection> guardrails,
      ModelSpec model) {
    if (goals.isEmpty()) {
      throw fault("goals", "goals is empty; name what a variation is to be better at");
    }
    boolean hasLabel = !(model.label() instanceof Label.None);
    List<Metric> metrics = new ArrayList<>();
    goals.forEach((name, goal) -> metrics.add(goal.checked("goals", name, hasLabel, file)));
    if (guardrails != null) {
      guardrails.forEach(
          (name, guardrail) -> metrics.add(guardrail.checked("guardrails", name, hasLabel, file)));
    }
    Set<String> names = new HashSet<>();
    for (Metric metric : metrics) {
      if (!names.add(metric.name())) {
        throw file.fault(
            "guardrails",
            metric.name(),
            metric.name() + " is a goal too; call one of them otherwise");
      }
    }
    return List.copyOf(metrics);
  }

  private Ramp ramp(Yaml yaml) {
    List<Double> steps = new ArrayList<>();
    for (String step : yaml.ramp == null ? List.<String>of() : yaml.ramp) {
      double share = file.share(step, "", "ramp");
      if (share <= (steps.isEmpty() ? 0 : steps.get(steps.size() - 1))) {
        throw fault("ramp", "the steps of ramp do not grow; write such as [1%, 10%, 100%]");
      }
      steps.add(share);
    }
    if (yaml.ramp != null && yaml.coverage != null) {
      throw fault("coverage", "coverage and ramp: keep one, the first step is the coverage");
    }
    if (steps.isEmpty() && yaml.hold != null) {
      throw fault("hold", "hold is between the steps of a ramp; add ramp, or remove it");
    }
    return new Ramp(
        List.copyOf(steps),
        yaml.hold == null ? Ramp.NONE.hold() : file.span(yaml.hold),
        isAutomatic(yaml.act));
  }

  private boolean isAutomatic(@Nullable String act) {
    if (act != null && !act.equals("automatic") && !act.equals("advise")) {
      throw fault("act:", "act: %s; write automatic or advise".formatted(act));
    }
    return "automatic".equals(act);
  }

  private Correction correction(@Nullable String named) {
    if (named == null) {
      return Correction.HOLM;
    }
    return Arrays.stream(Correction.values())
        .filter(correction -> correction.yamlName().equals(named))
        .findFirst()
        .orElseThrow(
            () -> fault("correction", "correction: %s; write holm or bh".formatted(named)));
  }

  private Covariate covariate(String name, ModelSpec model) {
    List<ModelSpec.Input> inputs = model.inputs();
    for (int i = 0; i < inputs.size(); i++) {
      if (inputs.get(i).name().equals(name)) {
        if (!inputs.get(i).type().isNumber()) {
          throw fault("covariate", "covariate %s is no number; name one".formatted(name));
        }
        return new Covariate(name, i);
      }
    }
    throw fault(
        "covariate",
        "covariate '%s' is no input of %s; use one of %s"
            .formatted(
                name,
                model.name(),
                inputs.stream()
                    .filter(input -> input.type().isNumber())
                    .map(ModelSpec.Input::name)
                    .collect(Collectors.joining(", "))));
  }

  private Instant instant(String text, String entry) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException unused) { // says less
      throw fault(
          entry + ":", "%s: '%s' is no instant; write 2026-01-01T00:00:00Z".formatted(entry, text));
    }
  }

  private <T> T required(@Nullable T value, String name) {
    return file.required("", value, name);
  }

  private InvalidExperimentException fault(String mention, String message) {
    return file.fault("", mention, message);
  }
}
