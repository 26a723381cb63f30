package io.crewcast.scoring.explain;

import io.crewcast.scoring.tree.FlatTrees;

/** Shapley values by their definition, in time of 2 to the power of the features: slow, obvious. */
final class ShapleyOracle {

  private ShapleyOracle() {}

  static double[] values(FlatTrees trees, int output, float[] row) {
    int features = trees.features();
    double[] games = new double[1 << features];
    FlatTrees.Walk walk = trees.walk();
    walk.read(row);
    for (int known = 0; known < games.length; known++) {
      for (int tree = 0; tree < trees.trees(); tree++) {
        if (trees.output(tree) == output) {
          games[known] += expected(trees, trees.root(tree), walk, known);
        }
      }
    }
    double[] values = new double[features];
    for (int feature = 0; feature < features; feature++) {
      for (int known = 0; known < games.length; known++) {
        if (((known >> feature) & 1) == 0) {
          double gain = games[known | (1 << feature)] - games[known];
          values[feature] += gain * weight(Integer.bitCount(known), features);
        }
      }
    }
    return values;
  }

  /** Among all orders, the share in which just these many features stand before a given one. */
  private static double weight(int before, int features) {
    double weight = 1.0 / features;
    for (int i = 1; i <= before; i++) {
      weight *= (double) i / (features - i);
    }
    return weight;
  }

  private static double expected(FlatTrees trees, int node, FlatTrees.Walk walk, int known) {
    int feature = trees.feature(node);
    if (feature == FlatTrees.LEAF) {
      return trees.value(node);
    }
    int left = trees.left(node);
    int right = trees.right(node);
    if (((known >> feature) & 1) != 0) {
      return expected(trees, walk.left(node) == 1 ? left : right, walk, known);
    }
    double cover = (double) trees.cover(left) + trees.cover(right);
    float share = (float) (trees.cover(left) / cover); // as the walk keeps it
    return share * expected(trees, left, walk, known)
        + (1 - (double) share) * expected(trees, right, walk, known);
  }
}
