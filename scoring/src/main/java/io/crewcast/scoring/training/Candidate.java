package io.crewcast.scoring.training;

import io.crewcast.scoring.explain.TreeShap;
import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.RowEncoder;
import io.crewcast.scoring.tree.FlatTrees;
import io.crewcast.scoring.tree.ModelFormatException;
import io.crewcast.scoring.tree.XgboostModelFile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** A trained model that is not published yet, asked as it would be in service. */
final class Candidate {

  /** More rows would cost minutes and hardly change a mean. */
  private static final int MOST_EXPLAINED = 10_000;

  private static final int MOST_TIMED = 5_000;
  private static final int PASSES = 8;

  private final ModelSpec spec;
  private final ExampleTable table;
  private final byte[] file;
  private final FlatTrees trees;
  private final TreeShap shap;

  /**
   * Reads the trees as XGBoost4J saves them.
   *
   * @throws InvalidModelException if the flat form does not know what the parameters ask for
   */
  Candidate(ModelSpec spec, ExampleTable table, byte[] file) {
    this.spec = spec;
    this.table = table;
    this.file = file;
    try {
      this.trees = XgboostModelFile.read(file);
    } catch (ModelFormatException e) {
      throw new InvalidModelException(
          "%s cannot be served as its parameters ask: %s".formatted(spec.name(), e.getMessage()),
          e);
    }
    this.shap = new TreeShap(trees);
  }

  /** The trees in XGBoost's own format. */
  byte[] file() {
    return file;
  }

  /**
   * How much an input moves the margins.
   *
   * @param meanAbsolute mean of the absolute SHAP values, added up over the outputs
   */
  record Importance(String input, double meanAbsolute) {}

  /** The outputs of each. */
  double[][] outputs(List<Example> examples) {
    float[] rows = table.rows(examples);
    float[] row = new float[spec.inputs().size()];
    float[] out = new float[trees.outputs()];
    FlatTrees.Walk walk = trees.walk();
    double[][] outputs = new double[examples.size()][trees.predictions()];
    for (int i = 0; i < outputs.length; i++) {
      System.arraycopy(rows, i * row.length, row, 0, row.length);
      walk.predict(row, out);
      for (int output = 0; output < outputs[i].length; output++) {
        outputs[i][output] = out[output];
      }
    }
    return outputs;
  }

  /** All inputs, that which moves the margin most first. */
  List<Importance> importances(List<Example> examples) {
    List<Example> some = spread(examples, MOST_EXPLAINED);
    int width = spec.inputs().size();
    float[] rows = table.rows(some);
    double[] contributions = new double[width * trees.outputs()];
    double[] sums = new double[width];
    TreeShap.Walk walk = shap.walk();
    for (int i = 0; i < some.size(); i++) {
      walk.contributions(Arrays.copyOfRange(rows, i * width, (i + 1) * width), contributions);
      for (int place = 0; place < contributions.length; place++) {
        sums[place % width] += Math.abs(contributions[place]);
      }
    }
    List<Importance> importances = new ArrayList<>();
    for (int input = 0; input < width; input++) {
      importances.add(new Importance(spec.inputs().get(input).name(), sums[input] / some.size()));
    }
    importances.sort(Comparator.comparingDouble(importance -> -importance.meanAbsolute()));
    return importances;
  }

  /**
   * How long encoding, scoring and, where the model's file wants it, explaining a row takes: of
   * several times the shortest, which leaves out what else the machine had to do.
   */
  Duration p99(List<Example> examples) {
    List<Object[]> values =
        spread(examples, MOST_TIMED).stream().map(example -> example.values().toArray()).toList();
    RowEncoder encoder = new RowEncoder(table.categories());
    float[] row = new float[spec.inputs().size()];
    float[] out = new float[trees.outputs()];
    double[] contributions = new double[row.length * out.length];
    FlatTrees.Walk walk = trees.walk();
    TreeShap.Walk explanation = shap.walk();
    long[] nanos = new long[values.size()];
    Arrays.fill(nanos, Long.MAX_VALUE);
    for (int pass = 0; pass < PASSES; pass++) {
      for (int i = 0; i < nanos.length; i++) {
        long start = System.nanoTime();
        encoder.encode(values.get(i), row);
        walk.predict(row, out);
        if (spec.serve().explain() > 0) {
          explanation.contributions(row, contributions);
        }
        nanos[i] = Math.min(nanos[i], System.nanoTime() - start);
      }
    }
    Arrays.sort(nanos);
    return Duration.ofNanos(nanos[(int) (0.99 * (nanos.length - 1))]);
  }

  private static List<Example> spread(List<Example> examples, int most) {
    int count = Math.min(most, examples.size());
    List<Example> some = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      some.add(examples.get((int) ((long) i * examples.size() / count)));
    }
    return some;
  }
}
