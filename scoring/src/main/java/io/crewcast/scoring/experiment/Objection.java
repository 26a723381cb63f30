package io.crewcast.scoring.experiment;

import io.crewcast.schemas.ExperimentMetrics;
import io.crewcast.schemas.ExperimentState;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * What speaks against serving an experiment any longer: units that are not split as promised, or a
 * variation that is worse than control, of a guardrail by more than its margin.
 *
 * @param reason the evidence, in words
 * @param value what was measured: a p-value, or the end of the interval next to the threshold
 * @param threshold what it was compared with
 */
public record Objection(String reason, double value, double threshold) {

  /**
   * The first that the rows of a look raise. A wrong split goes before all, because every
   * comparison misleads then.
   */
  public static Optional<Objection> in(List<ExperimentMetrics> look) {
    return look.stream()
        .filter(row -> row.getMetric().equals(Scorecard.SPLIT))
        .filter(row -> row.getState() == ExperimentState.SRM)
        .findFirst()
        .map(Objection::ofSplit)
        .or(
            () ->
                look.stream()
                    .filter(row -> row.getState() == ExperimentState.HARMED)
                    .findFirst()
                    .map(Objection::ofHarm));
  }

  private static Objection ofSplit(ExperimentMetrics row) {
    double p = Objects.requireNonNullElse(row.getSrmPValue(), 0.0);
    return new Objection(
        text("sample ratio mismatch (p %.2g): %s", p, row.getReason()), p, SampleRatio.LEVEL);
  }

  private static Objection ofHarm(ExperimentMetrics row) {
    double margin = Objects.requireNonNullElse(row.getMargin(), 0.0);
    Double lower = row.getLower();
    boolean isMore = lower != null && lower > margin;
    double end = isMore ? lower : Objects.requireNonNullElse(row.getUpper(), -margin);
    double threshold = isMore ? margin : -margin;
    return new Objection(
        text(
            "%s of %s is %s: the always-valid interval of its %s effect is %s %.4g, which is beyond"
                + " %.4g, with %d units against %d",
            row.getMetric(),
            row.getVariation(),
            row.getReason(),
            row.getScale(),
            isMore ? "above" : "below",
            end,
            threshold,
            row.getUnits(),
            row.getControlUnits()),
        end,
        threshold);
  }

  private static String text(String format, Object... of) {
    return String.format(Locale.ROOT, format, of);
  }
}
