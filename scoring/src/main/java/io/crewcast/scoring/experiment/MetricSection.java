package io.crewcast.scoring.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import io.crewcast.scoring.experiment.ExperimentSpec.Margin;
import io.crewcast.scoring.experiment.ExperimentSpec.Metric;
import io.crewcast.scoring.yaml.YamlFile;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What stands under a name in {@code goals} or {@code guardrails} of an experiment's file. */
record MetricSection(
    @Nullable String from,
    @Nullable String kind,
    @Nullable String per,
    @Nullable Double cap,
    @Nullable String window,
    @Nullable String good,
    @Nullable JsonNode margin) {

  /**
   * @param section {@code goals} or {@code guardrails}
   * @param hasLabel whether the model learns from one
   */
  Metric checked(
      String section, String name, boolean hasLabel, YamlFile<InvalidExperimentException> file) {
    file.requireName(section, name);
    String observed = required(section, name, from, "from", file);
    if (observed.equals(ExperimentSpec.LABEL) && !hasLabel) {
      throw file.fault(section, name, name + ": the model has no label; name an observation");
    }
    MetricKind of = kind(section, name, file);
    if ((of == MetricKind.RATIO) != (per != null)) {
      throw file.fault(
          section,
          name,
          per == null
              ? name + " is a ratio; say per: count, or per: the observation to divide by"
              : name + " is no ratio; remove per");
    }
    if (cap != null && (!(cap > 0) || of == MetricKind.PROPORTION)) {
      throw file.fault(
          section, name, name + ": cap is above 0 and of a mean or ratio; write such as cap: 480");
    }
    return new Metric(
        name,
        of,
        observed,
        per,
        cap,
        file.span(required(section, name, window, "window", file)),
        increaseIsGood(section, name, file),
        margin(section, name, file));
  }

  private MetricKind kind(String section, String name, YamlFile<InvalidExperimentException> file) {
    String named = required(section, name, kind, "kind", file);
    Optional<MetricKind> known =
        Arrays.stream(MetricKind.values())
            .filter(each -> each.yamlName().equals(named))
            .findFirst();
    return known.orElseThrow(
        () ->
            file.fault(
                section,
                name,
                "%s: kind '%s' is none; use one of %s"
                    .formatted(
                        name,
                        named,
                        Arrays.stream(MetricKind.values())
                            .map(MetricKind::yamlName)
                            .collect(Collectors.joining(", ")))));
  }

  private boolean increaseIsGood(
      String section, String name, YamlFile<InvalidExperimentException> file) {
    String direction = required(section, name, good, "good", file);
    return switch (direction) {
      case "increase" -> true;
      case "decrease" -> false;
      default ->
          throw file.fault(
              section, name, "%s: good: %s; write increase or decrease".formatted(name, direction));
    };
  }

  private @Nullable Margin margin(
      String section, String name, YamlFile<InvalidExperimentException> file) {
    boolean isGuardrail = section.equals("guardrails");
    if (margin == null) {
      if (isGuardrail) {
        throw file.fault(
            section,
            name,
            name + ": 'margin' is missing; write what it may be worse by, such as 5% or 0");
      }
      return null;
    }
    if (!isGuardrail) {
      throw file.fault(section, name, name + " is a goal; move it to guardrails or remove margin");
    }
    if (!margin.isNumber()) {
      return new Margin(file.share(margin.asText(), section, name), true);
    }
    if (!(margin.asDouble() >= 0)) {
      throw file.fault(section, name, name + ": margin is 0 or more, in the metric's unit or in %");
    }
    return new Margin(margin.asDouble(), false);
  }

  private static <T> T required(
      String section,
      String metric,
      @Nullable T value,
      String entry,
      YamlFile<InvalidExperimentException> file) {
    if (value == null) {
      throw file.fault(section, metric, "%s: '%s' is missing; add it".formatted(metric, entry));
    }
    return value;
  }
}
