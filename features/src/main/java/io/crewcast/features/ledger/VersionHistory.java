package io.crewcast.features.ledger;

import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.Project;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.Fact;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the versions of a fact say together about the one that stands, in the order of knowledge.
 */
final class VersionHistory {

  private final List<WorkEvent> versions;

  private @Nullable Instant startedAt;
  private @Nullable Instant statusSince;
  private @Nullable TaskStatus status;
  private @Nullable String worker;
  private @Nullable String scope;
  private long reassignments;
  private long reopenings;
  private long scopeChanges;
  private final Map<String, Long> statusMicros = new HashMap<>();

  VersionHistory(List<WorkEvent> versions) {
    this.versions = versions;
  }

  /** True for facts whose earlier versions say something. */
  static boolean isKept(FactKind kind) {
    return kind == FactKind.TASK || kind == FactKind.PROJECT;
  }

  /** The standing version; the last of the versions is not void. */
  Fact standing() {
    for (WorkEvent version : versions) {
      if (version.getVoided()) {
        forget();
      } else if (version.getPayload() instanceof Task task) {
        enter(task, version.getOccurredAt());
      } else if (version.getPayload() instanceof Project project && project.getScope() != null) {
        scopeChanges += scope == null || scope.equals(project.getScope()) ? 0 : 1;
        scope = project.getScope();
      }
    }
    return new Fact(
        versions.get(versions.size() - 1),
        startedAt,
        reassignments,
        reopenings,
        statusSince,
        statusMicros,
        scopeChanges,
        CountedBy.ALL);
  }

  private void enter(Task task, Instant occurredAt) {
    if (task.getStatus() == TaskStatus.STARTED
        && (startedAt == null || occurredAt.isBefore(startedAt))) {
      startedAt = occurredAt;
    }
    if (task.getStatus() != status) {
      if (status != null && statusSince != null) {
        // what is known later may have happened earlier
        long micros = Math.max(0, Duration.between(statusSince, occurredAt).toNanos() / 1_000);
        statusMicros.merge(status.name(), micros, Long::sum);
      }
      reopenings += task.getStatus() == TaskStatus.REOPENED ? 1 : 0;
      status = task.getStatus();
      statusSince = occurredAt;
    }
    if (task.getWorkerId() != null) {
      reassignments += worker == null || worker.equals(task.getWorkerId()) ? 0 : 1;
      worker = task.getWorkerId();
    }
  }

  /** A void says that nothing before it ever was. */
  private void forget() {
    startedAt = null;
    statusSince = null;
    status = null;
    worker = null;
    scope = null;
    reassignments = 0;
    reopenings = 0;
    scopeChanges = 0;
    statusMicros.clear();
  }
}
