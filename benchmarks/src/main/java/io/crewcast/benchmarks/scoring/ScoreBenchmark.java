package io.crewcast.benchmarks.scoring;

import io.crewcast.scoring.tree.FlatTrees;
import io.crewcast.scoring.tree.XgboostModelFile;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One row of 32 features through 100 trees of depth 6: our walk, and a native call. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ScoreBenchmark {

  private static final int FEATURES = 32;
  private static final int ROWS = 4_096;

  private final float[] out = new float[1];
  private float[][] rows = {};
  private FlatTrees flat;
  private Booster booster;
  private int next;

  @Setup
  public void train() throws XGBoostError {
    SplittableRandom random = new SplittableRandom(7);
    float[] values = new float[ROWS * FEATURES];
    float[] labels = new float[ROWS];
    rows = new float[ROWS][FEATURES];
    for (int i = 0; i < ROWS; i++) {
      float sum = 0;
      for (int j = 0; j < FEATURES; j++) {
        rows[i][j] = (float) random.nextDouble();
        values[i * FEATURES + j] = rows[i][j];
        sum += rows[i][j] * (j % 3 - 1);
      }
      labels[i] = sum + random.nextDouble() > 0.5 ? 1 : 0;
    }
    DMatrix matrix = new DMatrix(values, ROWS, FEATURES, Float.NaN);
    matrix.setLabel(labels);
    booster =
        XGBoost.train(
            matrix,
            Map.of("objective", "binary:logistic", "max_depth", 6, "nthread", 1),
            100,
            Map.of(),
            null,
            null);
    matrix.dispose();
    flat = XgboostModelFile.read(booster.toByteArray("ubj"));
  }

  private float[] row() {
    next = (next + 1) % ROWS;
    return rows[next];
  }

  @Benchmark
  public float flatTrees() {
    flat.predict(row(), out);
    return out[0];
  }

  @Benchmark
  public float nativeCall() throws XGBoostError {
    DMatrix one = new DMatrix(row(), 1, FEATURES, Float.NaN);
    try {
      return booster.predict(one)[0][0];
    } finally {
      one.dispose();
    }
  }
}
