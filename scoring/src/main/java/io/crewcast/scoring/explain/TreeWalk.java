package io.crewcast.scoring.explain;

import io.crewcast.scoring.tree.FlatTrees;

/**
 * One thread's way through one tree after the other; {@link TreeShap} says what is computed.
 *
 * <p>Four points are written out, not looped over: so short a loop costs more than what is in it.
 */
final class TreeWalk {

  /** Of a place in the tree: the chance to reach it, at each point. */
  private static final int REACHED = 0;

  /** The chance to go left at it. */
  private static final int CHANCE = Curves.POINTS;

  /** What it comes to. */
  private static final int VALUE = 2 * Curves.POINTS;

  /** 1 or 0 as the row goes left or right, less the share that went left. */
  private static final int STEP = 3 * Curves.POINTS;

  /** How many numbers a place has. */
  private static final int NUMBERS = STEP + 1;

  private final Splits splits;
  private final FlatTrees.Walk rows;
  private final int[] numbers;
  private final double[] curves;

  /** By place; behind the last one, the leaves below a split. */
  private final double[] work;

  private final int leftLeaf;
  private final int rightLeaf;

  /** By place, whether the row followed the split's feature to it. */
  private final boolean[] followed;

  private final boolean[] wentLeft;

  /** By place, where the curve starts that the row takes there. */
  private final int[] taken;

  /**
   * @param rows has read the row that is explained
   */
  TreeWalk(Splits splits, FlatTrees.Walk rows) {
    this.splits = splits;
    this.rows = rows;
    numbers = splits.numbers;
    curves = splits.curves;
    int places = splits.mostPlaces();
    work = new double[(places + 2) * NUMBERS];
    leftLeaf = places * NUMBERS;
    rightLeaf = leftLeaf + NUMBERS;
    followed = new boolean[places];
    wentLeft = new boolean[places];
    taken = new int[places];
  }

  /**
   * Adds what each feature adds in one tree.
   *
   * @param contributions to add to, the feature 0 of the tree's output at {@code offset}
   */
  void explain(int tree, double[] contributions, int offset) {
    int first = splits.starts[tree];
    int singles = splits.pairs[tree] - first;
    decide(first, singles);
    int passes = splits.passes[tree];
    for (int pass = 0; pass < passes; pass++) {
      int curve = pass * Curves.PASS;
      for (int point = 0; point < Curves.POINTS; point++) {
        work[REACHED + point] = 1;
      }
      descend(first, singles, curve);
      pairs(tree, singles, splits.freshCurves[passes] + curve, contributions, offset);
      ascend(first, singles, curve, contributions, offset);
    }
  }

  /** At each single split: which way the row goes, and whether it followed the feature to it. */
  private void decide(int first, int singles) {
    for (int place = 0; place < singles; place++) {
      int split = (first + place) * Splits.NUMBERS;
      int left = rows.left(numbers[split + Splits.NODE]);
      int earlier = numbers[split + Splits.EARLIER];
      boolean follows =
          earlier == Splits.NONE
              || (followed[earlier >> 1] && wentLeft[earlier >> 1] == ((earlier & 1) != 0));
      followed[place] = follows;
      wentLeft[place] = left != 0;
      taken[place] = follows ? numbers[split + Splits.CURVE] : Curves.ZERO;
      work[place * NUMBERS + STEP] = left - leftShare(split);
    }
  }

  /** From the root down: the chance to go left at each split, and to reach what is below. */
  private void descend(int first, int singles, int pass) {
    double[] work = this.work;
    for (int place = 0; place < singles; place++) {
      int split = (first + place) * Splits.NUMBERS;
      int at = place * NUMBERS;
      int curve = taken[place] + pass;
      double share = leftShare(split);
      double step = work[at + STEP];
      work[at + CHANCE] = share + curves[curve] * step;
      work[at + CHANCE + 1] = share + curves[curve + 1] * step;
      work[at + CHANCE + 2] = share + curves[curve + 2] * step;
      work[at + CHANCE + 3] = share + curves[curve + 3] * step;
      int left = numbers[split + Splits.LEFT] * NUMBERS;
      if (left >= 0) {
        work[left + REACHED] = work[at + REACHED] * work[at + CHANCE];
        work[left + REACHED + 1] = work[at + REACHED + 1] * work[at + CHANCE + 1];
        work[left + REACHED + 2] = work[at + REACHED + 2] * work[at + CHANCE + 2];
        work[left + REACHED + 3] = work[at + REACHED + 3] * work[at + CHANCE + 3];
      }
      int right = numbers[split + Splits.RIGHT] * NUMBERS;
      if (right >= 0) {
        work[right + REACHED] = work[at + REACHED] * (1 - work[at + CHANCE]);
        work[right + REACHED + 1] = work[at + REACHED + 1] * (1 - work[at + CHANCE + 1]);
        work[right + REACHED + 2] = work[at + REACHED + 2] * (1 - work[at + CHANCE + 2]);
        work[right + REACHED + 3] = work[at + REACHED + 3] * (1 - work[at + CHANCE + 3]);
      }
    }
  }

  /**
   * Pairs whole: what the lower splits come to is linear in t, so that the moments 0 and 1 of the
   * chance to reach the pair are all that they and the upper split need.
   */
  private void pairs(int tree, int singles, int fresh, double[] contributions, int offset) {
    int end = splits.starts[tree + 1] * Splits.NUMBERS;
    int at = singles * NUMBERS;
    int upper = splits.pairs[tree] * Splits.NUMBERS;
    for (; upper < end; upper += 3 * Splits.NUMBERS, at += NUMBERS) {
      double moment0 = weight(at, fresh, 0) + weight(at, fresh, 1);
      moment0 += weight(at, fresh, 2) + weight(at, fresh, 3);
      double moment1 =
          weight(at, fresh, 0) * curves[fresh] + weight(at, fresh, 1) * curves[fresh + 1];
      moment1 +=
          weight(at, fresh, 2) * curves[fresh + 2] + weight(at, fresh, 3) * curves[fresh + 3];
      int left = upper + Splits.NUMBERS;
      int right = left + Splits.NUMBERS;
      double share = leftShare(upper);
      double step = step(upper);
      double toLeft = share * moment0 + step * moment1;
      double leftSlope = step(left) * difference(left);
      double rightSlope = step(right) * difference(right);
      double mean = mean(left) - mean(right);
      double slope = leftSlope - rightSlope;
      contributions[offset + feature(left)] += leftSlope * toLeft;
      contributions[offset + feature(right)] += rightSlope * (moment0 - toLeft);
      contributions[offset + feature(upper)] += step * (mean * moment0 + slope * moment1);
      double constant = mean(right) + share * mean;
      double linear = rightSlope + step * mean + share * slope;
      comesTo(at, fresh, constant, linear, step * slope);
    }
  }

  /** A point's weight times the chance to reach a place. */
  private double weight(int at, int curve, int point) {
    return work[at + REACHED + point] * curves[curve + Curves.POINTS + point];
  }

  /** Says that what is at a place comes to a polynomial in t. */
  private void comesTo(int at, int fresh, double constant, double linear, double square) {
    double[] work = this.work;
    work[at + VALUE] = constant + curves[fresh] * (linear + curves[fresh] * square);
    work[at + VALUE + 1] = constant + curves[fresh + 1] * (linear + curves[fresh + 1] * square);
    work[at + VALUE + 2] = constant + curves[fresh + 2] * (linear + curves[fresh + 2] * square);
    work[at + VALUE + 3] = constant + curves[fresh + 3] * (linear + curves[fresh + 3] * square);
  }

  /** From the leaves up: what each split comes to, and what its feature adds there. */
  private void ascend(int first, int singles, int pass, double[] contributions, int offset) {
    double[] work = this.work;
    for (int place = singles - 1; place >= 0; place--) {
      int split = (first + place) * Splits.NUMBERS;
      int at = place * NUMBERS;
      int curve = taken[place] + pass;
      int left = numbers[split + Splits.LEFT] * NUMBERS;
      if (left < 0) {
        left = leaf(leftLeaf, leftValue(split));
      }
      int right = numbers[split + Splits.RIGHT] * NUMBERS;
      if (right < 0) {
        right = leaf(rightLeaf, rightValue(split));
      }
      double difference0 = work[left + VALUE] - work[right + VALUE];
      double difference1 = work[left + VALUE + 1] - work[right + VALUE + 1];
      double difference2 = work[left + VALUE + 2] - work[right + VALUE + 2];
      double difference3 = work[left + VALUE + 3] - work[right + VALUE + 3];
      double sum = weight(at, curve, 0) * difference0 + weight(at, curve, 1) * difference1;
      sum += weight(at, curve, 2) * difference2 + weight(at, curve, 3) * difference3;
      work[at + VALUE] = work[right + VALUE] + work[at + CHANCE] * difference0;
      work[at + VALUE + 1] = work[right + VALUE + 1] + work[at + CHANCE + 1] * difference1;
      work[at + VALUE + 2] = work[right + VALUE + 2] + work[at + CHANCE + 2] * difference2;
      work[at + VALUE + 3] = work[right + VALUE + 3] + work[at + CHANCE + 3] * difference3;
      contributions[offset + feature(split)] += work[at + STEP] * sum;
    }
  }

  /** Says that what is at a place comes to the same at all points. */
  private int leaf(int at, double value) {
    work[at + VALUE] = value;
    work[at + VALUE + 1] = value;
    work[at + VALUE + 2] = value;
    work[at + VALUE + 3] = value;
    return at;
  }

  private int feature(int split) {
    return numbers[split + Splits.FEATURE];
  }

  private double step(int split) {
    return rows.left(numbers[split + Splits.NODE]) - leftShare(split);
  }

  private double leftShare(int split) {
    return Float.intBitsToFloat(numbers[split + Splits.LEFT_SHARE]);
  }

  private double leftValue(int split) {
    return Float.intBitsToFloat(numbers[split + Splits.LEFT_VALUE]);
  }

  private double rightValue(int split) {
    return Float.intBitsToFloat(numbers[split + Splits.RIGHT_VALUE]);
  }

  private double difference(int split) {
    return leftValue(split) - rightValue(split);
  }

  /** What a split with two leaves comes to when its feature is not known. */
  private double mean(int split) {
    return rightValue(split) + leftShare(split) * difference(split);
  }
}
