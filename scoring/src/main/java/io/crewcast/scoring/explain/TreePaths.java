package io.crewcast.scoring.explain;

import io.crewcast.scoring.tree.FlatTrees;
import java.util.ArrayDeque;

/**
 * The splits of one tree, breadth first, and what each has above and below it. A side is twice the
 * index of a split, and one more for its left side.
 */
final class TreePaths {

  /** Instead of an index or a side: there is none. */
  static final int NONE = -1;

  /** By split, its node in the trees. */
  final int[] node;

  /** The index of the split below on the left, or {@link #NONE} where a leaf is. */
  final int[] left;

  /** The same on the right. */
  final int[] right;

  /** The side of the next split above that has the same feature, or {@link #NONE}. */
  final int[] earlier;

  private final FlatTrees trees;
  private final int root;
  private final int[] above;

  /** By split, the different features on the path to it, its own included. */
  private final int[] features;

  private int count;

  TreePaths(FlatTrees trees, int tree) {
    this.trees = trees;
    root = trees.root(tree);
    int splits = splitsFrom(root);
    node = new int[splits];
    left = new int[splits];
    right = new int[splits];
    earlier = new int[splits];
    above = new int[splits];
    features = new int[splits];
    below(root, NONE);
    for (int split = 0; split < splits; split++) {
      earlier[split] = sameFeatureAbove(split);
      int before = above[split] == NONE ? 0 : features[above[split] >> 1];
      features[split] = before + (earlier[split] == NONE ? 1 : 0);
      left[split] = below(trees.left(node[split]), 2 * split + 1);
      right[split] = below(trees.right(node[split]), 2 * split);
    }
  }

  private int splitsFrom(int from) {
    ArrayDeque<Integer> unseen = new ArrayDeque<>();
    unseen.add(from);
    int splits = 0;
    while (!unseen.isEmpty()) {
      int next = unseen.remove();
      if (trees.feature(next) != FlatTrees.LEAF) {
        splits++;
        unseen.add(trees.left(next));
        unseen.add(trees.right(next));
      }
    }
    return splits;
  }

  private int below(int child, int side) {
    if (trees.feature(child) == FlatTrees.LEAF) {
      return NONE;
    }
    node[count] = child;
    above[count] = side;
    return count++;
  }

  private int sameFeatureAbove(int split) {
    int feature = trees.feature(node[split]);
    int side = above[split];
    while (side != NONE && trees.feature(node[side >> 1]) != feature) {
      side = above[side >> 1];
    }
    return side;
  }

  int size() {
    return node.length;
  }

  /** The most features that one path has. */
  int mostFeatures() {
    int most = 0;
    for (int features : features) {
      most = Math.max(most, features);
    }
    return most;
  }

  /**
   * Whether a split has two below it that have only leaves, and none of the three has its feature
   * above.
   */
  boolean isPair(int split) {
    return earlier[split] == NONE && endsAfter(left[split]) && endsAfter(right[split]);
  }

  private boolean endsAfter(int split) {
    return split != NONE && left[split] == NONE && right[split] == NONE && earlier[split] == NONE;
  }

  /** The share of the training weight at a split that went left. */
  float leftShare(int split) {
    double leftCover = trees.cover(trees.left(node[split]));
    double cover = leftCover + trees.cover(trees.right(node[split]));
    return cover > 0 ? (float) (leftCover / cover) : 0.5f;
  }

  /** What the tree comes to when nothing is known. */
  double mean() {
    double[] means = new double[size()];
    for (int split = size() - 1; split >= 0; split--) {
      double onLeft = mean(left[split], trees.left(node[split]), means);
      double onRight = mean(right[split], trees.right(node[split]), means);
      means[split] = onRight + leftShare(split) * (onLeft - onRight);
    }
    return mean(size() == 0 ? NONE : 0, root, means);
  }

  private double mean(int split, int leaf, double[] means) {
    return split == NONE ? trees.value(leaf) : means[split];
  }
}
