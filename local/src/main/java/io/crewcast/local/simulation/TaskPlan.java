package io.crewcast.local.simulation;

import io.crewcast.schemas.Task;
import io.crewcast.schemas.TaskStatus;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A task as all its events tell it.
 *
 * @param minutes planned
 * @param priority null until somebody says
 * @param isGroundwork whether others depend on it
 * @param requestId the ranking that led to its assignment
 */
record TaskPlan(
    String id,
    LiveProject project,
    int component,
    World.Phase phase,
    int minutes,
    @Nullable String priority,
    boolean isGroundwork,
    List<String> dependsOn,
    Instant dueAt,
    @Nullable String requestId) {

  TaskPlan withPriority(String said) {
    return new TaskPlan(
        id, project, component, phase, minutes, said, isGroundwork, dependsOn, dueAt, requestId);
  }

  TaskPlan withRequest(String request) {
    return new TaskPlan(
        id, project, component, phase, minutes, priority, isGroundwork, dependsOn, dueAt, request);
  }

  /** A version of it, before its result is known. */
  Task told(TaskStatus status, @Nullable String worker, @Nullable String crew) {
    return told(status, worker, crew, null);
  }

  Task told(
      TaskStatus status, @Nullable String worker, @Nullable String crew, @Nullable Double quality) {
    return Task.newBuilder()
        .setTaskId(id)
        .setStatus(status)
        .setProjectId(project.id)
        .setWorkerId(worker)
        .setCrewId(crew)
        .setComponentId(project.component(component))
        .setPlannedMinutes((double) minutes)
        .setPhase(phase.label())
        .setPriority(priority)
        .setComplexity((double) project.complexity)
        .setCategory(isGroundwork ? "groundwork" : "routine")
        .setStoryPoints(Math.ceil(minutes / 240.0))
        .setRequiredSkills(List.of(phase.label()))
        .setDependsOn(dependsOn)
        .setDueAt(dueAt)
        .setQuality(quality)
        .setRequestId(requestId)
        .build();
  }
}
