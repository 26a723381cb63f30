package io.crewcast.scoring.performance;

import io.crewcast.schemas.CalibrationBin;
import io.crewcast.schemas.LabelOutcome;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.stream.Judged;
import io.crewcast.schemas.stream.PerformanceSums;
import io.crewcast.scoring.model.Metric;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.ProblemType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the predictions of one window did: counts what was predicted and what became known, and tells
 * figures of it. The same in whatever order predictions and labels came.
 */
public record Performance(ModelSpec spec, PerformanceSums sums) {

  private static final List<Double> SHARES = List.of(0.5, 0.95, 0.99);

  /**
   * One figure.
   *
   * @param value null where it is not defined
   * @param lower what it is at least, where cells leave that open
   * @param ofFallback the same of what the fallback would have answered
   * @param bins that it is made of, where it is a calibration error
   */
  public record Figure(
      String metric,
      @Nullable Double value,
      @Nullable Double lower,
      @Nullable Double upper,
      @Nullable Double ofFallback,
      List<CalibrationBin> bins) {}

  /** Of a window with no predictions yet. */
  public static PerformanceSums none() {
    PerformanceSums sums = new PerformanceSums();
    sums.setMicros(new ArrayList<>());
    sums.setAnswers(Answers.none());
    sums.setFallbackAnswers(Answers.none());
    return sums;
  }

  /** Counts a prediction that was made, or one whose label is settled. */
  public void add(Judged judged) {
    if (judged.getOutcome() == null) {
      made(judged);
    } else {
      settled(judged);
    }
  }

  private void made(Judged judged) {
    sums.setPredictions(sums.getPredictions() + 1);
    if (judged.getRole() == PredictionRole.FALLBACK) {
      sums.setFallbacks(sums.getFallbacks() + 1);
    } else if (judged.getScoreMicros() != null) {
      Latencies.count(sums.getMicros(), judged.getScoreMicros());
    }
  }

  private void settled(Judged judged) {
    if (judged.getLate()) {
      sums.setLate(sums.getLate() + 1);
      return;
    }
    switch (judged.getOutcome()) {
      case KNOWN_BEFORE -> sums.setKnownBefore(sums.getKnownBefore() + 1);
      case CENSORED, WITHDRAWN -> sums.setCensored(sums.getCensored() + 1);
      case LABELLED, LEFT_TRUNCATED -> {
        if (!isLabelled(judged)) {
          sums.setCensored(sums.getCensored() + 1);
          return;
        }
        sums.setLabelled(sums.getLabelled() + 1);
        new Answers(spec, sums.getAnswers()).add(array(judged.getAnswer()), judged.getLabel());
        new Answers(spec, sums.getFallbackAnswers())
            .add(array(judged.getFallback()), judged.getLabel());
      }
    }
  }

  /** Whether its label is known in time, and one that the model's question can have. */
  boolean isLabelled(Judged judged) {
    LabelOutcome outcome = judged.getOutcome();
    return (outcome == LabelOutcome.LABELLED || outcome == LabelOutcome.LEFT_TRUNCATED)
        && !judged.getLate()
        && new Answers(spec, sums.getAnswers()).canBe(judged.getLabel());
  }

  private static double[] array(List<Double> numbers) {
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /**
   * Adds another part of the same window.
   *
   * @param isClosed whether the window was told for the last time: labels are only counted then
   */
  public void addAll(PerformanceSums part, boolean isClosed) {
    sums.setPredictions(sums.getPredictions() + part.getPredictions());
    sums.setFallbacks(sums.getFallbacks() + part.getFallbacks());
    sums.setCensored(sums.getCensored() + part.getCensored());
    sums.setKnownBefore(sums.getKnownBefore() + part.getKnownBefore());
    Answers.addAll(sums.getMicros(), part.getMicros());
    if (isClosed) {
      sums.setLate(sums.getLate() + part.getLate() + part.getLabelled());
    } else {
      sums.setLate(sums.getLate() + part.getLate());
      sums.setLabelled(sums.getLabelled() + part.getLabelled());
      if (part.getGroups() != null) {
        sums.setGroups((sums.getGroups() == null ? 0 : sums.getGroups()) + part.getGroups());
      }
      new Answers(spec, sums.getAnswers()).addAll(part.getAnswers());
      new Answers(spec, sums.getFallbackAnswers()).addAll(part.getFallbackAnswers());
    }
  }

  /** Share of the predictions that can have a label whose label is settled. */
  public double maturity() {
    long eligible = sums.getPredictions() - sums.getKnownBefore();
    return eligible <= 0 ? 1 : (double) (sums.getLabelled() + sums.getCensored()) / eligible;
  }

  /** All figures that fit the kind of answer. */
  public List<Figure> figures() {
    List<Figure> figures = new ArrayList<>();
    Answers answers = new Answers(spec, sums.getAnswers());
    Answers fallback = new Answers(spec, sums.getFallbackAnswers());
    Long groups = sums.getGroups();
    long said = groups == null ? sums.getLabelled() : groups;
    for (String metric : spec.train().problem().figures()) {
      if (metric.equals(Metric.NDCG.yamlName()) != (groups != null)) {
        continue; // rankings are judged by group, all else by prediction
      }
      int latency = ProblemType.LATENCIES.indexOf(metric);
      if (latency >= 0) {
        figures.add(plain(metric, Latencies.quantile(sums.getMicros(), SHARES.get(latency))));
      } else if (metric.equals(ProblemType.FALLBACK_SHARE)) {
        figures.add(plain(metric, (double) sums.getFallbacks() / sums.getPredictions()));
      } else {
        var area = answers.figure(metric, said);
        figures.add(
            new Figure(
                metric,
                known(area.value()),
                area.bound() > 0 ? known(area.value() - area.bound()) : null,
                area.bound() > 0 ? known(area.value() + area.bound()) : null,
                known(fallback.figure(metric, said).value()),
                metric.equals(ProblemType.ECE) ? answers.bins() : List.of()));
      }
    }
    return figures;
  }

  private static Figure plain(String metric, double value) {
    return new Figure(metric, known(value), null, null, null, List.of());
  }

  private static @Nullable Double known(double value) {
    return Double.isNaN(value) ? null : (Double) value;
  }
}
