package io.crewcast.scoring.serving;

import io.crewcast.scoring.explain.TreeShap;
import io.crewcast.scoring.tree.FlatTrees;
import java.util.Arrays;
import java.util.function.ToIntFunction;

/** Asks flat trees, which answer at once. */
final class FlatScorer implements Scorer {

  private static final double[] NONE = {};

  private final FlatTrees trees;
  private final FlatTrees.Walk walk;
  private final TreeShap shap;
  private final TreeShap.Walk explanation;
  private final ToIntFunction<float[]> explained;
  private final boolean explains;
  private final Budget budget;

  /**
   * @param explained which output an answer's contributions are of
   */
  FlatScorer(
      FlatTrees trees,
      TreeShap shap,
      ToIntFunction<float[]> explained,
      boolean explains,
      Budget budget) {
    this.explained = explained;
    this.trees = trees;
    this.walk = trees.walk();
    this.shap = shap;
    this.explanation = shap.walk();
    this.explains = explains;
    this.budget = budget;
  }

  @Override
  public void ask(float[] row, Answer.Receiver receiver) {
    if (!budget.allows()) {
      receiver.accept(null);
      return;
    }
    long start = budget.now();
    float[] outputs = new float[trees.predictions()];
    walk.predict(row, outputs);
    int output = explained.applyAsInt(outputs);
    double[] contributions = NONE;
    if (explains) {
      double[] all = new double[trees.outputs() * trees.features()];
      explanation.contributions(row, all);
      contributions =
          Arrays.copyOfRange(all, output * trees.features(), (output + 1) * trees.features());
    }
    budget.spentSince(start);
    receiver.accept(new Answer(outputs, contributions, shap.baseValue(output)));
  }

  @Override
  public void flush() {}

  @Override
  public boolean isCutOff() {
    return budget.isCutOff();
  }

  @Override
  public void close() {}
}
