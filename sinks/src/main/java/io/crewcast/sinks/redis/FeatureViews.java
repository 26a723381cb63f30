package io.crewcast.sinks.redis;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureVector;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The newest features of each entity; vectors of kinds that are not kept are passed over. */
final class FeatureViews implements OnlineView<FeatureVector> {

  private final Map<EntityType, FeastView> views = new EnumMap<>(EntityType.class);
  private final Duration timeToLive;

  /**
   * The views of some kinds of entity.
   *
   * @throws IllegalArgumentException when two are of one kind
   */
  FeatureViews(Collection<FeatureSchema> schemas, Duration timeToLive) {
    this.timeToLive = timeToLive;
    for (FeatureSchema schema : schemas) {
      if (views.put(schema.entity(), FeastView.of(schema)) != null) {
        throw new IllegalArgumentException("Two feature schemas are given for one kind of entity");
      }
    }
  }

  @Override
  public @Nullable String identity(FeatureVector vector) {
    return views.containsKey(vector.getEntity())
        ? vector.getEntity().name() + FeatureSchema.key(vector.getCompanyId(), vector.getEntityId())
        : null;
  }

  @Override
  public Instant asOf(FeatureVector vector) {
    return vector.getAsOf();
  }

  @Override
  public long order(FeatureVector vector) {
    return vector.getSequence();
  }

  @Override
  public OnlineRow row(FeatureVector vector) {
    FeastView view = Objects.requireNonNull(views.get(vector.getEntity()));
    byte[] key =
        view.key(
            vector.getCompanyId(), FeatureSchema.ids(vector.getEntity(), vector.getEntityId()));
    return view.row(key, vector.getAsOf(), vector.getSequence(), vector.getValues(), timeToLive);
  }
}
