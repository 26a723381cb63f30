package io.crewcast.benchmarks.models;

import io.crewcast.benchmarks.measure.Figure;
import io.crewcast.benchmarks.measure.Target;
import io.crewcast.local.simulation.PotentialOutcome;
import io.crewcast.local.simulation.Simulation;
import io.crewcast.schemas.PredictionRequested;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.RankedEntity;
import io.crewcast.schemas.Ranking;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.training.RankingComparison;
import io.crewcast.scoring.training.RankingComparison.Ranked;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The requests of a simulation, and by what each candidate would have earned how good answers are.
 */
final class RankedRequests {

  private static final Target ABOVE_ZERO = Target.above(0);

  private final Map<String, WorkEvent> requests = new HashMap<>();
  private final Map<String, Double> grades = new HashMap<>();

  RankedRequests(Simulation.Outcome simulated) {
    for (WorkEvent event : simulated.events()) {
      if (event.getPayload() instanceof PredictionRequested request) {
        requests.put(request.getRequestId(), event);
      }
    }
    for (PotentialOutcome outcome : simulated.potentialOutcomes()) {
      grades.put(candidate(outcome.requestId(), outcome.entityId()), outcome.grade());
    }
  }

  /** How many are recorded at an instant or later. */
  int since(Instant from) {
    return (int)
        requests.values().stream().filter(event -> !event.getRecordedAt().isBefore(from)).count();
  }

  /**
   * NDCG@3 of a model's rankings and of its fallback's rule over the same candidates.
   *
   * @param from requests before it may have been learned from
   */
  List<Figure> figures(ModelSpec spec, List<Ranking> rankings, Instant from) {
    List<Ranked> ranked = new ArrayList<>();
    int partial = 0;
    for (Ranking ranking : rankings) {
      if (ranking.getModel().equals(spec.name()) && !ranking.getAsOf().isBefore(from)) {
        partial += ranking.getPartial() ? 1 : 0;
        if (ranking.getRole() != PredictionRole.FALLBACK) {
          for (RankedEntity candidate : ranking.getRanked()) {
            ranked.add(ranked(spec, ranking, candidate));
          }
        }
      }
    }
    RankingComparison comparison = RankingComparison.of(ranked);
    String name = spec.name();
    return List.of(
        Figure.of(name + " on requests: rankings by a version", comparison.requests(), ""),
        Figure.of("  that the deadline cut short, those without any answer too", partial, ""),
        Figure.of("  ndcg@3 by what candidates would have earned", comparison.model(), ""),
        Figure.of("  ndcg@3 of the rule", comparison.rule(), ""),
        Figure.of("  difference, 95 % interval from", comparison.low(), "").withTarget(ABOVE_ZERO),
        Figure.of("  difference, 95 % interval to", comparison.high(), ""));
  }

  private Ranked ranked(ModelSpec spec, Ranking ranking, RankedEntity candidate) {
    WorkEvent request = Objects.requireNonNull(requests.get(ranking.getRequestId()));
    double rule =
        spec.serve().fallback().answer(value -> input(spec, candidate, value)).get(spec.rankedBy());
    return new Ranked(
        ranking.getRequestId(),
        request.getCompanyId()
            + ':'
            + ((PredictionRequested) request.getPayload()).getTask().getProjectId(),
        grades.get(candidate(ranking.getRequestId(), candidate.getEntityId())),
        candidate.getScore(),
        rule);
  }

  private static Object input(ModelSpec spec, RankedEntity candidate, ModelSpec.Value value) {
    for (int i = 0; i < spec.inputs().size(); i++) {
      if (spec.inputs().get(i).value().equals(value)) {
        return candidate.getInputs().get(i);
      }
    }
    throw new IllegalArgumentException("the rule of " + spec.name() + " is by what is no input");
  }

  private static String candidate(String request, String entity) {
    return request + '\u0001' + entity;
  }
}
