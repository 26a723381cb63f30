package io.crewcast.benchmarks.features;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.Packed;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.TimeEntry;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.Fact;
import io.crewcast.schemas.stream.Visit;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Made-up changes, worker after worker in turn, as the ledger hands them on. Of eight changes at a
 * worker six are time entries, one starts a task and one completes it; one change in 32 corrects
 * the entry before. Any change can be made from its number alone, and is always the same.
 *
 * @param company whose workers they are
 * @param workers how many take turns
 * @param start when change 0 was recorded
 * @param step event time from one change to the next
 */
record WorkerChanges(String company, int workers, Instant start, Duration step) {

  /** How often a worker who logs what was worked appears in a day. */
  static final int A_DAY = 4;

  private static final int CYCLE = 8;
  private static final int STARTS = 2;
  private static final int COMPLETES = 6;
  private static final int CORRECTED_EVERY = 32;

  private static final String[] PHASES = {"foundation", "frame", "envelope", "fit-out"};

  /** Every worker {@link #A_DAY} times a day. */
  static WorkerChanges aDay(int workers, Instant start) {
    return new WorkerChanges(
        "acme", workers, start, Duration.ofDays(1).dividedBy((long) A_DAY * workers));
  }

  /** How many changes there are in so many days. */
  long in(Duration time) {
    return time.dividedBy(step);
  }

  /** When a change was recorded, in milliseconds: its event time. */
  long millis(long number) {
    return recordedAt(number).toEpochMilli();
  }

  String key(long number) {
    return company + ":" + worker(number);
  }

  Change change(long number) {
    long visit = number / workers;
    int ofCycle = (int) (visit % CYCLE);
    if (ofCycle == STARTS) {
      return change(number, null, task(number, TaskStatus.STARTED));
    } else if (ofCycle == COMPLETES) {
      long started = number - (long) (COMPLETES - STARTS) * workers;
      return change(number, task(started, TaskStatus.STARTED), task(number, TaskStatus.COMPLETED));
    } else if (visit % CORRECTED_EVERY == CORRECTED_EVERY - CYCLE + 1) {
      long corrected = number - workers;
      return change(number, entry(corrected, corrected), entry(number, corrected));
    }
    return change(number, null, entry(number, number));
  }

  private Change change(long number, @Nullable Fact retracted, Fact applied) {
    List<Visit> visits = new ArrayList<>(1);
    if (applied.getEvent().getPayload() instanceof Task task) {
      visits.add(new Visit(EntityType.TASK, task.getTaskId(), taskVector(number, task)));
    }
    return new Change(
        retracted,
        applied,
        applied.getEvent().getEventId(),
        applied.getEvent().getRecordedAt(),
        false,
        visits);
  }

  /**
   * A time entry.
   *
   * @param number of the change
   * @param first the change that brought the entry's first version: {@code number}, unless this one
   *     corrects it
   */
  private Fact entry(long number, long first) {
    long minutes = 30 + mix(number) % 120;
    return fact(
        number,
        first,
        new TimeEntry(
            "entry-" + first,
            worker(number),
            project(first),
            "crew-1",
            null,
            minutes,
            mix(number) % 4 == 0 ? 30L : 0L,
            15L,
            minutes * 80,
            phase(first),
            "code-" + mix(first) % 10));
  }

  private Fact task(long number, TaskStatus status) {
    long visit = number / workers;
    long first = number - (visit % CYCLE - STARTS) * workers;
    Task task = new Task();
    task.setTaskId("task-" + first);
    task.setStatus(status);
    task.setProjectId(project(first));
    task.setWorkerId(worker(first));
    task.setCrewId("crew-1");
    task.setPlannedMinutes(120.0 + mix(first) % 480);
    task.setPhase(phase(first));
    task.setRequiredSkills(List.of());
    task.setDependsOn(List.of());
    return fact(number, number, task);
  }

  /** Recorded up to an hour after it occurred. */
  private Fact fact(long number, long occurred, Object payload) {
    Instant occurredAt = recordedAt(occurred).minusSeconds(mix(occurred) % 3_600);
    WorkEvent event =
        new WorkEvent(
            "event-" + number,
            company,
            occurredAt,
            recordedAt(number),
            "benchmark",
            false,
            payload);
    return Fact.newBuilder().setEvent(event).build();
  }

  private ByteBuffer taskVector(long number, Task task) {
    List<@Nullable Object> values = new ArrayList<>(2);
    values.add(60 + mix(number) % 600);
    values.add(task.getPlannedMinutes());
    return Packed.vector(
        new FeatureVector(
            EntityType.TASK, company, task.getTaskId(), recordedAt(number), 1L, null, values));
  }

  private Instant recordedAt(long number) {
    return Instants.ofMicros(Instants.micros(start) + number * (step.toNanos() / 1_000));
  }

  private String worker(long number) {
    return "worker-" + number % workers;
  }

  /** Each worker works on four projects. */
  private String project(long number) {
    return "project-" + (number % workers / 25 + mix(number) % 4);
  }

  private static String phase(long number) {
    return PHASES[(int) (mix(number) >> 8) % PHASES.length];
  }

  /** A number that looks random, 0 to 2^31 - 1; the finaliser of SplitMix64. */
  private static long mix(long number) {
    long z = number * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return (z ^ (z >>> 31)) & Integer.MAX_VALUE;
  }
}
