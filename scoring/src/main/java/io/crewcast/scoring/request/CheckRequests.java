package io.crewcast.scoring.request;

import io.crewcast.schemas.DeadLetterReason;
import io.crewcast.schemas.EntityRef;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.PredictionRequested;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.serde.DeadLetters;
import io.crewcast.schemas.stream.Arrival;
import io.crewcast.scoring.model.ModelSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.apache.flink.api.common.functions.MapFunction;
import org.jspecify.annotations.Nullable;

/** Marks requests that no model can answer. */
public final class CheckRequests implements MapFunction<Arrival, Arrival> {

  /** Each candidate travels with the names of all. */
  private static final int MOST_CANDIDATES = 256;

  private final TreeMap<String, EntityType> scored = new TreeMap<>();
  private final HashSet<String> unordered = new HashSet<>();

  /**
   * @param models all that are defined, whether or not this job serves them
   */
  public CheckRequests(List<ModelSpec> models) {
    for (ModelSpec model : models) {
      scored.put(model.name(), model.scores());
      if (!model.ranks()) {
        unordered.add(model.name());
      }
    }
  }

  @Override
  public Arrival map(Arrival arrival) {
    WorkEvent event = arrival.getEvent();
    if (event == null || !(event.getPayload() instanceof PredictionRequested request)) {
      return arrival;
    }
    EntityType scores = scored.get(request.getModel());
    if (scores == null) {
      return rejected(
          arrival,
          event,
          DeadLetterReason.INVALID_ID,
          "model %s is not defined; ask one of %s"
              .formatted(request.getModel(), String.join(", ", scored.keySet())));
    }
    String fault = fault(request, scores);
    return fault == null ? arrival : rejected(arrival, event, DeadLetterReason.OUT_OF_RANGE, fault);
  }

  private @Nullable String fault(PredictionRequested request, EntityType scores) {
    List<EntityRef> entities = request.getEntities();
    if (entities.size() > MOST_CANDIDATES) {
      return "entities names %d candidates; name at most %d"
          .formatted(entities.size(), MOST_CANDIDATES);
    }
    if (entities.size() > 1 && unordered.contains(request.getModel())) {
      return "model %s gives no order, and entities names %d; ask for one at a time"
          .formatted(request.getModel(), entities.size());
    }
    Set<String> named = new HashSet<>();
    for (EntityRef entity : entities) {
      if (entity.getEntity() != scores) {
        return "model %s scores a %s, and entities names the %s %s"
            .formatted(
                request.getModel(),
                FeatureSchema.nameOf(scores),
                FeatureSchema.nameOf(entity.getEntity()),
                entity.getEntityId());
      }
      if (!named.add(entity.getEntityId())) {
        return "entities names %s twice; name it once".formatted(entity.getEntityId());
      }
    }
    return null;
  }

  private static Arrival rejected(
      Arrival arrival, WorkEvent event, DeadLetterReason reason, String detail) {
    return new Arrival(
        arrival.getRaw(),
        null,
        DeadLetters.of(arrival.getRaw(), reason, detail, event.getCompanyId()));
  }
}
