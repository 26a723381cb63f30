package io.crewcast.scoring.model;

import io.crewcast.scoring.tree.Objective;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What stands under {@code train} in a model's file. */
record TrainSection(
    @Nullable String objective,
    @Nullable SplitYaml split,
    @Nullable String history,
    @Nullable String embargo,
    @Nullable LinkedHashMap<String, String> parameters,
    @Nullable LinkedHashMap<String, List<String>> search,
    @Nullable List<String> trusted) {

  private static final String SECTION = "train";

  /** More would rather need another kind of search than a grid. */
  private static final int MOST_COMBINATIONS = 24;

  /** What a label of two values can be trained with. */
  private static final List<String> OBJECTIVES =
      Stream.of(Objective.LOGISTIC, Objective.SQUARED_ERROR).map(Objective::xgboostName).toList();

  /** What training itself decides, so that versions are comparable and the same twice. */
  private static final Set<String> DECIDED =
      new TreeSet<>(Set.of("booster", "eval_metric", "objective", "seed"));

  record SplitYaml(@Nullable String train, @Nullable String validate, @Nullable String test) {}

  ModelSpec.Train checked(List<ModelSpec.Input> inputs, Duration longestWindow, ModelFile file) {
    String named = file.required(objective, "objective");
    if (!OBJECTIVES.contains(named)) {
      throw file.fault(
          SECTION,
          named,
          "objective %s does not fit a label of two values; use %s"
              .formatted(named, String.join(" or ", OBJECTIVES)));
    }
    Map<String, String> passedOn = parameters == null ? new LinkedHashMap<>() : parameters;
    checkNames(passedOn.keySet(), file);
    return new ModelSpec.Train(
        named,
        shares(file),
        history == null ? longestWindow : file.duration(history),
        embargo == null || embargo.equals("label") ? Duration.ZERO : file.duration(embargo),
        passedOn,
        grid(passedOn, file),
        trusted(inputs, file));
  }

  private ModelSpec.Shares shares(ModelFile file) {
    SplitYaml parts = file.required(split, "split");
    ModelSpec.Shares shares =
        new ModelSpec.Shares(
            file.share(file.required(parts.train, "split"), SECTION, "split"),
            file.share(file.required(parts.validate, "split"), SECTION, "split"),
            file.share(file.required(parts.test, "split"), SECTION, "split"));
    if (Math.abs(shares.train() + shares.validate() + shares.test() - 1) > 1e-9) {
      throw file.fault(SECTION, "split", "the shares of split do not add up to 100%");
    }
    return shares;
  }

  private static void checkNames(Set<String> names, ModelFile file) {
    for (String name : names) {
      if (DECIDED.contains(name)) {
        throw file.fault(
            SECTION,
            name,
            "parameter '%s' is not for a model's file: training decides %s"
                .formatted(name, String.join(", ", DECIDED)));
      }
    }
  }

  private Map<String, List<String>> grid(Map<String, String> passedOn, ModelFile file) {
    if (search == null) {
      return new LinkedHashMap<>();
    }
    checkNames(search.keySet(), file);
    long combinations = 1;
    for (Map.Entry<String, List<String>> tried : search.entrySet()) {
      if (tried.getValue().isEmpty() || passedOn.containsKey(tried.getKey())) {
        throw file.fault(
            SECTION,
            "search",
            "search tries values of %s: write at least one, and none under parameters"
                .formatted(tried.getKey()));
      }
      combinations = Math.min(Integer.MAX_VALUE, combinations * tried.getValue().size());
    }
    if (combinations > MOST_COMBINATIONS) {
      throw file.fault(
          SECTION,
          "search",
          "search has %d combinations, at most %d are tried; remove values"
              .formatted(combinations, MOST_COMBINATIONS));
    }
    return search;
  }

  private List<String> trusted(List<ModelSpec.Input> inputs, ModelFile file) {
    if (trusted == null) {
      return List.of();
    }
    Set<String> names = inputs.stream().map(ModelSpec.Input::name).collect(Collectors.toSet());
    for (String input : trusted) {
      if (!names.contains(input)) {
        throw file.fault(
            SECTION, input, "trusted names %s, which is no input of the model".formatted(input));
      }
    }
    return List.copyOf(trusted);
  }
}
