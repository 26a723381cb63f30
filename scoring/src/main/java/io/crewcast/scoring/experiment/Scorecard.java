package io.crewcast.scoring.experiment;

import io.crewcast.schemas.ExperimentMetrics;
import io.crewcast.schemas.ExperimentState;
import io.crewcast.schemas.state.MetricEvidence;
import io.crewcast.schemas.state.TrialStanding;
import io.crewcast.scoring.experiment.ExperimentSpec.Margin;
import io.crewcast.scoring.experiment.ExperimentSpec.Metric;
import io.crewcast.scoring.rollout.Variation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks at an experiment: one row a metric and variation, and one for the split of the units. */
public record Scorecard(ExperimentSpec spec) {

  /** What the row of the split is called where metrics have their names. */
  public static final String SPLIT = "srm";

  /** Companies, or variations. */
  private static final String ALL = "*";

  /** A comparison with all that was seen of it. */
  private record Seen(Comparison comparison, Variation variation, Evidence evidence) {}

  /**
   * The rows, and in {@code standing} the evidence with this look.
   *
   * @param asOf the event time of the look
   */
  public List<ExperimentMetrics> look(TrialStanding standing, Instant asOf) {
    List<Long> counts =
        spec.variationNames().stream()
            .map(variation -> standing.getExposed().getOrDefault(variation, 0L))
            .toList();
    SampleRatio ratio = new SampleRatio(spec.variations().stream().map(Variation::weight).toList());
    if (standing.getPlannedUnits() == 0) {
      // an interval of another plan is not of the same sequence
      standing.setPlannedUnits(spec.plannedUnits());
    }
    standing.setSplitPValue(Math.min(standing.getSplitPValue(), ratio.pValue(counts)));

    List<Seen> all = new ArrayList<>();
    for (Metric metric : spec.metrics()) {
      for (Variation variation : spec.variations().subList(1, spec.variations().size())) {
        all.add(seen(metric, variation, standing));
      }
    }
    standing.setEvidence(all.stream().map(Scorecard::kept).toList());

    double[] adjusted = adjusted(all);
    List<ExperimentMetrics> rows = new ArrayList<>();
    rows.add(split(standing, counts, ratio, asOf));
    for (int i = 0; i < all.size(); i++) {
      rows.add(row(all.get(i), adjusted[i], standing, asOf));
    }
    return rows;
  }

  private Seen seen(Metric metric, Variation variation, TrialStanding standing) {
    var comparison =
        new Comparison(
            metric,
            moments(standing, metric, spec.control()),
            moments(standing, metric, variation),
            sequence(variation, standing));
    Evidence before = Evidence.NONE;
    for (MetricEvidence kept : standing.getEvidence()) {
      if (kept.getMetric().equals(metric.name()) && kept.getVariation().equals(variation.name())) {
        before = new Evidence(new Interval(kept.getLower(), kept.getUpper()), kept.getPValue());
      }
    }
    return new Seen(comparison, variation, before.and(comparison.interval(), comparison.pValue()));
  }

  private static Moments moments(TrialStanding standing, Metric metric, Variation variation) {
    return Standings.moments(Standings.find(standing.getTotals(), metric.name(), variation.name()));
  }

  private ConfidenceSequence sequence(Variation variation, TrialStanding standing) {
    return new ConfidenceSequence(spec.alpha(), planned(variation, standing));
  }

  /** Units of control and a variation together when a decision is expected. */
  private double planned(Variation variation, TrialStanding standing) {
    return standing.getPlannedUnits() * (spec.control().weight() + variation.weight());
  }

  private static MetricEvidence kept(Seen seen) {
    Evidence evidence = seen.evidence();
    return new MetricEvidence(
        seen.comparison().metric().name(),
        seen.variation().name(),
        evidence.interval().lower(),
        evidence.interval().upper(),
        evidence.pValue());
  }

  /** Of goals; NaN of guardrails, which are judged one by one. */
  private double[] adjusted(List<Seen> all) {
    double[] p = new double[all.size()];
    for (int i = 0; i < p.length; i++) {
      Seen seen = all.get(i);
      p[i] = seen.comparison().metric().isGuardrail() ? Double.NaN : seen.evidence().pValue();
    }
    return spec.correction().adjust(p);
  }

  private ExperimentMetrics split(
      TrialStanding standing, List<Long> counts, SampleRatio ratio, Instant asOf) {
    boolean isMismatch = standing.getSplitPValue() < SampleRatio.LEVEL;
    long units = counts.stream().mapToLong(Long::longValue).sum();
    return common(standing, asOf)
        .setMetric(SPLIT)
        .setVariation(ALL)
        .setRole(SPLIT)
        .setKind("split")
        .setUnits(units - counts.get(0))
        .setControlUnits(counts.get(0))
        .setExposedUnits(units - counts.get(0))
        .setPValue(standing.getSplitPValue())
        .setFixedPValue(ratio.chiSquareP(counts))
        .setAlpha(SampleRatio.LEVEL)
        .setMethod("sequential Dirichlet-multinomial test")
        .setState(isMismatch ? ExperimentState.SRM : ExperimentState.RUNNING)
        .setReason(
            "exposed units %s of weights %s %s"
                .formatted(
                    counts,
                    ratio.weights(),
                    isMismatch ? "are no such split: comparisons mislead" : "are such a split"))
        .build();
  }

  private ExperimentMetrics row(Seen seen, double adjusted, TrialStanding standing, Instant asOf) {
    Comparison comparison = seen.comparison();
    Metric metric = comparison.metric();
    Difference difference = comparison.difference();
    Difference relative =
        difference.isKnown()
            ? Difference.relative(metric.kind(), comparison.control(), comparison.treatment())
            : Difference.NONE;
    Interval fixed = comparison.fixedInterval();
    Interval interval = seen.evidence().interval();
    Margin margin = comparison.margin();
    boolean isKnown = difference.isKnown();
    ExperimentState state = state(seen, adjusted, standing);
    return common(standing, asOf)
        .setMetric(metric.name())
        .setVariation(seen.variation().name())
        .setRole(metric.isGuardrail() ? "guardrail" : "goal")
        .setKind(metric.kind().yamlName())
        .setScale(comparison.isRelative() ? "relative" : "absolute")
        .setUnits(comparison.treatment().units())
        .setControlUnits(comparison.control().units())
        .setExposedUnits(standing.getExposed().getOrDefault(seen.variation().name(), 0L))
        .setExcludedUnits(excluded(standing, metric, seen.variation()))
        .setMean(value(metric, comparison.treatment()))
        .setControlMean(value(metric, comparison.control()))
        .setEffect(isKnown ? difference.effect() : null)
        .setStandardError(isKnown ? difference.standardError() : null)
        .setRelativeEffect(relative.isKnown() ? relative.effect() : null)
        .setLower(finite(interval.lower()))
        .setUpper(finite(interval.upper()))
        .setPValue(seen.evidence().pValue())
        .setAdjustedPValue(finite(adjusted))
        .setFixedLower(finite(fixed.lower()))
        .setFixedUpper(finite(fixed.upper()))
        .setFixedPValue(comparison.fixedPValue())
        .setMargin(margin == null ? null : margin.most())
        .setMinimumDetectableEffect(
            isKnown
                ? new Power(spec.alpha(), Power.USUAL)
                    .detectableEffect(difference, planned(seen.variation(), standing))
                : null)
        .setMethod((metric.isGuardrail() ? "one-sided " : "") + "asymptotic confidence sequence")
        .setState(state)
        .setReason(reason(state, comparison))
        .build();
  }

  private ExperimentMetrics.Builder common(TrialStanding standing, Instant asOf) {
    return ExperimentMetrics.newBuilder()
        .setExperiment(spec.name())
        .setModel(spec.model())
        .setControl(spec.control().name())
        .setCompanyId(ALL)
        .setCorrection(spec.correction().yamlName())
        .setAlpha(spec.alpha())
        .setPlannedUnits(standing.getPlannedUnits())
        .setControlExposedUnits(standing.getExposed().getOrDefault(spec.control().name(), 0L))
        .setMultipleExposures(standing.getCrossed())
        .setSrmPValue(standing.getSplitPValue())
        .setCovariate(spec.covariate() == null ? null : spec.covariate().name())
        .setAsOf(asOf);
  }

  private static ExperimentState state(Seen seen, double adjusted, TrialStanding standing) {
    Comparison comparison = seen.comparison();
    boolean isGuardrail = comparison.metric().isGuardrail();
    if (standing.getSplitPValue() < SampleRatio.LEVEL) {
      return ExperimentState.SRM;
    } else if (!comparison.difference().isKnown()) {
      return ExperimentState.INSUFFICIENT;
    } else if (isGuardrail || adjusted <= comparison.sequence().alpha()) {
      return comparison.isHarmful(seen.evidence().interval())
          ? ExperimentState.HARMED
          : isGuardrail ? ExperimentState.RUNNING : ExperimentState.SIGNIFICANT;
    }
    return ExperimentState.RUNNING;
  }

  private static String reason(ExperimentState state, Comparison comparison) {
    Metric metric = comparison.metric();
    return switch (state) {
      case SRM -> "the units are not split as promised: the comparison misleads";
      case INSUFFICIENT ->
          "%d and %d units are complete; it takes %d in each, and some that differ"
              .formatted(
                  comparison.control().units(),
                  comparison.treatment().units(),
                  Comparison.LEAST_UNITS);
      case HARMED ->
          metric.isGuardrail()
              ? "worse than control by more than the margin"
              : "worse than control";
      case SIGNIFICANT -> "better than control";
      case RUNNING ->
          metric.isGuardrail() ? "no harm beyond the margin is shown" : "no difference is shown";
    };
  }

  private long excluded(TrialStanding standing, Metric metric, Variation variation) {
    long excluded = 0;
    for (Variation of : List.of(spec.control(), variation)) {
      var totals = Standings.find(standing.getTotals(), metric.name(), of.name());
      excluded += totals == null ? 0 : totals.getExcluded();
    }
    return excluded;
  }

  private static @Nullable Double value(Metric metric, Moments moments) {
    return moments.units() == 0 ? null : finite(Arm.of(metric.kind(), moments).value());
  }

  private static @Nullable Double finite(double number) {
    return Double.isFinite(number) ? number : null;
  }
}
