package io.crewcast.local.scoring;

import io.crewcast.local.stack.FlinkClient;
import io.crewcast.local.stack.FlinkClient.Vertex;
import io.crewcast.local.stack.StackException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.apache.flink.api.common.JobStatus;

/**
 * A job on a Flink cluster, watched and led by REST.
 *
 * @param job its id
 */
public record JobRun(FlinkClient flink, String job) {

  private static final long LOOK_NANOS = 1_000_000_000;

  /** One is lost with a machine; so many have one cause, and restarts would go on for ever. */
  private static final int FAILURES_TO_GIVE_UP = 8;

  /** Longer than the cluster's counters take to be seen. */
  private static final int LOOKS_WHEN_STILL = 3;

  /** The page of the job in Flink's dashboard. */
  public String page() {
    return flink.page(job);
  }

  JobStatus state() {
    return flink.state(job);
  }

  /** Waits until the job runs. */
  public void awaitRunning(Duration limit) {
    await(() -> flink.isRunning(job), limit, () -> "It does not run");
  }

  /** Ends the job if it has not ended. */
  void cancel() {
    if (!state().isGloballyTerminalState()) {
      flink.cancel(job);
    }
  }

  /** Stops the job and returns where its savepoint lies. */
  public String stopWithSavepoint(Duration limit) {
    return flink.stopWithSavepoint(job, limit);
  }

  void requireRunning() {
    JobStatus state = flink.state(job);
    if (state != JobStatus.RUNNING) {
      throw new StackException(
          "The job is %s: %s. See %s".formatted(state, flink.failure(job), page()));
    }
  }

  /**
   * Waits until a job that reads on and on has read {@code records} and nothing moves in it any
   * more.
   *
   * @param counter of an operator, that counts what the job was given
   * @param onProgress told how many records are read
   */
  void awaitRead(String counter, long records, LongConsumer onProgress, Duration limit) {
    long[] read = {0};
    long[] moved = {0};
    int[] still = {0};
    await(
        () -> {
          List<Vertex> vertices = flink.vertices(job);
          read[0] = vertices.stream().mapToLong(vertex -> count(vertex, counter)).sum();
          onProgress.accept(read[0]);
          long now = vertices.stream().mapToLong(vertex -> vertex.read() + vertex.written()).sum();
          still[0] = read[0] >= records && now == moved[0] ? still[0] + 1 : 0;
          moved[0] = now;
          return still[0] >= LOOKS_WHEN_STILL;
        },
        limit,
        () -> "The job has read %,d of %,d records".formatted(read[0], records));
  }

  private long count(Vertex vertex, String counter) {
    return flink
        .metricSums(job, vertex.id(), List.of(counter))
        .getOrDefault(counter, 0.0)
        .longValue();
  }

  /** Takes a checkpoint: what was settled before has gone all the way to the sinks. */
  public void checkpoint(Duration limit) {
    flink.checkpoint(job, limit);
  }

  /**
   * Lets the job publish all rows that it has for some folders: with a checkpoint, and with another
   * where rows came by time after it and nothing else moves any more.
   *
   * @param folders a lake, or tables that no other job writes meanwhile
   */
  public void publish(List<Path> folders, Duration limit) {
    checkpoint(limit);
    AtomicReference<Set<Path>> seen = new AtomicReference<>(Set.of());
    await(
        () -> {
          Set<Path> there = files(folders);
          boolean published = there.stream().noneMatch(file -> file.toString().endsWith(".rows"));
          if (!published && there.equals(seen.getAndSet(there))) {
            checkpoint(limit);
          }
          return published;
        },
        limit,
        () -> "The lake's files are not published");
  }

  private static Set<Path> files(List<Path> folders) {
    Set<Path> files = new HashSet<>();
    SimpleFileVisitor<Path> visitor =
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            files.add(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE; // it went while it was looked at
            }
            throw failure;
          }
        };
    try {
      for (Path folder : folders) {
        Files.walkFileTree(folder, visitor);
      }
      return files;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Looks again and again until {@code done}.
   *
   * @throws StackException if the job ends badly, fails again and again or the time is over,
   *     beginning with {@code otherwise}
   */
  public void await(BooleanSupplier done, Duration limit, Supplier<String> otherwise) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!done.getAsBoolean()) {
      JobStatus state = flink.state(job);
      boolean late = System.nanoTime() > deadline;
      boolean failing =
          state == JobStatus.RESTARTING && flink.failures(job).size() >= FAILURES_TO_GIVE_UP;
      if (late || failing || state == JobStatus.FAILED || state == JobStatus.CANCELED) {
        throw new StackException(
            "%s %s: the job is %s. %s See %s"
                .formatted(
                    otherwise.get(),
                    late ? "after " + limit.toSeconds() + " s, and goes on" : "and will not",
                    state,
                    flink.failure(job),
                    page()));
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }
}
