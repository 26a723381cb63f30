package io.crewcast.scoring.serving;

import java.io.IOException;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;

/**
 * A model in XGBoost4J's own hands: the reference, and what serves where the flat form may not.
 * Holds native memory until it is closed.
 */
public final class NativeModel implements AutoCloseable {

  private final Booster booster;

  private NativeModel(Booster booster) {
    this.booster = booster;
  }

  /** Loads {@code model.ubj}. */
  public static NativeModel load(byte[] trees) {
    try {
      Booster booster = XGBoost.loadModel(trees);
      // Before the booster is shared: setting a parameter is not safe, predicting is. One thread,
      // because a pool spins on the cores of the job.
      booster.setParam("nthread", 1);
      return new NativeModel(booster);
    } catch (XGBoostError | IOException e) {
      throw new NativeModelException("XGBoost4J cannot load the model: " + e.getMessage(), e);
    }
  }

  /** Margins of rows that stand one after the other in {@code rows}. */
  public float[][] margins(float[] rows, int features) {
    return ask(rows, features, matrix -> booster.predict(matrix, true));
  }

  /** Outputs of rows that stand one after the other in {@code rows}. */
  public float[][] predict(float[] rows, int features) {
    return ask(rows, features, matrix -> booster.predict(matrix));
  }

  /** For each row, output by output: one contribution a feature, then the base value. */
  public float[][] contributions(float[] rows, int features) {
    return ask(rows, features, matrix -> booster.predictContrib(matrix, 0));
  }

  private interface Question {
    float[][] of(DMatrix matrix) throws XGBoostError;
  }

  private static float[][] ask(float[] rows, int features, Question question) {
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
