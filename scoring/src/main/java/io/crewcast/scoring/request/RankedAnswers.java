package io.crewcast.scoring.request;

import io.crewcast.schemas.CodePoints;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRequested;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.RankedEntity;
import io.crewcast.schemas.Ranking;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.ProblemType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Puts the candidates of a request in order. */
final class RankedAnswers {

  private static final int UNSCORED = 0;

  private RankedAnswers() {}

  /**
   * The ranking that answers a request.
   *
   * <p>Scores of different versions, and answers of the fallback, have no common scale: those of
   * the version that scored the most candidates are ranked, the others are left out, and the
   * ranking is partial.
   *
   * @param answers one a candidate that was answered
   */
  static Ranking of(ModelSpec model, WorkEvent event, List<Prediction> answers) {
    PredictionRequested request = (PredictionRequested) event.getPayload();
    int scale = scale(answers);
    List<Prediction> order =
        answers.stream()
            .filter(answer -> scale(answer) == scale)
            .sorted(
                Comparator.comparingDouble((Prediction answer) -> -worth(model, answer))
                    .thenComparing(Prediction::getEntityId, CodePoints.ORDER))
            .toList();
    Ranking ranking = new Ranking();
    ranking.setRequestId(request.getRequestId());
    ranking.setCompanyId(event.getCompanyId());
    ranking.setModel(model.name());
    ranking.setModelVersion(order.isEmpty() ? 0 : order.get(0).getModelVersion());
    ranking.setRole(order.isEmpty() ? PredictionRole.FALLBACK : order.get(0).getRole());
    ranking.setRanked(ranked(model, order));
    ranking.setPartial(order.size() < request.getEntities().size());
    ranking.setAsOf(event.getRecordedAt());
    ranking.setScoredAt(Instant.EPOCH);
    return ranking;
  }

  /** The version that most were scored by, of several the lowest. */
  private static int scale(List<Prediction> answers) {
    var scored = new TreeMap<Integer, Integer>();
    for (Prediction answer : answers) {
      if (isScored(answer)) {
        scored.merge(scale(answer), 1, Integer::sum);
      }
    }
    int most = scored.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    return scored.entrySet().stream()
        .filter(version -> version.getValue() == most)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(UNSCORED);
  }

  private static int scale(Prediction answer) {
    return isScored(answer) ? answer.getModelVersion() : UNSCORED;
  }

  private static boolean isScored(Prediction answer) {
    return answer.getRole() != PredictionRole.FALLBACK;
  }

  /** The greater, the better. */
  private static double worth(ModelSpec model, Prediction answer) {
    double score = score(model, answer);
    return model.serve().lowestIsBest() ? -score : score;
  }

  private static double score(ModelSpec model, Prediction answer) {
    return Objects.requireNonNull(answer.getOutputs().get(model.rankedBy()));
  }

  private static List<RankedEntity> ranked(ModelSpec model, List<Prediction> order) {
    List<RankedEntity> ranked = new ArrayList<>();
    for (int i = 0; i < order.size(); i++) {
      Prediction answer = order.get(i);
      Prediction next = i + 1 < order.size() ? order.get(i + 1) : null;
      ranked.add(
          new RankedEntity(
              answer.getEntity(),
              answer.getEntityId(),
              score(model, answer),
              confidence(model, answer, next),
              answer.getInputs(),
              answer.getContributions()));
    }
    return ranked;
  }

  /**
   * The prediction's own; where pairs were trained on, how probably the candidate is better than
   * the next one: the logistic of the difference of scores, as LambdaMART models it.
   */
  private static @Nullable Double confidence(
      ModelSpec model, Prediction answer, @Nullable Prediction next) {
    if (model.train().problem() != ProblemType.RANKING || next == null || !isScored(answer)) {
      return answer.getConfidence();
    }
    return 1 / (1 + Math.exp(score(model, next) - score(model, answer)));
  }
}
