package io.crewcast.benchmarks.scoring;

import io.crewcast.scoring.explain.TreeShap;
import io.crewcast.scoring.tree.FlatTrees;
import java.util.concurrent.TimeUnit;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A score and an explanation of one row, to see what they allocate. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
public class ScoreBenchmark {

  @Param({"SMALL", "LARGE"})
  public BenchmarkModel.Size size;

  @Param("32")
  public int features;

  @Param("16384")
  public int trainingRows;

  private final float[] out = new float[1];
  private double[] contributions;
  private BenchmarkModel model;
  private FlatTrees.Walk scores;
  private TreeShap.Walk explanations;
  private int next;

  @Setup
  public void train() throws XGBoostError {
    model = new BenchmarkModel(size, features, trainingRows);
    scores = model.flat().walk();
    explanations = new TreeShap(model.flat()).walk();
    contributions = new double[features];
  }

  @Benchmark
  public float score() {
    scores.predict(model.row(next++), out);
    return out[0];
  }

  @Benchmark
  public double explain() {
    explanations.contributions(model.row(next++), contributions);
    return contributions[0];
  }
}
