package io.crewcast.benchmarks.scoring;

import io.crewcast.scoring.tree.FlatTrees;
import io.crewcast.scoring.tree.XgboostModelFile;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;

/**
 * A model that XGBoost4J trains for a benchmark, and rows for it: normal numbers, a tenth missing.
 */
public final class BenchmarkModel {

  /** A power of two. */
  private static final int ROWS = 2_048;

  /** How large a model is. */
  public enum Size {
    SMALL(100, 6),
    LARGE(500, 8);

    final int trees;
    final int depth;

    Size(int trees, int depth) {
      this.trees = trees;
      this.depth = depth;
    }
  }

  private final Booster booster;
  private final FlatTrees flat;
  private final float[][] rows = new float[ROWS][];

  /** Trains it, in one thread. */
  BenchmarkModel(Size size, int features, int trainingRows) throws XGBoostError {
    SplittableRandom random = new SplittableRandom(7);
    float[] values = values(random, trainingRows, features);
    DMatrix matrix = new DMatrix(values, trainingRows, features, Float.NaN);
    matrix.setLabel(labels(random, values, features));
    // So that trees grow to their full depth, and soon.
    Map<String, Object> parameters =
        Map.of(
            "objective",
            "binary:logistic",
            "max_depth",
            size.depth,
            "min_child_weight",
            0,
            "eta",
            0.05,
            "max_bin",
            64,
            "colsample_bytree",
            Math.min(1, 32.0 / features),
            "nthread",
            1);
    booster = XGBoost.train(matrix, parameters, size.trees, Map.of(), null, null);
    matrix.dispose();
    flat = XgboostModelFile.read(booster.toByteArray("ubj"));
    requireDepth(flat, size.depth);
    float[] toScore = values(random, ROWS, features);
    for (int i = 0; i < ROWS; i++) {
      rows[i] = Arrays.copyOfRange(toScore, i * features, (i + 1) * features);
    }
  }

  private static float[] values(SplittableRandom random, int rows, int features) {
    float[] values = new float[rows * features];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(10) == 0 ? Float.NaN : (float) random.nextGaussian();
    }
    return values;
  }

  private static float[] labels(SplittableRandom random, float[] values, int features) {
    float[] labels = new float[values.length / features];
    for (int row = 0; row < labels.length; row++) {
      double truth = random.nextGaussian();
      for (int feature = 0; feature < features; feature++) {
        float x = values[row * features + feature];
        truth += Float.isNaN(x) ? 0 : x * (feature % 3 - 1) / Math.sqrt(features);
      }
      labels[row] = truth > 0 ? 1 : 0;
    }
    return labels;
  }

  private static void requireDepth(FlatTrees trees, int depth) {
    for (int tree = 0; tree < trees.trees(); tree++) {
      int found = depth(trees, trees.root(tree));
      if (found != depth) {
        throw new IllegalStateException(
            "tree %d has depth %d, not %d: train on more rows".formatted(tree, found, depth));
      }
    }
  }

  private static int depth(FlatTrees trees, int node) {
    return trees.feature(node) == FlatTrees.LEAF
        ? 0
        : 1 + Math.max(depth(trees, trees.left(node)), depth(trees, trees.right(node)));
  }

  /** Predicts with one thread, too. */
  Booster booster() {
    return booster;
  }

  /** The same trees. */
  FlatTrees flat() {
    return flat;
  }

  /** Leaves of all trees. */
  int leaves() {
    int leaves = 0;
    for (int tree = 0; tree < flat.trees(); tree++) {
      leaves += leaves(flat.root(tree));
    }
    return leaves;
  }

  private int leaves(int node) {
    return flat.feature(node) == FlatTrees.LEAF
        ? 1
        : leaves(flat.left(node)) + leaves(flat.right(node));
  }

  /** So many rows from one on, one after the other. */
  float[] batch(int first, int size) {
    float[] batch = new float[size * flat.features()];
    for (int i = 0; i < size; i++) {
      System.arraycopy(row(first + i), 0, batch, i * flat.features(), flat.features());
    }
    return batch;
  }

  /** One after the other, again from the first. */
  float[] row(int i) {
    return rows[i & (ROWS - 1)];
  }
}
