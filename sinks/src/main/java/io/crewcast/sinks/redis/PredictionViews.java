package io.crewcast.sinks.redis;

import io.crewcast.schemas.Contribution;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRole;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The newest prediction of each entity and model that served; of two as of one moment that which
 * was scored last.
 */
final class PredictionViews implements OnlineView<Prediction> {

  private final Map<String, OfModel> views = new HashMap<>();

  private record OfModel(PredictionSchema schema, FeastView view, Duration timeToLive)
      implements Serializable {}

  PredictionViews(
      Collection<PredictionSchema> schemas, Duration timeToLive, Duration tasksTimeToLive) {
    for (PredictionSchema schema : schemas) {
      Duration kept = schema.entity() == EntityType.TASK ? tasksTimeToLive : timeToLive;
      views.put(schema.model(), new OfModel(schema, schema.view(), kept));
    }
  }

  @Override
  public @Nullable String identity(Prediction prediction) {
    return prediction.getRole() != PredictionRole.SHADOW && views.containsKey(prediction.getModel())
        ? prediction.getModel()
            + '/'
            + FeatureSchema.key(prediction.getCompanyId(), prediction.getEntityId())
        : null;
  }

  @Override
  public Instant asOf(Prediction prediction) {
    return prediction.getAsOf();
  }

  @Override
  public long order(Prediction prediction) {
    return Instants.micros(prediction.getScoredAt());
  }

  @Override
  public OnlineRow row(Prediction prediction) {
    OfModel model = Objects.requireNonNull(views.get(prediction.getModel()));
    PredictionSchema schema = model.schema();
    List<@Nullable Object> values = new ArrayList<>();
    values.add(prediction.getPredictionId());
    values.add(prediction.getEventId());
    values.add(prediction.getRequestId());
    values.add(prediction.getModelVersion());
    values.add(prediction.getRole());
    values.add(prediction.getConfidence());
    values.add(prediction.getContributions().stream().map(Contribution::getFeature).toList());
    values.add(prediction.getContributions().stream().map(Contribution::getContribution).toList());
    values.add(Instants.micros(prediction.getScoredAt()));
    schema.outputs().forEach(output -> values.add(prediction.getOutputs().get(output)));
    byte[] key =
        model
            .view()
            .key(
                prediction.getCompanyId(),
                FeatureSchema.ids(schema.entity(), prediction.getEntityId()));
    return model
        .view()
        .row(key, prediction.getAsOf(), order(prediction), values, model.timeToLive());
  }
}
