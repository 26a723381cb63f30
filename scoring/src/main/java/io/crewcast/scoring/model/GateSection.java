package io.crewcast.scoring.model;

import io.crewcast.schemas.ValueType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What stands under {@code gate} in a model's file. */
record GateSection(
    @Nullable String metric,
    @Nullable List<String> beats,
    @Nullable Double margin,
    @Nullable String cluster,
    @Nullable List<String> segments,
    @Nullable List<Double> calibration) {

  private static final String SECTION = "gate";

  ModelSpec.Gate checked(
      List<ModelSpec.Input> inputs,
      ModelSpec.Trigger trigger,
      ModelSpec.Train train,
      Duration budget,
      ModelFile file) {
    if (train.problem() == ProblemType.ANOMALY_DETECTION) {
      throw file.fault(SECTION, SECTION, "a gate needs labels, and the model has none; remove it");
    }
    List<ModelSpec.Rival> rivals = new ArrayList<>();
    for (String rival : beats == null ? List.of("champion", "fallback") : beats) {
      rivals.add(oneOf(ModelSpec.Rival.class, "beats", rival, file));
    }
    List<String> names = new ArrayList<>();
    for (String segment : segments == null ? List.<String>of() : segments) {
      names.add(segment(segment, inputs, file));
    }
    if (margin != null && !Double.isFinite(margin)) {
      throw file.fault(SECTION, "margin", "margin must be a number, such as 0 or -0.01");
    }
    return new ModelSpec.Gate(
        metric(train, file),
        rivals,
        margin == null ? 0 : margin,
        cluster(trigger, train, file),
        names,
        bounds(train, file),
        budget);
  }

  private Metric metric(ModelSpec.Train train, ModelFile file) {
    String named = metric;
    if (named == null) {
      return train.problem().metric();
    }
    Optional<Metric> known = Metric.named(named).filter(train.problem().metrics()::contains);
    return known.orElseThrow(
        () ->
            file.fault(
                SECTION,
                named,
                "no metric '%s' of %s; use one of %s"
                    .formatted(
                        named,
                        train.objective(),
                        train.problem().metrics().stream()
                            .map(Metric::yamlName)
                            .collect(Collectors.joining(", ")))));
  }

  /** A group that is ranked is of a company, and of several of its projects. */
  private ModelSpec.Cluster cluster(
      ModelSpec.Trigger trigger, ModelSpec.Train train, ModelFile file) {
    boolean ranks = train.problem() == ProblemType.RANKING;
    if (cluster == null && ranks) {
      return ModelSpec.Cluster.COMPANY_ID;
    } else if (cluster == null) {
      return trigger.schedule() == null
          ? ModelSpec.Cluster.PROJECT_ID
          : ModelSpec.Cluster.ENTITY_ID; // the same one again and again
    }
    ModelSpec.Cluster named = oneOf(ModelSpec.Cluster.class, "cluster", cluster, file);
    if (ranks && named != ModelSpec.Cluster.COMPANY_ID) {
      throw file.fault(
          SECTION,
          cluster,
          "a ranking is of several projects, so that they depend on each other; use cluster: company_id");
    }
    return named;
  }

  /** An input by its name, or by what stands behind the dot where only one ends so. */
  private static String segment(String name, List<ModelSpec.Input> inputs, ModelFile file) {
    List<ModelSpec.Input> found =
        inputs.stream()
            .filter(input -> input.name().equals(name) || input.name().endsWith("." + name))
            .toList();
    if (found.size() != 1) {
      throw file.fault(
          SECTION,
          name,
          "segment '%s' is %s; name one input, such as task.phase"
              .formatted(
                  name, found.isEmpty() ? "no input of the model" : "the end of several inputs"));
    }
    ModelSpec.Input input = found.get(0);
    if (input.type() != ValueType.STRING && input.type() != ValueType.BOOLEAN) {
      throw file.fault(
          SECTION,
          name,
          "segment %s is %s; segments need a text or a condition"
              .formatted(input.name(), input.type().withArticle()));
    }
    return input.name();
  }

  private ModelSpec.@Nullable Bounds bounds(ModelSpec.Train train, ModelFile file) {
    if (calibration == null) {
      return null;
    }
    if (!train.problem().hasCalibrationRatio()) {
      throw file.fault(
          SECTION,
          "calibration",
          "scores of %s do not add up to labels; remove calibration".formatted(train.objective()));
    }
    if (calibration.size() != 2 || !(calibration.get(0) <= calibration.get(1))) {
      throw file.fault(
          SECTION, "calibration", "calibration needs its bounds in order, such as [0.9, 1.1]");
    }
    return new ModelSpec.Bounds(calibration.get(0), calibration.get(1));
  }

  private static <E extends Enum<E>> E oneOf(
      Class<E> type, String entry, String name, ModelFile file) {
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> constant.name().toLowerCase(Locale.ROOT).equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                file.fault(
                    SECTION,
                    name,
                    "%s names '%s'; use %s"
                        .formatted(
                            entry,
                            name,
                            Arrays.stream(type.getEnumConstants())
                                .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                                .collect(Collectors.joining(", ")))));
  }
}
