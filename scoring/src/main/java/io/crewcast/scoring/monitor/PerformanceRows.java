package io.crewcast.scoring.monitor;

import io.crewcast.schemas.AlertSeverity;
import io.crewcast.schemas.ModelPerformance;
import io.crewcast.schemas.stream.PerformanceSums;
import io.crewcast.schemas.stream.Signal;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.ModelSpec.Limit;
import io.crewcast.scoring.model.ProblemType;
import io.crewcast.scoring.performance.Performance;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * What is told of one group's predictions of one day.
 *
 * @param now until when all is in
 * @param isClosed whether all labels are due
 */
record PerformanceRows(ModelSpec spec, PerformanceSums sums, Instant now, boolean isClosed) {

  /** Where a model's file says nothing of it. */
  private static final double MOST_FALLBACKS = 0.05;

  /** Share of labels that must be settled before figures are worth an alert. */
  private static final double RIPE = 0.5;

  void tell(Collector<ModelPerformance> out, BiConsumer<OutputTag<Signal>, Signal> signals) {
    Performance performance = new Performance(spec, sums);
    List<Performance.Figure> figures = performance.figures();
    figures.forEach(figure -> out.collect(row(figure, performance.maturity())));
    boolean isWhole =
        sums.getVariation().equals("*")
            && sums.getSegment().equals("*")
            && sums.getModelVersion() > 0;
    if (!isWhole) {
      return;
    }
    boolean servedEnough = sums.getPredictions() >= spec.monitor().entities();
    boolean labelledEnough =
        sums.getLabelled() >= spec.monitor().entities()
            && (isClosed || performance.maturity() >= RIPE);
    for (Limit limit : limits()) {
      boolean isOfServing = isOfServing(limit.metric());
      if (isOfServing ? servedEnough && !sums.getServed() : labelledEnough && !sums.getLooked()) {
        figures.stream()
            .filter(figure -> figure.metric().equals(limit.metric()) && figure.value() != null)
            .forEach(
                figure ->
                    signals.accept(MeasurePerformance.SIGNALS, signal(limit, figure.value())));
      }
    }
    sums.setServed(sums.getServed() || servedEnough);
    sums.setLooked(sums.getLooked() || labelledEnough);
  }

  private static boolean isOfServing(String metric) {
    return ProblemType.LATENCIES.contains(metric) || metric.equals(ProblemType.FALLBACK_SHARE);
  }

  /** Those of the model's file, and what any model must keep. */
  private List<Limit> limits() {
    List<Limit> limits = new ArrayList<>(spec.monitor().limits());
    if (limits.stream().noneMatch(limit -> limit.metric().equals(ProblemType.FALLBACK_SHARE))) {
      limits.add(new Limit(ProblemType.FALLBACK_SHARE, false, MOST_FALLBACKS));
    }
    if (spec.serve().budget() != null) {
      limits.add(
          new Limit(ProblemType.LATENCIES.get(2), false, spec.serve().budget().toNanos() / 1e3));
    }
    return limits;
  }

  private Signal signal(Limit limit, double value) {
    boolean isBad = limit.isBrokenBy(value);
    String figure = limit.metric().replace('_', ' ');
    return Signal.newBuilder()
        .setSubject("model." + spec.name())
        .setTopic(
            "%s %s %s, version %d"
                .formatted(
                    limit.metric(),
                    limit.below() ? "<" : ">",
                    limit.value(),
                    sums.getModelVersion()))
        .setCompanyId(sums.getCompanyId())
        .setBad(isBad)
        .setSeverity(isOfServing(limit.metric()) ? AlertSeverity.CRITICAL : AlertSeverity.WARNING)
        .setMessage(
            "%s of version %d of %s is %.4g for predictions %s %s, %s %s. %s"
                .formatted(
                    figure,
                    sums.getModelVersion(),
                    spec.name(),
                    value,
                    sums.getGroups() == null ? "of" : "from",
                    sums.getWindowStart().toString().substring(0, 10),
                    value < limit.value() ? "below" : "not below",
                    limit.value(),
                    remedy(limit)))
        .setValue(value)
        .setThreshold(limit.value())
        .setConfirm(isBad && isOfServing(limit.metric()) ? 1 : spec.monitor().bad())
        .setOf(spec.monitor().of())
        .setAsOf(now)
        .build();
  }

  private String remedy(Limit limit) {
    if (limit.metric().equals(ProblemType.FALLBACK_SHARE)) {
      return "See the alerts of its versions, or ./crewcast models rollback " + spec.name();
    }
    return isOfServing(limit.metric())
        ? "Raise serve.budget in its file, or ./crewcast models rollback " + spec.name()
        : "Train it again: ./crewcast train " + spec.name();
  }

  private ModelPerformance row(Performance.Figure figure, double maturity) {
    ModelPerformance row = new ModelPerformance();
    row.setModel(sums.getModel());
    row.setModelVersion(sums.getModelVersion());
    row.setCompanyId(sums.getCompanyId());
    row.setSegment(sums.getSegment());
    row.setVariation(sums.getVariation());
    row.setWindowStart(sums.getWindowStart());
    row.setWindowEnd(sums.getWindowEnd());
    row.setMetric(figure.metric());
    row.setValue(figure.value());
    row.setLower(figure.lower());
    row.setUpper(figure.upper());
    row.setFallbackValue(figure.ofFallback());
    row.setPredictions(sums.getPredictions());
    row.setLabelled(sums.getLabelled());
    row.setCensored(sums.getCensored());
    row.setLate(sums.getLate());
    row.setKnownBefore(sums.getKnownBefore());
    row.setMaturity(maturity);
    row.setProvisional(!isClosed);
    row.setBins(figure.bins());
    row.setGroups(sums.getGroups());
    row.setAsOf(now);
    return row;
  }
}
