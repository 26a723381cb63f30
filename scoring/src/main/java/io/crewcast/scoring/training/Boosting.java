package io.crewcast.scoring.training;

import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.Metric;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.ProblemType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntConsumer;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;

/** Boosts trees on one split with XGBoost4J. Holds native memory until it is closed. */
final class Boosting implements AutoCloseable {

  static final String TRAINED_WITH = "xgboost4j 3.0.4";
  static final int MOST_ROUNDS = 600;
  private static final int PATIENCE = 40;

  private final ModelSpec spec;
  private final Metric metric;
  private final DMatrix train;
  private final DMatrix validate;

  /** Both of them. */
  private final DMatrix learned;

  Boosting(ModelSpec spec, ExampleTable table, Split split) {
    this.spec = spec;
    this.metric = spec.train().problem().metric();
    try {
      train = table.matrix(split.train(), Groups.of(spec, split.train()));
      validate = table.matrix(split.validate(), Groups.of(spec, split.validate()));
      learned = table.matrix(split.learned(), Groups.of(spec, split.learned()));
    } catch (XGBoostError e) {
      throw failed(spec, e);
    }
  }

  /**
   * Stops when the metric of the validation part has not become better for forty rounds.
   *
   * @param tried beside the parameters of the model's file
   * @param boosted is told each round
   */
  Trial tune(Map<String, String> tried, IntConsumer boosted) {
    try {
      Booster booster = XGBoost.train(train, parameters(tried), 0, Map.of(), null, null);
      try {
        DMatrix[] watched = {validate};
        float[] value = new float[1];
        float best = Float.NaN;
        int bestRound = 0;
        for (int round = 1; round <= MOST_ROUNDS && round - bestRound <= PATIENCE; round++) {
          booster.update(train, round - 1);
          booster.evalSet(watched, new String[] {"validate"}, round - 1, value);
          if (bestRound == 0 || metric.gain(value[0], best) > 0) {
            best = value[0];
            bestRound = round;
          }
          boosted.accept(round);
        }
        return new Trial(tried, bestRound, best);
      } finally {
        booster.dispose();
      }
    } catch (XGBoostError e) {
      throw failed(spec, e);
    }
  }

  /**
   * The trees of a trial in XGBoost's own format: as many rounds as were best, of all that is older
   * than the test part. What is newest tells the most of what comes.
   */
  byte[] trees(Trial trial) {
    try {
      Booster booster =
          XGBoost.train(
              learned, parameters(trial.parameters()), trial.rounds(), Map.of(), null, null);
      try {
        return booster.toByteArray("ubj");
      } finally {
        booster.dispose();
      }
    } catch (XGBoostError e) {
      throw failed(spec, e);
    }
  }

  private Map<String, Object> parameters(Map<String, String> tried) {
    return new LinkedHashMap<>(parameters(spec, metric, tried));
  }

  /** All that XGBoost is told, as it is told it. */
  static Map<String, String> parameters(ModelSpec spec, Metric metric, Map<String, String> tried) {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("tree_method", "hist");
    parameters.put("max_depth", "6");
    parameters.put("eta", "0.05");
    // More threads than free cores spin; a file that says another number may get other bytes.
    parameters.put("nthread", "1");
    parameters.putAll(spec.train().parameters());
    parameters.putAll(tried);
    parameters.put("booster", "gbtree");
    parameters.put("objective", spec.train().objective());
    parameters.put("eval_metric", metric.xgboostName());
    if (spec.train().problem() == ProblemType.MULTICLASS_CLASSIFICATION) {
      parameters.put("num_class", Integer.toString(spec.outputs().size()));
    }
    if (!spec.train().quantiles().isEmpty()) {
      parameters.put("quantile_alpha", spec.train().quantiles().toString());
    }
    parameters.put("seed", "42");
    return parameters;
  }

  private static InvalidModelException failed(ModelSpec spec, XGBoostError e) {
    return new InvalidModelException(
        "XGBoost4J cannot train %s: %s".formatted(spec.name(), e.getMessage()), e);
  }

  @Override
  public void close() {
    train.dispose();
    validate.dispose();
    learned.dispose();
  }
}
