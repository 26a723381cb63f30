package io.crewcast.benchmarks.scoring;

import io.crewcast.scoring.explain.TreeShap;
import io.crewcast.scoring.tree.FlatTrees;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.TimeUnit;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Flat trees and XGBoost4J score and explain the same rows in turn, a slice of time each: in one
 * process, because the speed of a machine that others share changes by a third within a minute.
 * What counts is the thread's processor time. XGBoost4J predicts with one thread, in this one.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5)
@Measurement(iterations = 15)
public class AgainstXgboostBenchmark {

  private static final int BATCH = 512;

  @Param({"SMALL", "LARGE"})
  public BenchmarkModel.Size size;

  @Param({"32", "128"})
  public int features;

  /** To train on. */
  @Param("16384")
  public int trainingRows;

  /** How long each is measured at a time. */
  @Param("60")
  public int sliceMillis;

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final float[] out = new float[1];
  private double[] contributions;
  private BenchmarkModel model;
  private float[][] batches;
  private Booster booster;
  private TreeShap shap;
  private FlatTrees.Walk scores;
  private TreeShap.Walk explanations;
  private int next;

  @Setup
  public void train() throws XGBoostError {
    model = new BenchmarkModel(size, features, trainingRows);
    booster = model.booster();
    shap = new TreeShap(model.flat());
    scores = model.flat().walk();
    explanations = shap.walk();
    contributions = new double[features];
    batches = new float[4][];
    for (int i = 0; i < batches.length; i++) {
      batches[i] = model.batch(i * BATCH, BATCH);
    }
  }

  private interface Work {
    Object next() throws XGBoostError;
  }

  @Benchmark
  public void inTurn(Cost cost, Blackhole seen) throws XGBoostError {
    cost.flat += micros(seen, this::flat) / BATCH;
    cost.batchOfMatrix += micros(seen, () -> ofMatrix(batch())) / BATCH;
    cost.batchInPlace += micros(seen, () -> inPlace(batch())) / BATCH;
    cost.callOfMatrix += micros(seen, () -> ofMatrix(row()));
    cost.callInPlace += micros(seen, () -> inPlace(row()));
    cost.explanation += micros(seen, this::explanation);
    cost.predictContrib += micros(seen, this::predictContrib);
    cost.leavesATree += (double) model.leaves() / size.trees;
    cost.treeBytes += model.flat().bytes();
    cost.explanationBytes += shap.bytes();
    cost.turns++;
  }

  /** Processor time of one, over a slice. */
  private double micros(Blackhole seen, Work work) throws XGBoostError {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(sliceMillis);
    long start = threads.getCurrentThreadCpuTime();
    long done = 0;
    do {
      seen.consume(work.next());
      done++;
    } while (System.nanoTime() < end);
    return (threads.getCurrentThreadCpuTime() - start) / 1e3 / done;
  }

  private float[] row() {
    return model.row(next++);
  }

  private float[] batch() {
    return batches[next++ & (batches.length - 1)];
  }

  /** As many rows as a batch has, one by one. */
  private float[] flat() {
    for (int i = 0; i < BATCH; i++) {
      scores.predict(row(), out);
    }
    return out;
  }

  private double[] explanation() {
    explanations.contributions(row(), contributions);
    return contributions;
  }

  private float[][] ofMatrix(float[] rows) throws XGBoostError {
    DMatrix matrix = new DMatrix(rows, rows.length / features, features, Float.NaN);
    try {
      return booster.predict(matrix);
    } finally {
      matrix.dispose();
    }
  }

  private float[][] inPlace(float[] rows) throws XGBoostError {
    return booster.inplace_predict(rows, rows.length / features, features, Float.NaN);
  }

  private float[][] predictContrib() throws XGBoostError {
    DMatrix matrix = new DMatrix(row(), 1, features, Float.NaN);
    try {
      return booster.predictContrib(matrix, 0);
    } finally {
      matrix.dispose();
    }
  }

  @TearDown
  public void close() {
    booster.dispose();
  }

  /** Summed over turns: processor time in microseconds of one row, and what the model takes. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Cost {
    public double flat;
    public double batchOfMatrix;
    public double batchInPlace;
    public double callOfMatrix;
    public double callInPlace;
    public double explanation;
    public double predictContrib;
    public double leavesATree;
    public double treeBytes;
    public double explanationBytes;
    public double turns;

    @Setup(Level.Iteration)
    public void clear() {
      flat = 0;
      batchOfMatrix = 0;
      batchInPlace = 0;
      callOfMatrix = 0;
      callInPlace = 0;
      explanation = 0;
      predictContrib = 0;
      leavesATree = 0;
      treeBytes = 0;
      explanationBytes = 0;
      turns = 0;
    }
  }
}
