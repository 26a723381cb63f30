package io.crewcast.scoring.serving;

import java.io.IOException;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;

/**
 * A model in XGBoost4J's own hands: the reference, and what serves where the flat form may not.
 * Rows come in batches, because a call costs as much as forty rows. Like the flat form it scores up
 * to the best iteration of a file that names one. Holds native memory until it is closed.
 */
public final class NativeModel implements AutoCloseable {

  private static final int ALL_TREES = 0;

  private final Booster booster;
  private final int treeLimit;

  private NativeModel(Booster booster) throws XGBoostError {
    this.booster = booster;
    // Before the booster is shared: setting a parameter is not safe, predicting is. One thread,
    // because a pool spins on the cores of the job.
    booster.setParam("nthread", 1);
    treeLimit = treeLimit(booster);
  }

  /**
   * Loads {@code model.ubj} or {@code model.json}.
   *
   * @throws NativeModelException if XGBoost4J cannot
   */
  public static NativeModel load(byte[] trees) {
    try {
      Booster booster = XGBoost.loadModel(trees);
      try {
        return new NativeModel(booster);
      } catch (XGBoostError e) {
        booster.dispose();
        throw e;
      }
    } catch (XGBoostError | IOException e) {
      throw new NativeModelException("XGBoost4J cannot load the model: " + e.getMessage(), e);
    }
  }

  /**
   * What XGBoost4J must be told to stop after the best iteration, which it does not by itself. It
   * divides the number by the parallel trees of a round, whatever the outputs.
   */
  private static int treeLimit(Booster booster) throws XGBoostError {
    String best = booster.getAttr("best_iteration");
    if (best == null) {
      return ALL_TREES;
    }
    int features = Math.toIntExact(booster.getNumFeature());
    DMatrix row = new DMatrix(new float[features], 1, features, Float.NaN);
    try {
      int outputs = booster.predict(row, true)[0].length;
      int rounds = booster.getNumBoostedRound();
      int bestRound = Integer.parseInt(best);
      if (bestRound < 0 || bestRound >= rounds) {
        throw new XGBoostError(
            "best_iteration %d is none of the %d rounds".formatted(bestRound, rounds));
      }
      return (bestRound + 1) * (trees(booster, row) / outputs / rounds);
    } catch (NumberFormatException e) {
      throw new XGBoostError("best_iteration %s is no number".formatted(best), e);
    } finally {
      row.dispose();
    }
  }

  private static int trees(Booster booster, DMatrix row) {
    try {
      return booster.predictLeaf(row, ALL_TREES)[0].length;
    } catch (XGBoostError e) {
      return 0; // a linear model has no leaves, and no rounds to leave out
    }
  }

  /**
   * How many inputs a row has.
   *
   * @throws NativeModelException if XGBoost4J fails
   */
  public int features() {
    try {
      return Math.toIntExact(booster.getNumFeature());
    } catch (XGBoostError e) {
      throw new NativeModelException("XGBoost4J does not know its inputs: " + e.getMessage(), e);
    }
  }

  /**
   * Margins of rows that stand one after the other in {@code rows}: one an output.
   *
   * @throws NativeModelException if XGBoost4J fails
   */
  public float[][] margins(float[] rows, int features) {
    return ask(rows, features, matrix -> booster.predict(matrix, true, treeLimit));
  }

  /**
   * Predictions of rows that stand one after the other in {@code rows}.
   *
   * @throws NativeModelException if XGBoost4J fails
   */
  public float[][] predict(float[] rows, int features) {
    return ask(rows, features, matrix -> booster.predict(matrix, false, treeLimit));
  }

  /**
   * For each row, output by output: one contribution a feature, then the base value.
   *
   * @throws NativeModelException if XGBoost4J fails
   */
  public float[][] contributions(float[] rows, int features) {
    return ask(rows, features, matrix -> booster.predictContrib(matrix, treeLimit));
  }

  private interface Question {
    float[][] of(DMatrix matrix) throws XGBoostError;
  }

  private static float[][] ask(float[] rows, int features, Question question) {
    if (rows.length % features != 0) {
      throw new IllegalArgumentException(
          "%d values are no whole rows of %d features".formatted(rows.length, features));
    }
    try {
      DMatrix matrix = new DMatrix(rows, rows.length / features, features, Float.NaN);
      try {
        return question.of(matrix);
      } finally {
        matrix.dispose();
      }
    } catch (XGBoostError e) {
      throw new NativeModelException("XGBoost4J cannot score: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    booster.dispose();
  }
}
