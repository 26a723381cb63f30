package io.crewcast.scoring.operator;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.Packed;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.ValueType;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.Fact;
import io.crewcast.schemas.stream.Visit;
import io.crewcast.scoring.model.ModelSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/** A model over tasks and workers, and changes as the features' stages would hand them on. */
final class ScoringHarness {

  static final Instant T0 = Instant.parse("2024-03-04T08:00:00Z");
  static final String KEY = "acme:t1";

  private static final Map<EntityType, FeatureSchema> SCHEMAS =
      Map.of(
          EntityType.TASK,
          new FeatureSchema(
              EntityType.TASK,
              "A task",
              List.of(
                  new FeatureSchema.Column("logged_minutes", ValueType.LONG, "Logged"),
                  new FeatureSchema.Column("planned_minutes", ValueType.DOUBLE, "Plan"),
                  new FeatureSchema.Column("status", ValueType.STRING, "Status"))),
          EntityType.WORKER,
          new FeatureSchema(
              EntityType.WORKER,
              "A worker",
              List.of(new FeatureSchema.Column("overrun_rate", ValueType.DOUBLE, "Rate"))));

  private ScoringHarness() {}

  static ModelSpec model(Path directory) throws IOException {
    return model(directory, "rollout: {unit: project}");
  }

  /** The model with another line at the end of its file. */
  static ModelSpec model(Path directory, String line) throws IOException {
    Path file = directory.resolve("overrun.yaml");
    Files.writeString(
        file,
        """
        model: overrun
        about: Probability of an overrun
        scores: task
        trigger: {from: task, when: status == "STARTED" && planned_minutes > 0, once_per: task_id}
        label: {positive: task.logged_minutes > 1.25 * task.planned_minutes, negative: task.status == "COMPLETED", within: 90d}
        inputs:
          task: [planned_minutes]
          worker: [overrun_rate]
          derived: {weekday: weekday(occurred_at)}
        train: {objective: "binary:logistic", split: {train: 70%, validate: 15%, test: 15%}, history: 30d}
        serve: {explain: 2, fallback: [worker.overrun_rate, 0.28]}
        """
            + line);
    return ModelSpec.load(file, SCHEMAS);
  }

  /**
   * The model with another label and scored entity.
   *
   * @param label as it stands behind {@code label:}
   * @param scores {@code task} or {@code worker}
   * @param train as it stands in {@code train:} before the split
   */
  static ModelSpec labelled(Path directory, String label, String scores, String train)
      throws IOException {
    model(directory, "");
    Path file = directory.resolve("overrun.yaml");
    Files.writeString(
        file,
        Files.readString(file)
            .replaceFirst("label: .*", Matcher.quoteReplacement("label: " + label))
            .replace("scores: task", "scores: " + scores)
            .replace(
                train.contains("robust_deviation")
                    ? "objective: \"binary:logistic\", split: {train: 70%, validate: 15%, test: 15%}"
                    : "objective: \"binary:logistic\"",
                train)
            .replace(
                "[worker.overrun_rate, 0.28]",
                train.contains("softprob") ? "[normal]" : "[worker.overrun_rate, 0.28]"));
    return ModelSpec.load(file, SCHEMAS);
  }

  /** Version of task t1, planned with 100 minutes. */
  static Fact task(String eventId, Instant at, TaskStatus status) {
    return task(eventId, "t1", "p1", at, status);
  }

  /** The start of a task. */
  static Fact startOf(String task, String project, Instant at) {
    return task(task + "-started", task, project, at, TaskStatus.STARTED);
  }

  /** The task that a change is about: what scores are keyed by. */
  static String taskOf(Change change) {
    return "acme:" + ((Task) change.getApplied().getEvent().getPayload()).getTaskId();
  }

  static Fact task(String eventId, String task, String project, Instant at, TaskStatus status) {
    WorkEvent event =
        WorkEvent.newBuilder()
            .setEventId(eventId)
            .setCompanyId("acme")
            .setOccurredAt(at)
            .setRecordedAt(at)
            .setPayload(
                Task.newBuilder()
                    .setTaskId(task)
                    .setStatus(status)
                    .setProjectId(project)
                    .setWorkerId("w1")
                    .setPlannedMinutes(100.0)
                    .build())
            .build();
    return Fact.newBuilder().setEvent(event).setReassignments(0).build();
  }

  /** A change that leaves the task with these minutes; its worker overran 40 % of tasks. */
  static Change change(@Nullable Fact retracted, @Nullable Fact applied, Instant at, long logged) {
    Fact fact = applied == null ? retracted : applied;
    if (fact == null) {
      throw new IllegalArgumentException("a change changes something");
    }
    Task task = (Task) fact.getEvent().getPayload();
    String status = applied == null ? null : task.getStatus().name();
    return Change.newBuilder()
        .setRetracted(retracted)
        .setApplied(applied)
        .setEventId(fact.getEvent().getEventId())
        .setRecordedAt(at)
        .setVisits(
            List.of(
                visit(EntityType.TASK, task.getTaskId(), at, logged, 100.0, status),
                visit(EntityType.WORKER, "other", at, 0.9),
                visit(EntityType.WORKER, "w1", at, 0.4)))
        .build();
  }

  static Visit visit(EntityType entity, String id, Instant asOf, @Nullable Object... values) {
    FeatureVector vector =
        FeatureVector.newBuilder()
            .setEntity(entity)
            .setCompanyId("acme")
            .setEntityId(id)
            .setAsOf(asOf)
            .setSequence(1)
            .setValues(Arrays.asList(values))
            .build();
    return new Visit(entity, id, Packed.vector(vector));
  }
}
