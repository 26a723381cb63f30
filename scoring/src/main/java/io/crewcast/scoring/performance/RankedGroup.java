package io.crewcast.scoring.performance;

import io.crewcast.schemas.stream.AnswerSums;
import io.crewcast.schemas.stream.Judged;
import io.crewcast.schemas.stream.PerformanceSums;
import io.crewcast.scoring.model.Metric;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.statistics.ExactSum;
import io.crewcast.scoring.statistics.RankingGain;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * How well one group was ranked, as sums of its period: one of a group that tells, and its NDCG@3.
 * Only those whose grade is known are ranked: who was not chosen is unknown, and not bad.
 */
public final class RankedGroup {

  private static final String NDCG = Metric.NDCG.yamlName();

  private RankedGroup() {}

  /**
   * The sums of what is known.
   *
   * @param known predictions as they were made and as their labels were settled, in any order
   */
  public static PerformanceSums sums(ModelSpec spec, List<Judged> known) {
    PerformanceSums sums = Performance.none();
    Performance performance = new Performance(spec, sums);
    known.forEach(performance::add);
    sums.setMicros(new ArrayList<>()); // told by prediction
    sums.setFallbacks(0L);
    sums.setGroups(0L);
    List<Judged> labelled = known.stream().filter(performance::isLabelled).toList();
    double[] grades = labelled.stream().mapToDouble(Judged::getLabel).toArray();
    double gain = RankingGain.ofFirstThree(first(labelled, Judged::getAnswer), grades);
    if (!Double.isNaN(gain)) {
      sums.setGroups(1L);
      add(sums.getAnswers(), gain);
      add(
          sums.getFallbackAnswers(),
          RankingGain.ofFirstThree(first(labelled, Judged::getFallback), grades));
    }
    return sums;
  }

  private static double[] first(List<Judged> labelled, Function<Judged, List<Double>> answer) {
    return labelled.stream().mapToDouble(judged -> answer.apply(judged).get(0)).toArray();
  }

  private static void add(AnswerSums sums, double gain) {
    ExactSum.add(sums.getLosses().computeIfAbsent(NDCG, absent -> new ArrayList<>()), gain);
  }

  /** What is to be added to what was told before so that it becomes what is known now. */
  public static PerformanceSums difference(PerformanceSums now, PerformanceSums before) {
    PerformanceSums more = PerformanceSums.newBuilder(now).build();
    more.setPredictions(now.getPredictions() - before.getPredictions());
    more.setLabelled(now.getLabelled() - before.getLabelled());
    more.setCensored(now.getCensored() - before.getCensored());
    more.setLate(now.getLate() - before.getLate());
    more.setKnownBefore(now.getKnownBefore() - before.getKnownBefore());
    more.setGroups(now.getGroups() - before.getGroups());
    takeAway(more.getAnswers(), before.getAnswers());
    takeAway(more.getFallbackAnswers(), before.getFallbackAnswers());
    return more;
  }

  private static void takeAway(AnswerSums sums, AnswerSums before) {
    for (double gain : before.getLosses().getOrDefault(NDCG, List.of())) {
      add(sums, -gain);
    }
  }
}
