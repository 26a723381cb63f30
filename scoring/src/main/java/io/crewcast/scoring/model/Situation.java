package io.crewcast.scoring.model;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.Packed;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.expression.FactFields;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.Fact;
import io.crewcast.schemas.stream.Visit;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All that is known at one change: the vectors of the entities that the standing fact names, and
 * the fact. What the expressions and the columns of a model read.
 */
public final class Situation implements Function<String, @Nullable Object> {

  private final Fact fact;
  private final Instant asOf;
  private final Map<EntityType, FeatureSchema> schemas;
  private final EnumMap<EntityType, FeatureVector> vectors = new EnumMap<>(EntityType.class);

  /**
   * @param scored the kind of entity whose time is {@code as_of}
   */
  public Situation(Change change, EntityType scored, Map<EntityType, FeatureSchema> schemas) {
    Fact applied = change.getApplied();
    this.fact = applied == null ? change.getRetracted() : applied;
    this.schemas = schemas;
    WorkEvent event = fact.getEvent();
    for (Visit visit : change.getVisits()) {
      // A change that moves a fact visits the entities of both versions.
      if (visit.getEntityId().equals(FactKind.entityId(event, visit.getEntity()))) {
        vectors.put(visit.getEntity(), Packed.vector(visit.getVector()));
      }
    }
    FeatureVector own = vectors.get(scored);
    this.asOf = own == null ? change.getRecordedAt() : own.getAsOf();
  }

  /** Entity time of the scored entity. */
  public Instant asOf() {
    return asOf;
  }

  public boolean knows(EntityType entity) {
    return vectors.containsKey(entity);
  }

  /** A column of the entity's vector; null when missing or the entity is not named. */
  public @Nullable Object column(EntityType entity, int index) {
    FeatureVector vector = vectors.get(entity);
    return vector == null ? null : vector.getValues().get(index);
  }

  /** {@code worker.hours_7d}, {@code as_of}, or a field of the fact. */
  @Override
  public @Nullable Object apply(String name) {
    if (name.equals(ModelSpec.AS_OF)) {
      return Instants.micros(asOf);
    }
    int dot = name.indexOf('.');
    if (dot < 0) {
      return FactFields.value(fact, name);
    }
    for (Map.Entry<EntityType, FeatureVector> known : vectors.entrySet()) {
      FeatureSchema schema = schemas.get(known.getKey());
      if (schema != null
          && name.startsWith(schema.name())
          && name.charAt(dot) == '.'
          && dot == schema.name().length()) {
        return known.getValue().getValues().get(schema.indexOf(name.substring(dot + 1)));
      }
    }
    return null;
  }
}
