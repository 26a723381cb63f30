package io.crewcast.features.operator;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.Fact;
import java.util.Objects;
import org.apache.flink.api.java.functions.KeySelector;
import org.jspecify.annotations.Nullable;

/** By what the stages of the pipeline are keyed. */
public final class Keys {

  /** No id begins so: what carries this key passes a stage by. */
  private static final char PASSES = '\u0001';

  private Keys() {}

  /** The entity of this kind that a change names; a change that names none is spread by fact. */
  public static KeySelector<Change, String> entity(EntityType entity) {
    return change -> {
      WorkEvent event = fact(change).getEvent();
      String id = FactKind.entityId(event, entity);
      return id == null
          ? PASSES + FactKind.factKey(event)
          : FeatureSchema.key(event.getCompanyId(), id);
    };
  }

  /** The id of the entity that a change visits, or null when it passes by. */
  static @Nullable String entityId(Change change, EntityType entity) {
    return FactKind.entityId(fact(change).getEvent(), entity);
  }

  /** The version that names the entities: a change with two names the same in both. */
  static Fact fact(Change change) {
    return change.getApplied() == null
        ? Objects.requireNonNull(change.getRetracted())
        : change.getApplied();
  }
}
