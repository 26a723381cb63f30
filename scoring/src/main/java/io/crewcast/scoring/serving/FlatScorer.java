package io.crewcast.scoring.serving;

import io.crewcast.scoring.explain.TreeShap;
import io.crewcast.scoring.tree.FlatTrees;
import java.util.Arrays;
import java.util.function.ToIntFunction;

/** Asks flat trees. */
final class FlatScorer extends ImmediateScorer {

  private final FlatTrees trees;
  private final FlatTrees.Walk walk;
  private final TreeShap shap;
  private final TreeShap.Walk explanation;
  private final ToIntFunction<float[]> explained;
  private final boolean explains;

  /**
   * @param explained which output an answer's contributions are of
   */
  FlatScorer(
      FlatTrees trees,
      TreeShap shap,
      ToIntFunction<float[]> explained,
      boolean explains,
      Budget budget) {
    super(budget);
    this.explained = explained;
    this.trees = trees;
    this.walk = trees.walk();
    this.shap = shap;
    this.explanation = shap.walk();
    this.explains = explains;
  }

  @Override
  Answer answer(float[] row) {
    float[] outputs = new float[trees.predictions()];
    walk.predict(row, outputs);
    int output = explained.applyAsInt(outputs);
    double[] contributions = NOT_EXPLAINED;
    if (explains) {
      double[] all = new double[trees.outputs() * trees.features()];
      explanation.contributions(row, all);
      contributions =
          Arrays.copyOfRange(all, output * trees.features(), (output + 1) * trees.features());
    }
    return new Answer(outputs, contributions, shap.baseValue(output));
  }
}
