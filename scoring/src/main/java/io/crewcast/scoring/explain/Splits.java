package io.crewcast.scoring.explain;

import io.crewcast.scoring.tree.FlatTrees;
import java.util.ArrayList;
import java.util.List;

/**
 * The splits of all trees as explanations read them, tree by tree: first those that are worked on
 * one by one, a split before those below it, then the {@link TreePaths#isPair pairs}, three splits
 * each: the upper one, its left, its right.
 *
 * <p>Within a tree, single splits and pairs have places from 0 on, in that order.
 */
final class Splits {

  /** The split's node in the trees. Here and below: where it stands among a split's numbers. */
  static final int NODE = 0;

  static final int FEATURE = 1;

  /** Where the split's curve starts. */
  static final int CURVE = 2;

  /** The side of the next split above that has the same feature, in places; or NONE. */
  static final int EARLIER = 3;

  /** The place of what is below on the left, or NONE where a leaf is. */
  static final int LEFT = 4;

  /** The same on the right. */
  static final int RIGHT = 5;

  /** The bits of the leaf's value, where there is one. */
  static final int LEFT_VALUE = 6;

  static final int RIGHT_VALUE = 7;

  /** The bits of the share of the training weight that went left; the rest went right. */
  static final int LEFT_SHARE = 8;

  /** How many numbers a split has. */
  static final int NUMBERS = 9;

  static final int NONE = TreePaths.NONE;

  /** By tree, its first split; one more at the end. */
  final int[] starts;

  /** By tree, the first split of its pairs. */
  final int[] pairs;

  /** By tree, how many passes its curves have. */
  final int[] passes;

  /** By passes, where the curve of a split without the same feature above starts. */
  final int[] freshCurves;

  /** All numbers of all splits. */
  final int[] numbers;

  final double[] curves;

  private final FlatTrees trees;

  Splits(FlatTrees trees) {
    this.trees = trees;
    int count = trees.trees();
    starts = new int[count + 1];
    pairs = new int[count];
    passes = new int[count];
    List<TreePaths> paths = new ArrayList<>();
    int mostPasses = 1;
    for (int tree = 0; tree < count; tree++) {
      TreePaths path = new TreePaths(trees, tree);
      paths.add(path);
      starts[tree + 1] = starts[tree] + path.size();
      passes[tree] = Curves.passesFor(path.mostFeatures());
      mostPasses = Math.max(mostPasses, passes[tree]);
    }
    numbers = new int[starts[count] * NUMBERS];
    Curves curves = new Curves(mostPasses);
    freshCurves = new int[mostPasses + 1];
    for (int some = 1; some <= mostPasses; some++) {
      freshCurves[some] = curves.add(1, some);
    }
    for (int tree = 0; tree < count; tree++) {
      lay(tree, paths.get(tree), curves);
    }
    this.curves = curves.all();
  }

  private void lay(int tree, TreePaths paths, Curves curves) {
    boolean[] inPair = new boolean[paths.size()];
    List<Integer> order = new ArrayList<>();
    List<Integer> uppers = new ArrayList<>();
    for (int split = 0; split < paths.size(); split++) {
      if (paths.isPair(split)) {
        uppers.add(split);
        inPair[paths.left[split]] = true;
        inPair[paths.right[split]] = true;
      } else if (!inPair[split]) {
        order.add(split);
      }
    }
    pairs[tree] = starts[tree] + order.size();
    order.addAll(uppers);
    int[] places = new int[paths.size()];
    for (int place = 0; place < order.size(); place++) {
      places[order.get(place)] = place;
    }
    int fresh = freshCurves[passes[tree]];
    int[] curveOfSide = curves(tree, paths, curves);
    int at = starts[tree];
    for (int split : order) {
      write(at++, paths, split, places, fresh, curveOfSide);
      if (at > pairs[tree]) {
        write(at++, paths, paths.left[split], places, fresh, curveOfSide);
        write(at++, paths, paths.right[split], places, fresh, curveOfSide);
      }
    }
  }

  /** Makes the curves of a tree, one a side that is followed by its feature. */
  private int[] curves(int tree, TreePaths paths, Curves curves) {
    double[] shares = new double[paths.size()];
    int[] ofSide = new int[2 * paths.size()];
    for (int split = 0; split < shares.length; split++) {
      int side = paths.earlier[split];
      if (side == NONE) {
        shares[split] = 1;
        continue;
      }
      double left = paths.leftShare(side >> 1);
      shares[split] = shares[side >> 1] * ((side & 1) != 0 ? left : 1 - left);
      if (ofSide[side] == 0) {
        ofSide[side] = curves.add(shares[split], passes[tree]);
      }
    }
    return ofSide;
  }

  private void write(
      int at, TreePaths paths, int split, int[] places, int fresh, int[] curveOfSide) {
    int to = at * NUMBERS;
    int node = paths.node[split];
    int earlier = paths.earlier[split];
    numbers[to + NODE] = node;
    numbers[to + FEATURE] = trees.feature(node);
    numbers[to + CURVE] = earlier == NONE ? fresh : curveOfSide[earlier];
    numbers[to + EARLIER] = earlier == NONE ? NONE : 2 * places[earlier >> 1] + (earlier & 1);
    writeBelow(to + LEFT, to + LEFT_VALUE, paths.left[split], trees.left(node), places);
    writeBelow(to + RIGHT, to + RIGHT_VALUE, paths.right[split], trees.right(node), places);
    numbers[to + LEFT_SHARE] = Float.floatToRawIntBits(paths.leftShare(split));
  }

  private void writeBelow(int place, int value, int below, int node, int[] places) {
    numbers[place] = below == NONE ? NONE : places[below];
    numbers[value] = below == NONE ? Float.floatToRawIntBits(trees.value(node)) : 0;
  }

  /** The places of the tree that has most. */
  int mostPlaces() {
    int most = 0;
    for (int tree = 0; tree < pairs.length; tree++) {
      most = Math.max(most, pairs[tree] - starts[tree] + pairsOf(tree));
    }
    return most;
  }

  int pairsOf(int tree) {
    return (starts[tree + 1] - pairs[tree]) / 3;
  }

  /** What it takes in memory, bytes. */
  long bytes() {
    return (long) Integer.BYTES * (numbers.length + starts.length + pairs.length + passes.length)
        + (long) Double.BYTES * curves.length;
  }
}
