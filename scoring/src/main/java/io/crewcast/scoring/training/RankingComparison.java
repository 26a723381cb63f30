package io.crewcast.scoring.training;

import io.crewcast.scoring.model.Metric;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * How well a model ranks the candidates of requests, beside a rule, by what each candidate would
 * have earned: NDCG of the first three. Only where the grades of all candidates are known, as in a
 * simulation, is that more than a guess.
 *
 * @param requests that were ranked
 * @param model its NDCG@3
 * @param rule its NDCG@3
 * @param low of the 95 % interval of the difference, by what requests share
 * @param high of the same
 */
public record RankingComparison(int requests, double model, double rule, double low, double high) {

  /**
   * A candidate of a request.
   *
   * @param cluster what requests share that depend on each other, such as their project
   * @param grade that the candidate would have earned
   * @param model the model's score
   * @param rule the rule's
   */
  public record Ranked(String request, String cluster, double grade, double model, double rule) {}

  /** Candidates in any order. */
  public static RankingComparison of(List<Ranked> candidates) {
    Map<String, List<Integer>> rows = new LinkedHashMap<>();
    for (int row = 0; row < candidates.size(); row++) {
      rows.computeIfAbsent(candidates.get(row).request(), id -> new ArrayList<>()).add(row);
    }
    Yardstick grades =
        new Yardstick(
            candidates.stream().map(Ranked::grade).toList(),
            new Groups(List.copyOf(rows.values())),
            List.of());
    Metrics.Weighted model = ndcg(candidates, Ranked::model, grades);
    Metrics.Weighted rule = ndcg(candidates, Ranked::rule, grades);
    ClusterBootstrap.Interval difference =
        new ClusterBootstrap(candidates.stream().map(Ranked::cluster).toList())
            .interval(weights -> model.at(weights) - rule.at(weights));
    int[] once = candidates.stream().mapToInt(candidate -> 1).toArray();
    return new RankingComparison(
        rows.size(), model.at(once), rule.at(once), difference.low(), difference.high());
  }

  private static Metrics.Weighted ndcg(
      List<Ranked> candidates, ToDoubleFunction<Ranked> score, Yardstick grades) {
    double[] scores = candidates.stream().mapToDouble(score).toArray();
    return Metrics.of(Metric.NDCG, Scored.ofNumbers(Scored.MODEL, scores).outputs(), grades);
  }
}
