package io.crewcast.features.operator;

import static io.crewcast.features.Events.NOON;
import static io.crewcast.features.Events.entry;
import static io.crewcast.features.Events.event;
import static io.crewcast.features.Events.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.EntityRef;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.Packed;
import io.crewcast.schemas.PredictionRequested;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.Change;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What requests read of the entities that they name. */
class ReadingsTest extends VisitedEntities {

  @Test
  void readsForARequestAsOfThenAndWritesNothing() throws Exception {
    send(event("e1", NOON, entry("entry", "ann", "bridge", null, 60)));
    Change asked = send(request("r1", NOON.plus(Duration.ofDays(8)), "ann", null));
    Change again =
        send(event("e2", NOON.plusSeconds(60), entry("other", "ann", "bridge", null, 1)));

    FeatureVector read = visit(asked, EntityType.WORKER);
    assertThat(read.getAsOf()).isEqualTo(NOON.plus(Duration.ofDays(8)));
    assertThat(value(read, "hours_7d")).isEqualTo(0.0);
    assertThat(value(read, "hours_30d")).isEqualTo(1.0);
    assertThat(asked.getVisits()).hasSize(1); // it names no project
    assertThat(vectors(EntityType.WORKER)).hasSize(2);
    assertThat(visit(again, EntityType.WORKER).getAsOf()).isEqualTo(NOON.plusSeconds(60));
    assertThat(value(visit(again, EntityType.WORKER), "hours_7d")).isEqualTo(61 / 60.0);
  }

  @Test
  void readsNothingOfAnEntityThatIsNotKnown() throws Exception {
    assertThat(send(request("r1", NOON, "nobody", null)).getVisits()).isEmpty();
    assertThat(vectors(EntityType.WORKER)).isEmpty();
  }

  @Test
  void takesATaskThatIsNotRecordedAsTheRequestTellsIt() throws Exception {
    send(event("t1", NOON, task("known", TaskStatus.STARTED, "ann", 60.0)));
    send(event("t2", NOON.plusSeconds(1), task("known", TaskStatus.COMPLETED, "ann", 60.0)));
    Instant later = NOON.plusSeconds(9);
    Change told = send(request("r1", later, "ann", task("next", TaskStatus.CREATED, "bob", 240.0)));
    Change known =
        send(request("r2", later, "ann", task("known", TaskStatus.CREATED, null, 240.0)));

    assertThat(value(visit(told, EntityType.TASK), "planned_minutes")).isEqualTo(240.0);
    assertThat(value(visit(told, EntityType.TASK), "status")).isEqualTo("CREATED");
    assertThat(value(visit(known, EntityType.TASK), "planned_minutes")).isEqualTo(60.0);
    // the candidate, in the phase of the task that is asked for, and not who holds it
    assertThat(visit(told, EntityType.WORKER).getEntityId()).isEqualTo("ann");
    assertThat(value(visit(told, EntityType.WORKER), "tasks_finished_phase_365d")).isEqualTo(1L);
    assertThat(value(visit(told, EntityType.WORKER), "open_tasks")).isEqualTo(0L);
    assertThat(visit(told, EntityType.PROJECT).getEntityId()).isEqualTo("project");
    assertThat(vectors(EntityType.TASK)).hasSize(2);
    assertThat(newest(EntityType.PROJECT, "project", "task_count")).isEqualTo(1L);
  }

  private static WorkEvent request(String id, Instant at, String worker, Task task) {
    return event(
        id,
        at,
        new PredictionRequested(
            id, "picker", List.of(new EntityRef(EntityType.WORKER, worker)), task));
  }

  private static FeatureVector visit(Change change, EntityType entity) {
    return change.getVisits().stream()
        .filter(visit -> visit.getEntity() == entity)
        .map(visit -> Packed.vector(visit.getVector()))
        .findFirst()
        .orElseThrow();
  }
}
