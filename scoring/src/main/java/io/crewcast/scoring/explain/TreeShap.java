package io.crewcast.scoring.explain;

import io.crewcast.scoring.tree.FlatTrees;
import java.util.Arrays;

/**
 * Exact SHAP values of a tree ensemble, path dependent, as XGBoost's {@code predictContrib} has
 * them.
 *
 * <p>A feature's Shapley value is what its knowledge adds when every other feature is known with
 * chance t, averaged over t in 0..1 (Owen 1972). At a leaf the game is a product over the features
 * of its path: a known one counts whether the row follows the path, an unknown one the share of
 * training weight that does. So at t a row passes a split on a new feature to the left with chance
 * r + t (s - r), where r is the share that went left and s is 1 or 0 as the row does; and what the
 * feature adds is the chance to reach the split, times s - r, times the difference between what the
 * two sides come to. Where the feature has been split above and the row followed it there, t gives
 * way to the heights of a {@link Curves curve} and counts by its weights; where the row did not,
 * the feature adds nothing more and r alone remains.
 *
 * <p>For each leaf all this is a polynomial in t of a degree below the number of features on its
 * path, so that Gauss-Legendre quadrature is exact. One walk down multiplies the chances, one walk
 * up sums: a few operations a split and point, where the usual TreeSHAP (Lundberg 2018) needs
 * leaves times depth squared, and the tables of Fast TreeSHAP (Yang 2021) 2 to the power of the
 * depth entries a leaf.
 *
 * <p>Contributions and base value of an output sum to its margin within float rounding. Immutable;
 * a {@link Walk} belongs to one thread and allocates nothing from row to row.
 */
public final class TreeShap {

  private final FlatTrees trees;
  private final Splits splits;
  private final double[] baseValues;

  public TreeShap(FlatTrees trees) {
    this.trees = trees;
    splits = new Splits(trees);
    baseValues = new double[trees.outputs()];
    for (int output = 0; output < baseValues.length; output++) {
      baseValues[output] = trees.baseMargin(output);
    }
    for (int tree = 0; tree < trees.trees(); tree++) {
      baseValues[trees.output(tree)] += new TreePaths(trees, tree).mean();
    }
  }

  /** The margin of a row of which nothing is known: what contributions start from. */
  public double baseValue(int output) {
    return baseValues[output];
  }

  /** What it takes in memory beside the trees, bytes. */
  public long bytes() {
    return splits.bytes();
  }

  /** Working memory for one thread. */
  public Walk walk() {
    return new Walk();
  }

  /** One thread's way through the trees. */
  public final class Walk {

    private final FlatTrees.Walk rows = trees.walk();
    private final TreeWalk walk = new TreeWalk(splits, rows);

    private Walk() {}

    /**
     * Writes each input's contribution to each margin.
     *
     * @param row the inputs in order; NaN is missing
     * @param contributions where to write: output by output, one an input
     */
    public void contributions(float[] row, double[] contributions) {
      rows.read(row);
      Arrays.fill(contributions, 0);
      for (int tree = 0; tree < trees.trees(); tree++) {
        walk.explain(tree, contributions, trees.output(tree) * trees.features());
      }
    }
  }
}
