package io.crewcast.schemas.serde;

import io.crewcast.schemas.CrewMembership;
import io.crewcast.schemas.Defect;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRequested;
import io.crewcast.schemas.Project;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.TimeEntry;
import io.crewcast.schemas.TrainingExample;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.Worker;

/** Keys of records in Kafka: {@code company_id:id}, so that companies never share a key. */
public final class RecordKey {

  private RecordKey() {}

  /**
   * Key of an event: its project, else its worker; a request without a task stands under its first
   * entity, and one that names none, which will be a dead letter, under its own id.
   */
  public static String of(WorkEvent event) {
    return join(event.getCompanyId(), idWithin(event.getPayload()));
  }

  /** Key of a feature row: its entity. */
  public static String of(FeatureVector vector) {
    return join(vector.getCompanyId(), vector.getEntityId());
  }

  /** Key of a prediction: the entity that was scored. */
  public static String of(Prediction prediction) {
    return join(prediction.getCompanyId(), prediction.getEntityId());
  }

  /** Key of a training example: as that of its prediction. */
  public static String of(TrainingExample example) {
    return join(example.getCompanyId(), example.getEntityId());
  }

  private static String join(String companyId, String id) {
    return companyId + ':' + id;
  }

  private static String idWithin(Object payload) {
    if (payload instanceof TimeEntry entry) {
      return entry.getProjectId();
    } else if (payload instanceof Task task) {
      return task.getProjectId();
    } else if (payload instanceof Defect defect) {
      return defect.getProjectId();
    } else if (payload instanceof Project project) {
      return project.getProjectId();
    } else if (payload instanceof CrewMembership membership) {
      return membership.getWorkerId();
    } else if (payload instanceof Worker worker) {
      return worker.getWorkerId();
    } else if (payload instanceof PredictionRequested request) {
      if (request.getTask() != null) {
        return request.getTask().getProjectId();
      }
      return request.getEntities().isEmpty()
          ? request.getRequestId()
          : request.getEntities().get(0).getEntityId();
    }
    throw new IllegalArgumentException("No key is known for a " + payload.getClass().getName());
  }
}
