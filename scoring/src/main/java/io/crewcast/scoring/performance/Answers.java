package io.crewcast.scoring.performance;

import io.crewcast.schemas.CalibrationBin;
import io.crewcast.schemas.stream.AnswerSums;
import io.crewcast.schemas.stream.TenthSums;
import io.crewcast.scoring.model.Metric;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.ProblemType;
import io.crewcast.scoring.statistics.ExactSum;
import io.crewcast.scoring.statistics.Losses;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;

/** What one answerer, the model or its fallback, said and what then happened, as sums. */
record Answers(ModelSpec spec, AnswerSums sums) {

  private static final int TENTHS = 10;

  /** What is left of a difference of sums that are alike. */
  private static final double ROUNDING = 1e-12;

  private static final String SCORE = "score";
  private static final String LABEL = "label";
  private static final String LABEL_SQUARED = "label squared";

  static AnswerSums none() {
    List<TenthSums> tenths = new ArrayList<>();
    for (int i = 0; i < TENTHS; i++) {
      tenths.add(new TenthSums(0L, new ArrayList<>(), new ArrayList<>()));
    }
    return new AnswerSums(new HashMap<>(), new ArrayList<>(), new ArrayList<>(), tenths);
  }

  private ProblemType problem() {
    return spec.train().problem();
  }

  /** Whether the model's question can have that answer: an observation may say anything. */
  boolean canBe(double label) {
    return switch (problem()) {
      case BINARY_CLASSIFICATION -> label == 0 || label == 1;
      case MULTICLASS_CLASSIFICATION ->
          label == Math.rint(label) && label >= 0 && label < spec.outputs().size();
      case RANKING -> Double.isFinite(label) && label >= 0;
      default -> Double.isFinite(label);
    };
  }

  /** Adds one answer, in the order of the model's outputs, and its label. */
  void add(double[] answer, double label) {
    switch (problem()) {
      case BINARY_CLASSIFICATION -> {
        double score = answer[0];
        sum(Metric.LOG_LOSS.yamlName(), Losses.log(score, label));
        sum(Metric.BRIER.yamlName(), Losses.square(score - label));
        sum(SCORE, score);
        sum(LABEL, label);
        ScoreCells.count(label > 0 ? sums.getPositives() : sums.getNegatives(), 0, score);
        tenth(score, label);
      }
      case REGRESSION, MEDIAN_REGRESSION -> error(answer[0], label);
      case QUANTILE_REGRESSION -> {
        error(answer[spec.train().middle()], label);
        sum(Metric.PINBALL.yamlName(), Losses.pinball(answer, label, spec.train().quantiles()));
        boolean isWithin = answer[0] <= label && label <= answer[answer.length - 1];
        sum(ProblemType.INTERVAL_COVERAGE, isWithin ? 1 : 0);
      }
      case MULTICLASS_CLASSIFICATION -> {
        int likeliest = Losses.likeliest(answer);
        boolean isRight = likeliest == label;
        sum(Metric.MLOGLOSS.yamlName(), Losses.log(answer[(int) label]));
        sum(Metric.ACCURACY.yamlName(), isRight ? 1 : 0);
        for (int i = 0; i < answer.length; i++) {
          ScoreCells.count(i == label ? sums.getPositives() : sums.getNegatives(), i, answer[i]);
        }
        tenth(answer[likeliest], isRight ? 1 : 0);
      }
      case RANKING, ANOMALY_DETECTION -> {}
    }
  }

  private void error(double answer, double label) {
    sum(Metric.MAE.yamlName(), Math.abs(answer - label));
    sum(Metric.RMSE.yamlName(), Losses.square(answer - label));
    sum(ProblemType.BIAS, answer - label);
    sum(SCORE, answer);
    sum(LABEL, label);
    sum(LABEL_SQUARED, Losses.square(label));
  }

  private void sum(String name, double value) {
    ExactSum.add(sums.getLosses().computeIfAbsent(name, absent -> new ArrayList<>()), value);
  }

  private void tenth(double probability, double label) {
    int place = (int) Math.min(TENTHS - 1, Math.max(0, Math.floor(probability * TENTHS)));
    TenthSums tenth = sums.getTenths().get(place);
    tenth.setCount(tenth.getCount() + 1);
    ExactSum.add(tenth.getScores(), probability);
    ExactSum.add(tenth.getLabels(), label);
  }

  /** Adds another part. */
  void addAll(AnswerSums part) {
    part.getLosses()
        .forEach(
            (name, parts) ->
                ExactSum.addAll(
                    sums.getLosses().computeIfAbsent(name, absent -> new ArrayList<>()), parts));
    addAll(sums.getPositives(), part.getPositives());
    addAll(sums.getNegatives(), part.getNegatives());
    for (int i = 0; i < TENTHS; i++) {
      TenthSums tenth = sums.getTenths().get(i);
      TenthSums more = part.getTenths().get(i);
      tenth.setCount(tenth.getCount() + more.getCount());
      ExactSum.addAll(tenth.getScores(), more.getScores());
      ExactSum.addAll(tenth.getLabels(), more.getLabels());
    }
  }

  /** Adds counts cell by cell. */
  static void addAll(List<Long> counts, List<Long> more) {
    for (int cell = 0; cell < more.size(); cell++) {
      if (cell < counts.size()) {
        counts.set(cell, counts.get(cell) + more.get(cell));
      } else {
        counts.add(more.get(cell));
      }
    }
  }

  /** A figure; NaN where it is not defined. */
  ScoreCells.Area figure(String name, long labelled) {
    if (labelled == 0) {
      return exactly(Double.NaN);
    } else if (name.equals(Metric.AUC.yamlName())) {
      return ScoreCells.area(sums.getPositives(), sums.getNegatives(), 0);
    } else if (name.equals(Metric.MACRO_AUC.yamlName())) {
      return macroArea();
    } else if (name.equals(Metric.RMSE.yamlName())) {
      return exactly(Math.sqrt(total(name) / labelled));
    } else if (name.equals(Metric.R2.yamlName())) {
      double variation = total(LABEL_SQUARED) - total(LABEL) * (total(LABEL) / labelled);
      boolean varies = variation > ROUNDING * total(LABEL_SQUARED);
      return exactly(varies ? 1 - total(Metric.RMSE.yamlName()) / variation : Double.NaN);
    } else if (name.equals(ProblemType.CALIBRATION_RATIO)) {
      return exactly(total(LABEL) == 0 ? Double.NaN : total(SCORE) / total(LABEL));
    } else if (name.equals(ProblemType.ECE)) {
      return exactly(calibrationError(labelled));
    }
    return exactly(sums.getLosses().containsKey(name) ? total(name) / labelled : Double.NaN);
  }

  private static ScoreCells.Area exactly(double value) {
    return new ScoreCells.Area(value, 0);
  }

  private double total(String name) {
    return ExactSum.value(sums.getLosses().getOrDefault(name, List.of()));
  }

  /** The mean over the classes that are there and not all there is. */
  private ScoreCells.Area macroArea() {
    double sum = 0;
    double bound = 0;
    int classes = 0;
    for (int i = 0; i < spec.outputs().size(); i++) {
      ScoreCells.Area area = ScoreCells.area(sums.getPositives(), sums.getNegatives(), i);
      if (!Double.isNaN(area.value())) {
        sum += area.value();
        bound += area.bound();
        classes++;
      }
    }
    return new ScoreCells.Area(sum / classes, classes == 0 ? 0 : bound / classes);
  }

  private double calibrationError(long labelled) {
    double distances = 0;
    for (TenthSums tenth : sums.getTenths()) {
      distances += Math.abs(ExactSum.value(tenth.getScores()) - ExactSum.value(tenth.getLabels()));
    }
    return distances / labelled;
  }

  /** The tenths that hold an answer. */
  List<CalibrationBin> bins() {
    List<CalibrationBin> bins = new ArrayList<>();
    for (int i = 0; i < TENTHS; i++) {
      TenthSums tenth = sums.getTenths().get(i);
      if (tenth.getCount() > 0) {
        bins.add(
            new CalibrationBin(
                (double) i / TENTHS,
                tenth.getCount(),
                ExactSum.value(tenth.getScores()),
                ExactSum.value(tenth.getLabels())));
      }
    }
    return bins;
  }
}
