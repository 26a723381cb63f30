package io.crewcast.features.operator;

import io.crewcast.features.definition.EntityDefinition;
import io.crewcast.features.operator.RecentEntities.Entity;
import io.crewcast.features.window.FeatureWindows;
import io.crewcast.features.window.Layout;
import io.crewcast.features.window.Preview;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.PredictionRequested;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.Fact;
import org.jspecify.annotations.Nullable;

/** What requests read of one kind of entity. Nothing is written. */
final class Readings {

  private final EntityDefinition definition;

  /** Of readings alone: what passes here makes no feature fresh. */
  private final FeatureWindows windows;

  /**
   * @param layout of the state that is read
   */
  Readings(EntityDefinition definition, Layout layout) {
    this.definition = definition;
    this.windows = new FeatureWindows(definition, layout);
  }

  /**
   * The entity's vector as of a request, or as it is when the entity has come further; null where
   * nothing is known or the request was taken back. A task that is not recorded yet is as the
   * request tells it.
   */
  @Nullable FeatureVector vector(Change request, String entityId, Entity entity) {
    Fact asked = request.getApplied();
    if (asked == null) {
      return null;
    }
    long time = Instants.micros(request.getRecordedAt());
    Preview preview = windows.preview(entity.state(), entity, time);
    WorkEvent event = asked.getEvent();
    if (entity.state().sequence() == 0) {
      Task told = ((PredictionRequested) event.getPayload()).getTask();
      if (definition.entity() != EntityType.TASK || told == null) {
        return null;
      }
      WorkEvent task = WorkEvent.newBuilder(event).setPayload(told).build();
      windows.change(preview.state(), preview, time, null, fact(task), visited -> null);
    }
    return new FeatureVector(
        definition.entity(),
        event.getCompanyId(),
        entityId,
        Instants.ofMicros(preview.state().entityTime()),
        preview.state().sequence(),
        event.getEventId(),
        windows.vector(preview.state(), preview, asked));
  }

  private static Fact fact(WorkEvent event) {
    return Fact.newBuilder().setEvent(event).build();
  }
}
