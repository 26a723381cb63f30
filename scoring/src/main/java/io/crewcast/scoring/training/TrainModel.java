package io.crewcast.scoring.training;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.crewcast.schemas.LabelOutcome;
import io.crewcast.schemas.ValueType;
import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelManifest;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.Reference;
import io.crewcast.scoring.tree.FlatTrees;
import io.crewcast.scoring.tree.Objective;
import io.crewcast.scoring.tree.XgboostModelFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.jspecify.annotations.Nullable;

/**
 * Trains one version of a model from the lake's examples and publishes it.
 *
 * <p>The triggers are split by time. What validates or tests is later than all that trains, and an
 * example trains only if its label was known by then. Rounds are chosen on the validation part;
 * metrics are those of the test part, which chose nothing. The same examples give the same bytes.
 */
public final class TrainModel {

  private static final int MOST_ROUNDS = 600;
  private static final int PATIENCE = 40;
  private static final int LEAST_ROWS = 200;
  private static final String TRAINED_WITH = "xgboost4j 3.0.4";

  private final ModelSpec spec;
  private final boolean probability;

  public TrainModel(ModelSpec spec) {
    this.spec = spec;
    this.probability = spec.train().objective().equals(Objective.LOGISTIC.xgboostName());
    if (spec.train().objective().equals(Objective.SOFTPROB.xgboostName())) {
      throw new InvalidModelException(
          spec.name() + " has a label of two values; train it with binary:logistic");
    }
  }

  /** The parts of the examples, in time. */
  private record Split(
      List<Example> train,
      List<Example> validate,
      List<Example> test,
      Instant validateFrom,
      Instant testFrom) {}

  /**
   * Trains and publishes the next version.
   *
   * @param until only triggers and labels before it; null: all
   * @param leftTruncatedToo whether those train whose windows had not been filled
   */
  public ModelDirectory.Version run(
      Path lake, ModelDirectory models, @Nullable Instant until, boolean leftTruncatedToo)
      throws IOException {
    ExampleReader.Examples examples = new ExampleReader(lake).read(spec, until, leftTruncatedToo);
    Split split = split(examples);
    ExampleTable table = ExampleTable.learn(spec.inputs(), split.train);
    byte[] trees;
    int rounds;
    try {
      rounds = rounds(table, split);
      trees = train(table, split, rounds);
    } catch (XGBoostError e) {
      throw new InvalidModelException(
          "XGBoost4J cannot train %s: %s".formatted(spec.name(), e.getMessage()), e);
    }
    FlatTrees flat = XgboostModelFile.read(trees);
    double[] labels = split.test.stream().mapToDouble(Example::label).toArray();
    ModelManifest manifest =
        manifest(
            models.newest(spec.name()).orElse(0) + 1,
            table,
            split,
            rounds,
            metrics(scores(flat, table, split.test), labels),
            metrics(fallbacks(split.test), labels));
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put(ModelDirectory.TREES, trees);
    files.put(
        ModelDirectory.REFERENCE,
        new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .writeValueAsBytes(reference(scores(flat, table, split.train), split.train)));
    files.put(
        ModelDirectory.CARD,
        new ModelCard(spec, manifest, examples.outcomes()).text().getBytes(StandardCharsets.UTF_8));
    return models.publish(manifest, files);
  }

  private Split split(ExampleReader.Examples examples) {
    List<Example> all = examples.labelled();
    ModelSpec.Shares shares = spec.train().shares();
    int validateAt = (int) (all.size() * shares.train());
    int testAt = (int) (all.size() * (shares.train() + shares.validate()));
    if (all.size() < LEAST_ROWS || testAt <= validateAt || testAt >= all.size()) {
      throw new InvalidModelException(
          "%s has %d examples to train on (%s), too few: backfill more events%s"
              .formatted(
                  spec.name(),
                  all.size(),
                  outcomes(examples.outcomes()),
                  examples.outcomes().containsKey(LabelOutcome.LEFT_TRUNCATED)
                      ? ", or train with --keep-left-truncated, or backfill with a shorter history in the model's file"
                      : ""));
    }
    Instant validateFrom = all.get(validateAt).asOf();
    Instant testFrom = all.get(testAt).asOf();
    List<Example> train = knownBefore(validateFrom, all.subList(0, validateAt));
    List<Example> validate = knownBefore(testFrom, all.subList(validateAt, testAt));
    if (validate.isEmpty() || train.stream().mapToDouble(Example::label).distinct().count() < 2) {
      throw new InvalidModelException(
          "%s has labels of one kind only in its training part: backfill more events"
              .formatted(spec.name()));
    }
    return new Split(train, validate, all.subList(testAt, all.size()), validateFrom, testFrom);
  }

  private static List<Example> knownBefore(Instant boundary, List<Example> examples) {
    return examples.stream()
        .filter(e -> e.asOf().isBefore(boundary) && e.labelledAt().isBefore(boundary))
        .toList();
  }

  private static String outcomes(Map<LabelOutcome, Integer> outcomes) {
    List<String> texts = new ArrayList<>();
    outcomes.forEach((outcome, count) -> texts.add(outcome + " " + count));
    return String.join(", ", texts);
  }

  private Map<String, Object> parameters() {
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("tree_method", "hist");
    parameters.put("max_depth", "6");
    parameters.put("eta", "0.05");
    parameters.putAll(spec.train().parameters());
    parameters.put("objective", spec.train().objective());
    parameters.put("eval_metric", probability ? "auc" : "rmse");
    parameters.put("seed", 42);
    parameters.put("nthread", 2);
    return parameters;
  }

  /** How many rounds are best on the validation part. */
  private int rounds(ExampleTable table, Split split) throws XGBoostError {
    DMatrix train = table.matrix(split.train);
    DMatrix validate = table.matrix(split.validate);
    try {
      Booster booster = XGBoost.train(train, parameters(), 0, Map.of(), null, null);
      try {
        DMatrix[] watched = {validate};
        float[] metric = new float[1];
        float bestMetric = 0;
        int best = 0;
        for (int round = 1; round <= MOST_ROUNDS && round - best <= PATIENCE; round++) {
          booster.update(train, round - 1);
          booster.evalSet(watched, new String[] {"validate"}, round - 1, metric);
          boolean better = probability ? metric[0] > bestMetric : metric[0] < bestMetric;
          if (best == 0 || better) {
            bestMetric = metric[0];
            best = round;
          }
        }
        return best;
      } finally {
        booster.dispose();
      }
    } finally {
      train.dispose();
      validate.dispose();
    }
  }

  private byte[] train(ExampleTable table, Split split, int rounds) throws XGBoostError {
    DMatrix train = table.matrix(split.train);
    try {
      Booster booster = XGBoost.train(train, parameters(), rounds, Map.of(), null, null);
      try {
        return booster.toByteArray("ubj");
      } finally {
        booster.dispose();
      }
    } finally {
      train.dispose();
    }
  }

  private double[] scores(FlatTrees flat, ExampleTable table, List<Example> examples) {
    float[] rows = table.rows(examples);
    float[] row = new float[spec.inputs().size()];
    float[] out = new float[flat.outputs()];
    double[] scores = new double[examples.size()];
    for (int i = 0; i < scores.length; i++) {
      System.arraycopy(rows, i * row.length, row, 0, row.length);
      flat.predict(row, out);
      scores[i] = out[0];
    }
    return scores;
  }

  /** What the fallback would have answered: of its values, those that are inputs are known here. */
  private double[] fallbacks(List<Example> examples) {
    List<Integer> places = new ArrayList<>();
    for (ModelSpec.Value value : spec.serve().fallback()) {
      for (int i = 0; i < spec.inputs().size(); i++) {
        if (spec.inputs().get(i).value().equals(value)) {
          places.add(i);
        }
      }
    }
    return examples.stream()
        .mapToDouble(
            example -> {
              for (int place : places) {
                if (example.values().get(place) instanceof Number number) {
                  return number.doubleValue();
                }
              }
              return spec.serve().constant();
            })
        .toArray();
  }

  private Map<String, Double> metrics(double[] scores, double[] labels) {
    return probability
        ? Metrics.ofProbabilities(scores, labels)
        : Metrics.ofNumbers(scores, labels);
  }

  private ModelManifest manifest(
      int version,
      ExampleTable table,
      Split split,
      int rounds,
      Map<String, Double> metrics,
      Map<String, Double> baseline) {
    List<ModelManifest.Input> inputs = new ArrayList<>();
    for (int i = 0; i < spec.inputs().size(); i++) {
      ModelSpec.Input input = spec.inputs().get(i);
      inputs.add(
          new ModelManifest.Input(
              input.name(),
              input.type().name().toLowerCase(Locale.ROOT),
              table.categories().get(i)));
    }
    return new ModelManifest(
        spec.name(),
        version,
        spec.train().objective(),
        inputs,
        List.of("score"),
        new ModelManifest.Window(
            split.train.get(0).asOf().toString(),
            split.validateFrom.toString(),
            split.testFrom.toString(),
            split.test.get(split.test.size() - 1).asOf().toString(),
            split.train.size(),
            split.validate.size(),
            split.test.size()),
        metrics,
        baseline,
        rounds,
        TRAINED_WITH,
        Map.of());
  }

  private Reference reference(double[] scores, List<Example> train) {
    Map<String, Reference.Profile> inputs = new LinkedHashMap<>();
    for (int i = 0; i < spec.inputs().size(); i++) {
      int place = i;
      ModelSpec.Input input = spec.inputs().get(i);
      if (input.type() == ValueType.STRING) {
        List<@Nullable String> texts = new ArrayList<>();
        train.forEach(example -> texts.add((String) example.values().get(place)));
        inputs.put(input.name(), Reference.ofTexts(texts));
      } else {
        inputs.put(
            input.name(),
            Reference.ofNumbers(
                train.stream().mapToDouble(e -> number(e.values().get(place))).toArray()));
      }
    }
    return new Reference(inputs, Reference.ofNumbers(scores));
  }

  private static double number(@Nullable Object value) {
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    return value instanceof Boolean yes ? (yes ? 1 : 0) : Double.NaN;
  }
}
