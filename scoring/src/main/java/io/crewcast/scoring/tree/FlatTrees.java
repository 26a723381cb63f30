package io.crewcast.scoring.tree;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * A boosted ensemble of trees in a few arrays: the exact function that XGBoost computes, margin
 * bits included, without a native call.
 *
 * <p>Trees are walked {@link #TOGETHER} at a time, so that the wait for one's memory is the work on
 * another; sums start at the base margin and add the trees in order, in float32, as XGBoost does.
 * Immutable; safe for any number of threads. A {@link Walk} belongs to one thread and allocates
 * nothing from row to row.
 */
public final class FlatTrees {

  /** In place of a feature: the node is a leaf. */
  public static final int LEAF = Nodes.LEAF;

  /** How many trees are walked at a time. */
  static final int TOGETHER = 8;

  /**
   * Fills the last group of trees up: to add its value changes no sum, not even a negative zero.
   */
  static final Nodes.Node FILLER = Nodes.Node.leaf(-0.0f, 0);

  /** Where the filler stands among the nodes. */
  private static final int FILLER_PLACE = 0;

  private final Objective objective;
  private final int features;
  private final float[] baseMargins;
  private final int trees;
  private final int[] roots;
  private final int[] outputs;
  private final int[] roundEnds;
  private final OptionalInt bestIteration;
  private final Nodes nodes;

  /** By group of trees. */
  private final int[] depths;

  private final boolean[] categorical;

  /**
   * @param baseMargins one an output
   * @param roots the root node of each tree, in the order in which trees are added
   * @param outputs the output that each tree adds to
   * @param roundEnds after each round of boosting, how many trees there are
   * @param bestIteration the last round, where the file says that it is the best
   * @param nodes of all trees, each tree breadth first; the first one is the {@link #FILLER}
   */
  FlatTrees(
      Objective objective,
      int features,
      float[] baseMargins,
      int[] roots,
      int[] outputs,
      int[] roundEnds,
      OptionalInt bestIteration,
      Nodes nodes) {
    this.objective = objective;
    this.features = features;
    this.baseMargins = baseMargins;
    this.roundEnds = roundEnds;
    this.bestIteration = bestIteration;
    this.nodes = nodes;
    trees = roots.length;
    int groups = (trees + TOGETHER - 1) / TOGETHER;
    this.roots = Arrays.copyOf(roots, groups * TOGETHER);
    this.outputs = Arrays.copyOf(outputs, groups * TOGETHER);
    Arrays.fill(this.roots, trees, this.roots.length, FILLER_PLACE);
    depths = new int[groups];
    categorical = new boolean[groups];
    for (int tree = 0; tree < trees; tree++) {
      survey(roots[tree], tree / TOGETHER);
    }
  }

  /** Level by level: a tree may be deeper than a thread's stack. */
  private void survey(int root, int group) {
    List<Integer> level = List.of(root);
    for (int depth = 0; !level.isEmpty(); depth++) {
      depths[group] = Math.max(depths[group], depth);
      List<Integer> below = new ArrayList<>();
      for (int node : level) {
        if (nodes.feature(node) != LEAF) {
          categorical[group] |= nodes.isCategorical(node);
          below.add(right(node));
          below.add(left(node));
        }
      }
      level = below;
    }
  }

  /**
   * The same model after its first rounds of boosting, with all trees of these.
   *
   * @param rounds from 0 to {@link #rounds()}
   */
  public FlatTrees firstIterations(int rounds) {
    int kept = rounds == 0 ? 0 : roundEnds[rounds - 1];
    return new FlatTrees(
        objective,
        features,
        baseMargins,
        Arrays.copyOf(roots, kept),
        Arrays.copyOf(outputs, kept),
        Arrays.copyOf(roundEnds, rounds),
        bestIteration,
        nodes);
  }

  public Objective objective() {
    return objective;
  }

  /** How many inputs a row has. */
  public int features() {
    return features;
  }

  /** How many margins a row has: one, or one a class or quantile. */
  public int outputs() {
    return baseMargins.length;
  }

  /** How many numbers a prediction has: one a margin, but of softmax the class alone. */
  public int predictions() {
    return objective.predictionsOf(outputs());
  }

  public int trees() {
    return trees;
  }

  /** Rounds of boosting that score. */
  public int rounds() {
    return roundEnds.length;
  }

  /**
   * The round, from 0 on, that early stopping found best and the file's attribute {@code
   * best_iteration} names. Rounds after it are left out, as XGBoost's scikit-learn interface does
   * and its {@code Booster} does not; a file without the attribute scores with all rounds.
   */
  public OptionalInt bestIteration() {
    return bestIteration;
  }

  /** What it takes in memory, bytes; a {@link Walk} takes 16 a feature. */
  public long bytes() {
    return nodes.bytes() + (long) Integer.BYTES * (roots.length + outputs.length);
  }

  /** Working memory for one thread. */
  public Walk walk() {
    return new Walk();
  }

  /** {@link Walk#margins} with working memory of its own; who scores much keeps a walk. */
  public void margins(float[] row, float[] margins) {
    walk().margins(row, margins);
  }

  /** {@link Walk#predict} with working memory of its own; who scores much keeps a walk. */
  public void predict(float[] row, float[] out) {
    walk().predict(row, out);
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

  /** How many nodes there are, the last one not included, for the accessors below. */
  public int nodes() {
    return nodes.count();
  }

  /** The feature that a node splits, or {@link #LEAF}. */
  public int feature(int node) {
    return nodes.feature(node);
  }

  /** A leaf's value, or the threshold of a numeric split. */
  public float value(int node) {
    return nodes.feature(node) == LEAF ? nodes.leafValue(node) : nodes.threshold(node);
  }

  /** Whether a split has a threshold, not a set of categories. */
  public boolean numeric(int node) {
    return !nodes.isCategorical(node);
  }

  /** One bit a category that goes right at a split of categories, by category. */
  public long[] categories(int node) {
    return nodes.categories(node).clone();
  }

  public int left(int node) {
    return nodes.rightChild(node) + 1;
  }

  public int right(int node) {
    return nodes.rightChild(node);
  }

  /** The sum of hessians that reached a node in training. */
  public float cover(int node) {
    return nodes.cover(node);
  }

  /** One thread's way through the trees. */
  public final class Walk {

    private final long[] keys = nodes.newKeys();
    private final int[] leaves = new int[TOGETHER];
    private final float[] margins = new float[baseMargins.length];
    private float[] row = {};

    private Walk() {}

    /**
     * Writes the margins of a row.
     *
     * @param row the inputs in order; NaN is missing
     * @param margins where to write, one an output
     */
    public void margins(float[] row, float[] margins) {
      read(row);
      if (baseMargins.length == 1) {
        margins[0] = sum(baseMargins[0]);
      } else {
        System.arraycopy(baseMargins, 0, margins, 0, baseMargins.length);
        add(margins);
      }
    }

    /**
     * Writes the prediction of a row: a value, a probability or class, or one probability a class.
     *
     * @param row the inputs in order; NaN is missing
     * @param out where to write, {@link #predictions()} numbers
     */
    public void predict(float[] row, float[] out) {
      margins(row, margins);
      objective.transform(margins, margins.length);
      System.arraycopy(margins, 0, out, 0, predictions());
    }

    /** Reads a row for {@link #left}. */
    public void read(float[] row) {
      this.row = row;
      nodes.read(row, keys);
    }

    /** 1 when the row that was read last goes left at a split, else 0. */
    public int left(int node) {
      return nodes.left(node, keys, row);
    }

    private float sum(float base) {
      float sum = base;
      for (int group = 0; group < depths.length; group++) {
        descend(group);
        for (int i = 0; i < TOGETHER; i++) {
          sum += nodes.leafValue(leaves[i]);
        }
      }
      return sum;
    }

    private void add(float[] margins) {
      for (int group = 0; group < depths.length; group++) {
        descend(group);
        for (int i = 0; i < TOGETHER; i++) {
          margins[outputs[group * TOGETHER + i]] += nodes.leafValue(leaves[i]);
        }
      }
    }

    /** Finds the leaves of one group of trees. */
    private void descend(int group) {
      if (categorical[group]) {
        for (int i = 0; i < TOGETHER; i++) {
          leaves[i] = leaf(roots[group * TOGETHER + i]);
        }
      } else {
        descend(group * TOGETHER, depths[group]);
      }
    }

    /** In locals, which registers hold: an array would be written at each step. */
    private void descend(int first, int depth) {
      Nodes nodes = FlatTrees.this.nodes;
      long[] keys = this.keys;
      int a = roots[first];
      int b = roots[first + 1];
      int c = roots[first + 2];
      int d = roots[first + 3];
      int e = roots[first + 4];
      int f = roots[first + 5];
      int g = roots[first + 6];
      int h = roots[first + 7];
      for (int level = 0; level < depth; level++) {
        a = nodes.next(a, keys);
        b = nodes.next(b, keys);
        c = nodes.next(c, keys);
        d = nodes.next(d, keys);
        e = nodes.next(e, keys);
        f = nodes.next(f, keys);
        g = nodes.next(g, keys);
        h = nodes.next(h, keys);
      }
      leaves[0] = a;
      leaves[1] = b;
      leaves[2] = c;
      leaves[3] = d;
      leaves[4] = e;
      leaves[5] = f;
      leaves[6] = g;
      leaves[7] = h;
    }

    private int leaf(int root) {
      int node = root;
      int next = nodes.next(node, keys, row);
      while (next != node) {
        node = next;
        next = nodes.next(node, keys, row);
      }
      return node;
    }
  }
}
