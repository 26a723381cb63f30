package io.crewcast.scoring.experiment;

import io.crewcast.schemas.stream.Outcome;
import io.crewcast.scoring.experiment.ExperimentSpec.Metric;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What a unit counts in a metric, from all that became known of it.
 *
 * @param covariate of the unit when it was exposed; 0 where there is none
 */
public record UnitTotals(Metric metric, double covariate) {

  /** So that a sum is the same whatever order its parts came in. */
  private static final Comparator<Outcome> ONE_ORDER =
      Comparator.comparing(Outcome::getAt)
          .thenComparing(Outcome::getIdentity)
          .thenComparing(Outcome::getValue);

  /**
   * The variables of {@link Moments} that comparisons take.
   *
   * @param outcomes in any order; those that became known outside of the metric's window do not
   *     count, and of several of one identity within it the last does
   * @return numerator, denominator, covariate and its denominator
   */
  public List<Double> of(Collection<Outcome> outcomes, Instant exposedAt) {
    Instant end = exposedAt.plus(metric.window());
    Map<String, Outcome> last = new HashMap<>();
    outcomes.stream()
        .filter(outcome -> !outcome.getAt().isBefore(exposedAt) && outcome.getAt().isBefore(end))
        .sorted(ONE_ORDER)
        .forEach(
            outcome -> last.put(outcome.getName() + '\u0001' + outcome.getIdentity(), outcome));
    List<Outcome> counted = last.values().stream().sorted(ONE_ORDER).toList();
    Predicate<Outcome> isFrom = outcome -> outcome.getName().equals(metric.from());
    double total = sum(counted, isFrom);
    return switch (metric.kind()) {
      case MEAN -> List.of(capped(total), 1.0, covariate, 1.0);
      case PROPORTION ->
          List.of(
              counted.stream().anyMatch(isFrom.and(outcome -> outcome.getValue() != 0)) ? 1.0 : 0.0,
              1.0,
              covariate,
              1.0);
      case RATIO ->
          List.of(
              capped(total),
              ExperimentSpec.COUNT.equals(metric.per())
                  ? (double) counted.stream().filter(isFrom).count()
                  : sum(counted, outcome -> outcome.getName().equals(metric.per())),
              covariate,
              1.0);
    };
  }

  private double capped(double total) {
    return metric.cap() == null ? total : Math.min(total, metric.cap());
  }

  private static double sum(List<Outcome> outcomes, Predicate<Outcome> counts) {
    double sum = 0;
    for (Outcome outcome : outcomes) {
      sum += counts.test(outcome) ? outcome.getValue() : 0;
    }
    return sum;
  }
}
