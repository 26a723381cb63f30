package io.crewcast.scoring.tree;

import java.util.Arrays;
import java.util.List;

/**
 * A boosted ensemble of trees in a few arrays: the exact function that XGBoost computes, margin
 * bits included, without a native call.
 *
 * <p>The nodes of all trees stand in one row of numbers, each tree in breadth-first order, a right
 * child next to its left one. A leaf's feature is {@link #LEAF} and its value stands where a split
 * keeps its threshold. Sums start at the base margin and add the trees in order, in float32, as
 * XGBoost does. Immutable; safe for any number of threads.
 */
public final class FlatTrees {

  /** In place of a feature: the node is a leaf. */
  public static final int LEAF = -1;

  static final int NUMERIC = -1;

  private final Objective objective;
  private final int features;
  private final float[] baseMargins;
  private final int[] roots;
  private final int[] outputs;
  private final int[] iterationEnds;
  private final int[] feature;
  private final float[] value;
  private final int[] left;
  private final boolean[] defaultLeft;
  private final float[] cover;
  private final int[] categorySet;
  private final long[][] categorySets;

  /**
   * @param baseMargins one an output
   * @param roots the root node of each tree, in the order in which trees are added
   * @param outputs the output that each tree adds to
   * @param iterationEnds after each boosting round, how many trees there are
   * @param nodes the nodes of all trees
   */
  FlatTrees(
      Objective objective,
      int features,
      float[] baseMargins,
      int[] roots,
      int[] outputs,
      int[] iterationEnds,
      List<Node> nodes,
      List<long[]> categorySets) {
    this.objective = objective;
    this.features = features;
    this.baseMargins = baseMargins;
    this.roots = roots;
    this.outputs = outputs;
    this.iterationEnds = iterationEnds;
    this.categorySets = categorySets.toArray(long[][]::new);
    int count = nodes.size();
    feature = new int[count];
    value = new float[count];
    left = new int[count];
    defaultLeft = new boolean[count];
    cover = new float[count];
    categorySet = new int[count];
    for (int i = 0; i < count; i++) {
      Node node = nodes.get(i);
      feature[i] = node.feature;
      value[i] = node.value;
      left[i] = node.left;
      defaultLeft[i] = node.defaultLeft;
      cover[i] = node.cover;
      categorySet[i] = node.categorySet;
    }
  }

  private FlatTrees(FlatTrees all, int iterations) {
    int trees = iterations == 0 ? 0 : all.iterationEnds[iterations - 1];
    objective = all.objective;
    features = all.features;
    baseMargins = all.baseMargins;
    roots = Arrays.copyOf(all.roots, trees);
    outputs = Arrays.copyOf(all.outputs, trees);
    iterationEnds = Arrays.copyOf(all.iterationEnds, iterations);
    feature = all.feature;
    value = all.value;
    left = all.left;
    defaultLeft = all.defaultLeft;
    cover = all.cover;
    categorySet = all.categorySet;
    categorySets = all.categorySets;
  }

  /**
   * One node as it is read.
   *
   * @param left the left child's place among the nodes; the right child is the next one
   * @param value the threshold, or the leaf's value
   * @param cover the sum of hessians that reached it in training
   * @param categorySet which set of categories goes right, or {@link #NUMERIC}
   */
  record Node(
      int feature, float value, int left, boolean defaultLeft, float cover, int categorySet) {}

  /** The same model after its first {@code iterations} rounds of boosting. */
  public FlatTrees firstIterations(int iterations) {
    return new FlatTrees(this, iterations);
  }

  public Objective objective() {
    return objective;
  }

  /** How many inputs a row has. */
  public int features() {
    return features;
  }

  /** How many numbers a prediction has: one, or one a class. */
  public int outputs() {
    return baseMargins.length;
  }

  public int trees() {
    return roots.length;
  }

  /**
   * Writes the margins of a row.
   *
   * @param row the inputs in order; NaN is missing
   * @param margins where to write, one an output
   */
  public void margins(float[] row, float[] margins) {
    System.arraycopy(baseMargins, 0, margins, 0, baseMargins.length);
    for (int tree = 0; tree < roots.length; tree++) {
      int node = roots[tree];
      while (feature[node] != LEAF) {
        node = left[node] + (goesRight(node, row[feature[node]]) ? 1 : 0);
      }
      margins[outputs[tree]] += value[node];
    }
  }

  /** Writes the outputs of a row: a value, a probability, or one probability a class. */
  public void predict(float[] row, float[] out) {
    margins(row, out);
    objective.transform(out);
  }

  /** Whether a value of the node's feature goes to its right child. */
  public boolean goesRight(int node, float x) {
    if (Float.isNaN(x)) {
      return !defaultLeft[node];
    }
    int set = categorySet[node];
    if (set == NUMERIC) {
      return !(x < value[node]);
    }
    // XGBoost sends what cannot be a category, or is beyond the set, to the left.
    if (x < 0 || x >= 1 << 24) {
      return false;
    }
    int category = (int) x;
    long[] members = categorySets[set];
    return category >> 6 < members.length && (members[category >> 6] >>> category & 1) != 0;
  }

  public float baseMargin(int output) {
    return baseMargins[output];
  }

  /** The root of a tree, as a node for the accessors below. */
  public int root(int tree) {
    return roots[tree];
  }

  /** The output that a tree adds to. */
  public int output(int tree) {
    return outputs[tree];
  }

  public int nodes() {
    return feature.length;
  }

  /** The feature that a node splits, or {@link #LEAF}. */
  public int feature(int node) {
    return feature[node];
  }

  /** A leaf's value, or the threshold of a numeric split. */
  public float value(int node) {
    return value[node];
  }

  public boolean numeric(int node) {
    return categorySet[node] == NUMERIC;
  }

  public int left(int node) {
    return left[node];
  }

  public int right(int node) {
    return left[node] + 1;
  }

  /** The sum of hessians that reached a node in training. */
  public float cover(int node) {
    return cover[node];
  }
}
