package io.crewcast.scoring.model;

import io.crewcast.schemas.expression.NearestNames;
import io.crewcast.scoring.tree.Objective;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What stands under {@code train} in a model's file. */
record TrainSection(
    @Nullable String objective,
    @Nullable SplitYaml split,
    @Nullable String history,
    @Nullable String embargo,
    @Nullable LinkedHashMap<String, String> parameters,
    @Nullable LinkedHashMap<String, List<String>> search,
    @Nullable List<String> trusted,
    @Nullable List<Double> quantiles,
    @Nullable List<String> group,
    @Nullable String period) {

  private static final String SECTION = "train";

  /** More would rather need another kind of search than a grid. */
  private static final int MOST_COMBINATIONS = 24;

  private static final List<Double> QUANTILES = List.of(0.1, 0.5, 0.9);
  private static final String COMPANY = "company_id";

  /** Without labels there is nothing to validate or test. */
  private static final ModelSpec.Shares WHOLE = new ModelSpec.Shares(1, 0, 0);

  /** What training itself decides, so that versions are comparable and the same twice. */
  private static final Set<String> DECIDED =
      setOf("booster", "eval_metric", "num_class", "objective", "quantile_alpha", "seed");

  /**
   * What else boosting trees knows by name; XGBoost itself only warns of others.
   *
   * <p>Source: <a href="https://xgboost.readthedocs.io/en/release_3.0.0/parameter.html">XGBoost
   * Parameters</a>.
   */
  private static final Set<String> KNOWN =
      setOf(
          "alpha",
          "base_score",
          "colsample_bylevel",
          "colsample_bynode",
          "colsample_bytree",
          "device",
          "eta",
          "gamma",
          "grow_policy",
          "huber_slope",
          "interaction_constraints",
          "lambda",
          "lambdarank_bias_norm",
          "lambdarank_normalization",
          "lambdarank_num_pair_per_sample",
          "lambdarank_pair_method",
          "lambdarank_score_normalization",
          "lambdarank_unbiased",
          "learning_rate",
          "max_bin",
          "max_cached_hist_node",
          "max_cat_threshold",
          "max_cat_to_onehot",
          "max_delta_step",
          "max_depth",
          "max_leaves",
          "min_child_weight",
          "min_split_loss",
          "monotone_constraints",
          "multi_strategy",
          "ndcg_exp_gain",
          "nthread",
          "num_parallel_tree",
          "reg_alpha",
          "reg_lambda",
          "sampling_method",
          "scale_pos_weight",
          "seed_per_iteration",
          "subsample",
          "tree_method",
          "tweedie_variance_power",
          "verbosity");

  record SplitYaml(@Nullable String train, @Nullable String validate, @Nullable String test) {}

  ModelSpec.Train checked(
      Label label, List<ModelSpec.Input> inputs, Duration longestWindow, ModelFile file) {
    String named = file.required(SECTION, objective, "objective");
    if (!label.objectives().contains(named)) {
      throw file.fault(
          SECTION,
          named,
          "objective %s does not fit %s; use %s"
              .formatted(named, label.inWords(), String.join(" or ", label.objectives())));
    }
    ProblemType problem = ProblemType.of(named);
    if (problem == ProblemType.ANOMALY_DETECTION) {
      refuse(split, "split", "boosted trees", file);
      refuse(parameters, "parameters", "boosted trees", file);
      refuse(search, "search", "boosted trees", file);
    }
    Map<String, String> passedOn = parameters == null ? new LinkedHashMap<>() : parameters;
    checkNames(passedOn.keySet(), file);
    return new ModelSpec.Train(
        named,
        problem == ProblemType.ANOMALY_DETECTION ? WHOLE : shares(file),
        history == null ? longestWindow : file.duration(history),
        embargo == null || embargo.equals("label") ? Duration.ZERO : file.duration(embargo),
        passedOn,
        grid(passedOn, file),
        trusted(inputs, file),
        quantiles(problem, file),
        grouping(problem, inputs, file));
  }

  private List<Double> quantiles(ProblemType problem, ModelFile file) {
    if (problem != ProblemType.QUANTILE_REGRESSION) {
      refuse(quantiles, "quantiles", Objective.QUANTILE_ERROR.xgboostName(), file);
      return List.of();
    }
    List<Double> asked = quantiles == null ? QUANTILES : quantiles;
    for (int i = 0; i < asked.size(); i++) {
      double hundredths = 100 * asked.get(i);
      boolean whole = Math.abs(hundredths - Math.rint(hundredths)) < 1e-9;
      boolean ascends = i == 0 || asked.get(i) > asked.get(i - 1);
      if (!whole || !ascends || !(hundredths >= 1 && hundredths <= 99)) {
        throw file.fault(
            SECTION,
            "quantiles",
            "quantiles ascend from 0.01 to 0.99 by hundredths: write such as [0.1, 0.5, 0.9]");
      }
    }
    if (asked.size() < 2) {
      throw file.fault(
          SECTION, "quantiles", "quantiles needs at least two; write such as [0.1, 0.5, 0.9]");
    }
    return List.copyOf(asked);
  }

  private ModelSpec.@Nullable Grouping grouping(
      ProblemType problem, List<ModelSpec.Input> inputs, ModelFile file) {
    if (problem != ProblemType.RANKING) {
      refuse(group, "group", Objective.RANK_NDCG.xgboostName(), file);
      refuse(period, "period", Objective.RANK_NDCG.xgboostName(), file);
      return null;
    }
    List<String> names = new ArrayList<>(file.required(SECTION, group, "group"));
    if (!names.remove(COMPANY)) {
      throw file.fault(
          SECTION,
          "group",
          "group does not name company_id: no ranking is of several companies; add it");
    }
    for (String name : names) {
      if (inputs.stream().noneMatch(input -> input.name().equals(name))) {
        throw file.fault(
            SECTION,
            name,
            "group names %s; use company_id and names of inputs, such as task.phase"
                .formatted(name));
      }
    }
    return new ModelSpec.Grouping(names, file.span(file.required(SECTION, period, "period")));
  }

  private static void refuse(@Nullable Object entry, String name, String of, ModelFile file) {
    if (entry != null) {
      throw file.fault(SECTION, name, "'%s' is for %s; remove it".formatted(name, of));
    }
  }

  private ModelSpec.Shares shares(ModelFile file) {
    SplitYaml parts = file.required(SECTION, split, "split");
    ModelSpec.Shares shares =
        new ModelSpec.Shares(
            file.share(file.required(SECTION, parts.train, "split"), SECTION, "split"),
            file.share(file.required(SECTION, parts.validate, "split"), SECTION, "split"),
            file.share(file.required(SECTION, parts.test, "split"), SECTION, "split"));
    if (Math.abs(shares.train() + shares.validate() + shares.test() - 1) > 1e-9) {
      throw file.fault(SECTION, "split", "the shares of split do not add up to 100%");
    }
    return shares;
  }

  private static Set<String> setOf(String... names) {
    return new TreeSet<>(List.of(names));
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
      if (!KNOWN.contains(name)) {
        throw file.fault(
            SECTION,
            name,
            "XGBoost has no parameter '%s' for trees; %s"
                .formatted(name, NearestNames.to(name, KNOWN)));
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
