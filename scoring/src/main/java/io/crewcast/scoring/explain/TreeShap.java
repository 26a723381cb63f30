package io.crewcast.scoring.explain;

import io.crewcast.scoring.tree.FlatTrees;
import java.util.Arrays;

/**
 * Exact SHAP values of a tree ensemble, path dependent, as XGBoost's {@code predictContrib} has
 * them.
 *
 * <p>At a leaf the game is a product: a feature that is known contributes whether the row follows
 * the path, one that is unknown the share of training weight that does. The Shapley value of a
 * product is the integral over t in 0..1 of the product in which each other feature is known with
 * chance t (Owen 1972): a polynomial, so Gauss-Legendre quadrature with half as many points as
 * features is exact. One walk carries the products of all points down and the sums of all leaves
 * up, in time of nodes times points, where the usual TreeSHAP (Lundberg 2018) needs leaves times
 * depth squared.
 *
 * <p>Contributions and base value of an output sum to its margin within float rounding. Immutable;
 * a {@link Walk} belongs to one thread.
 */
public final class TreeShap {

  /** A branch that no training weight reached; a true zero would be divided by. */
  private static final double LEAST_SHARE = 1e-20;

  private final FlatTrees trees;
  private final int depth;
  private final double[] points;
  private final double[] weights;

  /** The share of its parent's cover that reached each node. */
  private final double[] share;

  private final double[] baseValues;

  public TreeShap(FlatTrees trees) {
    this.trees = trees;
    share = new double[trees.nodes()];
    baseValues = new double[trees.outputs()];
    for (int output = 0; output < baseValues.length; output++) {
      baseValues[output] = trees.baseMargin(output);
    }
    int deepest = 0;
    for (int tree = 0; tree < trees.trees(); tree++) {
      deepest = Math.max(deepest, fillShares(trees.root(tree)));
      baseValues[trees.output(tree)] += mean(trees.root(tree));
    }
    depth = deepest;
    int order = Math.max(1, (deepest + 1) / 2);
    points = new double[order];
    weights = new double[order];
    gaussLegendre(points, weights);
  }

  /** The margin of a row of which nothing is known: what contributions start from. */
  public double baseValue(int output) {
    return baseValues[output];
  }

  /** Working memory for one thread. */
  public Walk walk() {
    return new Walk();
  }

  /** Answers the depth of the subtree. */
  private int fillShares(int node) {
    if (trees.feature(node) == FlatTrees.LEAF) {
      return 0;
    }
    int left = trees.left(node);
    int right = trees.right(node);
    double total = (double) trees.cover(left) + trees.cover(right);
    double cover = trees.cover(node) > 0 ? trees.cover(node) : total;
    share[left] = Math.max(LEAST_SHARE, cover > 0 ? trees.cover(left) / cover : 0.5);
    share[right] = Math.max(LEAST_SHARE, cover > 0 ? trees.cover(right) / cover : 0.5);
    return 1 + Math.max(fillShares(left), fillShares(right));
  }

  private double mean(int node) {
    if (trees.feature(node) == FlatTrees.LEAF) {
      return trees.value(node);
    }
    int left = trees.left(node);
    int right = trees.right(node);
    return share[left] * mean(left) + share[right] * mean(right);
  }

  /** Nodes and weights on 0..1, by Newton's method on the Legendre polynomial. */
  private static void gaussLegendre(double[] points, double[] weights) {
    int n = points.length;
    for (int i = 0; i < n; i++) {
      double x = Math.cos(Math.PI * (i + 0.75) / (n + 0.5));
      double derivative = 1;
      for (int step = 0; step < 100; step++) {
        double previous = 1;
        double current = x;
        for (int k = 2; k <= n; k++) {
          double next = ((2 * k - 1) * x * current - (k - 1) * previous) / k;
          previous = current;
          current = next;
        }
        derivative = n * (x * current - previous) / (x * x - 1);
        double correction = current / derivative;
        x -= correction;
        if (Math.abs(correction) < 1e-16) {
          break;
        }
      }
      points[i] = (1 + x) / 2;
      weights[i] = 1 / ((1 - x * x) * derivative * derivative);
    }
  }

  /** One thread's way through the trees. */
  public final class Walk {

    private final int order = points.length;

    /** By depth: at each point, the product over the features of the path. */
    private final double[] products = new double[(depth + 1) * order];

    /** By depth: at each point, the sum over the leaves below of value times product. */
    private final double[] sums = new double[(depth + 1) * order];

    /** By depth: at each point, the factor of the feature that was split last. */
    private final double[] factors = new double[(depth + 1) * order];

    /** By feature: the depth of its last split on the current path, or 0. */
    private final int[] lastDepth = new int[trees.features()];

    /** By depth: whether the row follows the path at all splits of the feature, and the share. */
    private final double[] follows = new double[depth + 1];

    private final double[] shares = new double[depth + 1];
    private float[] row = new float[0];
    private double[] contributions = new double[0];
    private int offset;

    /**
     * Writes each input's contribution to each margin.
     *
     * @param row the inputs in order; NaN is missing
     * @param contributions where to write: output by output, one an input
     */
    public void contributions(float[] row, double[] contributions) {
      this.row = row;
      this.contributions = contributions;
      Arrays.fill(contributions, 0);
      Arrays.fill(products, 0, order, 1);
      for (int tree = 0; tree < trees.trees(); tree++) {
        offset = trees.output(tree) * trees.features();
        visit(trees.root(tree), 0);
      }
    }

    /** Leaves in {@code sums} at this depth what the leaves below the node add up to. */
    private void visit(int node, int level) {
      int here = level * order;
      int feature = trees.feature(node);
      if (feature == FlatTrees.LEAF) {
        double value = trees.value(node);
        for (int k = 0; k < order; k++) {
          sums[here + k] = value * products[here + k];
        }
        return;
      }
      boolean right = trees.goesRight(node, row[feature]);
      int left = trees.left(node);
      descend(left, feature, !right, level);
      double[] below = sums;
      int child = here + order;
      for (int k = 0; k < order; k++) {
        below[here + k] = below[child + k];
      }
      descend(left + 1, feature, right, level);
      for (int k = 0; k < order; k++) {
        below[here + k] += below[child + k];
      }
    }

    private void descend(int child, int feature, boolean taken, int parentLevel) {
      int level = parentLevel + 1;
      int from = parentLevel * order;
      int to = level * order;
      int before = lastDepth[feature];
      boolean again = before != 0;
      double follow = taken && (!again || follows[before] != 0) ? 1 : 0;
      double part = again ? shares[before] * share[child] : share[child];
      follows[level] = follow;
      shares[level] = part;
      for (int k = 0; k < order; k++) {
        double factor = follow * points[k] + part * (1 - points[k]);
        factors[to + k] = factor;
        double product = products[from + k] * factor;
        products[to + k] = again ? product / factors[before * order + k] : product;
      }
      lastDepth[feature] = level;
      visit(child, level);
      lastDepth[feature] = before;
      double known = 0;
      double replaced = 0;
      for (int k = 0; k < order; k++) {
        double weighted = weights[k] * sums[to + k];
        known += weighted / factors[to + k];
        if (again) {
          replaced += weighted / factors[before * order + k];
        }
      }
      double contribution = (follow - part) * known;
      if (again) {
        // Below, the later split of the feature stands for the earlier one.
        contribution -= (follows[before] - shares[before]) * replaced;
      }
      contributions[offset + feature] += contribution;
    }
  }
}
