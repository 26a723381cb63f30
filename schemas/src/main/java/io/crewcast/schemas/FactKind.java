package io.crewcast.schemas;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/** The kinds of fact: what a payload is, what identifies it and which entities it names. */
@NullMarked
public enum FactKind {
  TIME_ENTRY(TimeEntry.getClassSchema(), "time_entry_id"),
  TASK(Task.getClassSchema(), "task_id"),
  DEFECT(Defect.getClassSchema(), "defect_id"),
  PROJECT(Project.getClassSchema(), "project_id"),
  CREW_MEMBERSHIP(CrewMembership.getClassSchema(), "crew_id", "worker_id"),
  WORKER(Worker.getClassSchema(), "worker_id"),
  PREDICTION_REQUESTED(PredictionRequested.getClassSchema(), "request_id");

  private final Schema schema;
  private final List<Integer> identity;
  private final int[][] entityFields;

  FactKind(Schema schema, String... identity) {
    this.schema = schema;
    this.identity = List.of(identity).stream().map(field -> schema.getField(field).pos()).toList();
    this.entityFields = new int[EntityType.values().length][];
    for (EntityType entity : EntityType.values()) {
      List<String> fields = FeatureSchema.idFields(entity);
      entityFields[entity.ordinal()] =
          fields.stream().allMatch(field -> schema.getField(field) != null)
              ? fields.stream().mapToInt(field -> schema.getField(field).pos()).toArray()
              : new int[0];
    }
  }

  /** The Avro schema of the payload. */
  public Schema schema() {
    return schema;
  }

  /** {@code time_entry}: as definitions and models name it. */
  public String yamlName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** True when the fact names entities of this kind at all; a request may name any. */
  public boolean canName(EntityType entity) {
    return !changesEntities() || entityFields[entity.ordinal()].length > 0;
  }

  /** False of a request: it reads what it names. */
  public boolean changesEntities() {
    return this != PREDICTION_REQUESTED;
  }

  public static FactKind of(WorkEvent event) {
    Object payload = event.getPayload();
    if (payload instanceof TimeEntry) {
      return TIME_ENTRY;
    } else if (payload instanceof Task) {
      return TASK;
    } else if (payload instanceof Defect) {
      return DEFECT;
    } else if (payload instanceof Project) {
      return PROJECT;
    } else if (payload instanceof CrewMembership) {
      return CREW_MEMBERSHIP;
    } else if (payload instanceof Worker) {
      return WORKER;
    } else if (payload instanceof PredictionRequested) {
      return PREDICTION_REQUESTED;
    }
    throw new IllegalArgumentException("no such payload: " + payload);
  }

  /** Identity of the fact over all companies; versions of one fact share it. */
  public static String factKey(WorkEvent event) {
    FactKind kind = of(event);
    SpecificRecord payload = (SpecificRecord) event.getPayload();
    var key = new StringBuilder(kind.yamlName()).append(':').append(event.getCompanyId());
    // a control character cannot stand in an id, so that no two identities run together
    kind.identity.forEach(field -> key.append('\u0001').append(payload.get(field)));
    return key.toString();
  }

  /**
   * The entity of this kind that the event names, or null. A request names its first candidate, and
   * what the task that it is about names.
   */
  public static @Nullable String entityId(WorkEvent event, EntityType entity) {
    return event.getPayload() instanceof PredictionRequested request
        ? requested(request, entity)
        : of(event).entityId((SpecificRecord) event.getPayload(), entity);
  }

  private @Nullable String entityId(SpecificRecord payload, EntityType entity) {
    int[] fields = entityFields[entity.ordinal()];
    if (fields.length == 0) {
      return null;
    }
    String id = (String) payload.get(fields[0]);
    if (id == null || fields.length == 1) {
      return id;
    }
    String project = (String) payload.get(fields[1]);
    return project == null ? null : new PairId(id, project).entityId();
  }

  private static @Nullable String requested(PredictionRequested request, EntityType entity) {
    EntityRef candidate = request.getEntities().get(0);
    if (candidate.getEntity() == entity) {
      return candidate.getEntityId();
    }
    if (candidate.getEntity() == EntityType.WORKER_PROJECT) {
      PairId pair = PairId.of(candidate.getEntityId());
      if (entity == EntityType.WORKER) {
        return pair.workerId();
      } else if (entity == EntityType.PROJECT) {
        return pair.projectId();
      }
    }
    if (entity == EntityType.WORKER_PROJECT) {
      String worker = requested(request, EntityType.WORKER);
      String project = requested(request, EntityType.PROJECT);
      return worker == null || project == null ? null : new PairId(worker, project).entityId();
    }
    return request.getTask() == null ? null : TASK.entityId(request.getTask(), entity);
  }

  /** Names of the kinds as definitions write them, for error messages. */
  public static String names() {
    Function<FactKind, String> name = FactKind::yamlName;
    return String.join(", ", List.of(values()).stream().map(name).toList());
  }
}
