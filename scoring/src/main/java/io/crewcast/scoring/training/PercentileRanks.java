package io.crewcast.scoring.training;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Labels as their rank among those of the same company and instant: 0 is the least, 100 the
 * greatest, and equal ones have the mean of their ranks.
 */
final class PercentileRanks {

  private PercentileRanks() {}

  private record Cohort(String company, Instant asOf) {}

  /** The examples in their order with ranks for labels, but for those that have no others. */
  static List<Example> of(List<Example> examples) {
    Map<Cohort, List<Example>> cohorts = new LinkedHashMap<>();
    for (Example example : examples) {
      cohorts
          .computeIfAbsent(
              new Cohort(example.company(), example.asOf()), cohort -> new ArrayList<>())
          .add(example);
    }
    Map<String, Double> ranks = new LinkedHashMap<>();
    for (List<Example> cohort : cohorts.values()) {
      double[] sorted = cohort.stream().mapToDouble(Example::label).sorted().toArray();
      if (sorted.length > 1) {
        cohort.forEach(example -> ranks.put(example.id(), rank(sorted, example.label())));
      }
    }
    return examples.stream()
        .filter(example -> ranks.containsKey(example.id()))
        .map(example -> example.withLabel(ranks.getOrDefault(example.id(), Double.NaN)))
        .toList();
  }

  private static double rank(double[] sorted, double label) {
    long below = Arrays.stream(sorted).filter(other -> other < label).count();
    long equal = Arrays.stream(sorted).filter(other -> other == label).count();
    return 100 * (below + (equal - 1) / 2.0) / (sorted.length - 1);
  }
}
