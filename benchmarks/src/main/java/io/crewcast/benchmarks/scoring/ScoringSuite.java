package io.crewcast.benchmarks.scoring;

import io.crewcast.benchmarks.measure.Figure;
import io.crewcast.benchmarks.measure.Jmh;
import io.crewcast.benchmarks.measure.Suite;
import io.crewcast.benchmarks.measure.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.TimeValue;

/** What a score and an explanation cost, against XGBoost4J. */
public final class ScoringSuite implements Suite {

  private static final List<Integer> FEATURES = List.of(32, 128);

  /** No object, which takes 16 bytes; what JMH itself allocates meanwhile is counted with it. */
  private static final Target NO_OBJECT = Target.below(16);

  /** What is asked of a size of model. */
  private enum Targets {
    SMALL(BenchmarkModel.Size.SMALL, 1, 40, 15),
    LARGE(BenchmarkModel.Size.LARGE, 1.3, 10, 8);

    private final BenchmarkModel.Size size;
    private final Target toARowOfABatch;
    private final Target callsToIt;
    private final Target contribToExplanation;

    Targets(BenchmarkModel.Size size, double batch, double calls, double contrib) {
      this.size = size;
      toARowOfABatch = Target.atMost(batch);
      callsToIt = Target.atLeast(calls);
      contribToExplanation = Target.atLeast(contrib);
    }
  }

  /**
   * How much is measured.
   *
   * @param trainingRows for the models
   * @param turns that are counted
   * @param sliceMillis of each in a turn
   * @param seconds of a measurement of what is allocated
   */
  private record Scale(int trainingRows, int turns, int sliceMillis, int seconds) {

    private static final Scale FULL = new Scale(16_384, 15, 60, 5);
    private static final Scale QUICK = new Scale(4_096, 3, 20, 1);

    static Scale of(boolean quick) {
      return quick ? QUICK : FULL;
    }
  }

  @Override
  public List<Figure> measure(Jmh jmh, boolean quick) throws RunnerException {
    Scale scale = Scale.of(quick);
    List<Figure> figures = new ArrayList<>();
    for (Targets targets : Targets.values()) {
      for (int features : FEATURES) {
        againstXgboost(jmh, targets, features, scale, figures);
      }
      allocated(jmh, targets.size, scale, figures);
    }
    return figures;
  }

  private static void againstXgboost(
      Jmh jmh, Targets targets, int features, Scale scale, List<Figure> figures)
      throws RunnerException {
    String model =
        format(
            "%d trees of depth %d, %d features", targets.size.trees, targets.size.depth, features);
    Jmh.Result result =
        jmh.run(
                model,
                AgainstXgboostBenchmark.class,
                options ->
                    options
                        .param("size", targets.size.name())
                        .param("features", text(features))
                        .param("trainingRows", text(scale.trainingRows()))
                        .param("sliceMillis", text(scale.sliceMillis()))
                        .measurementIterations(scale.turns()))
            .only();
    scores(result, targets, model, figures);
    explanations(result, targets, figures);
    figures.add(Figure.of("  leaves a tree", mean(result, "leavesATree"), ""));
    figures.add(Figure.of("  memory of the trees", mean(result, "treeBytes") / 1024, "KB"));
    figures.add(
        Figure.of("  memory for explanations", mean(result, "explanationBytes") / 1024, "KB"));
  }

  private static void scores(
      Jmh.Result result, Targets targets, String model, List<Figure> figures) {
    double flat = mean(result, "flat");
    double ofMatrix = mean(result, "batchOfMatrix");
    double inPlace = mean(result, "batchInPlace");
    double batch = Math.min(ofMatrix, inPlace);
    figures.add(
        Figure.of(model + ": a score, to a batch's row", flat, "us")
            .withRatio(flat / batch)
            .withTarget(targets.toARowOfABatch));
    figures.add(Figure.of("  XGBoost4J, a row of 512 in a DMatrix", ofMatrix, "us"));
    figures.add(Figure.of("  XGBoost4J, a row of 512 by inplace_predict", inPlace, "us"));
    double callOfMatrix = mean(result, "callOfMatrix");
    double callInPlace = mean(result, "callInPlace");
    figures.add(Figure.of("  XGBoost4J, a row alone in a DMatrix", callOfMatrix, "us"));
    figures.add(Figure.of("  XGBoost4J, a row alone by inplace_predict", callInPlace, "us"));
    figures.add(
        Figure.of(
                "  the cheaper of these two, to a score", Math.min(callOfMatrix, callInPlace), "us")
            .withRatio(Math.min(callOfMatrix, callInPlace) / flat)
            .withTarget(targets.callsToIt));
  }

  private static void explanations(Jmh.Result result, Targets targets, List<Figure> figures) {
    double explanation = mean(result, "explanation");
    double predictContrib = mean(result, "predictContrib");
    figures.add(Figure.of("  an explanation of all features", explanation, "us"));
    figures.add(
        Figure.of("  XGBoost4J's predictContrib of the row, to that", predictContrib, "us")
            .withRatio(predictContrib / explanation)
            .withTarget(targets.contribToExplanation));
  }

  private static void allocated(
      Jmh jmh, BenchmarkModel.Size size, Scale scale, List<Figure> figures) throws RunnerException {
    Jmh.Results results =
        jmh.run(
            format("what %d trees allocate", size.trees),
            ScoreBenchmark.class,
            options ->
                options
                    .param("size", size.name())
                    .param("trainingRows", text(scale.trainingRows()))
                    .addProfiler(GCProfiler.class)
                    .warmupIterations(2)
                    .warmupTime(TimeValue.seconds(scale.seconds()))
                    .measurementIterations(2)
                    .measurementTime(TimeValue.seconds(scale.seconds())));
    String trees = format("%d trees: allocated by ", size.trees);
    figures.add(
        Figure.of(trees + "a score", allocatedBy(results.of("score")), "B").withTarget(NO_OBJECT));
    figures.add(
        Figure.of(trees + "an explanation", allocatedBy(results.of("explain")), "B")
            .withTarget(NO_OBJECT));
  }

  private static double allocatedBy(Jmh.Result result) {
    return result.counted("gc.alloc.rate.norm");
  }

  private static double mean(Jmh.Result result, String counter) {
    return result.counted(counter) / result.counted("turns");
  }

  @Override
  public List<String> notes(boolean quick) {
    Scale scale = Scale.of(quick);
    return List.of(
        format(
            "Models trained on %,d rows of normal numbers, a tenth missing; every tree has its full depth.",
            scale.trainingRows()),
        "Processor time of one thread; all of a model take turns in one process.",
        "What is allocated: JMH's gc profiler, with what JMH itself allocates.");
  }

  private static String format(String text, Object... values) {
    return String.format(Locale.ROOT, text, values);
  }

  private static String text(int number) {
    return Integer.toString(number);
  }
}
