package io.crewcast.local.scoring;

import io.crewcast.local.stack.FlinkClient;
import io.crewcast.local.stack.FlinkClient.Run;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.flink.api.common.JobStatus;

/** A ScoringJob on a Flink cluster, started and watched by REST. */
public final class ScoringRun {
  private static final String MAIN = "io.crewcast.jobs.ScoringJob";
  private static final long LOOK_NANOS = 1_000_000_000;

  /** Longer than the cluster's counters take to be seen. */
  private static final int LOOKS_WHEN_STILL = 3;

  /**
   * Longer than what was read takes to the end of the job; new events may never let it be still.
   */
  private static final int LOOKS_WHEN_READ = 30;

  /** One is lost with a machine; so many have one cause, and restarts would go on for ever. */
  private static final int FAILURES_TO_GIVE_UP = 8;

  private static final String SOURCE = "Source__work-events.";
  private static final String PENDING = SOURCE + "pendingRecords";
  private static final String LAST_READ =
      SOURCE + "KafkaSourceReader.topic.work-events.partition.%d.currentOffset";

  private static final Set<String> COUNTERS =
      Set.of(
          "decode.faultyRecords",
          "ledger.appliedEvents",
          "ledger.supersededEvents",
          "ledger.repeatedEvents",
          "ledger.uncorrectableEvents");

  private final FlinkClient flink;
  private final String job;

  /** Which vertex counts what, once it is known. */
  private final Map<String, List<String>> metricsOf = new HashMap<>();

  /** What the job counted that this one continues. */
  private final Counters before;

  private ScoringRun(FlinkClient flink, String job, Counters before) {
    this.flink = flink;
    this.job = job;
    this.before = before;
  }

  /**
   * Starts the job.
   *
   * @param jar id of the uploaded jar
   * @param options the job's own, without dashes
   * @param before what an earlier job has counted, which this one continues
   * @param how adds parallelism, settings of Flink over those of the cluster, and a savepoint
   */
  public static ScoringRun start(
      FlinkClient flink,
      String jar,
      Map<String, String> options,
      Counters before,
      UnaryOperator<Run> how) {
    Run run = Run.of(MAIN, arguments(options));
    return new ScoringRun(flink, flink.run(jar, how.apply(run)), before);
  }

  /** The command line of the job. */
  public static List<String> arguments(Map<String, String> options) {
    List<String> arguments = new ArrayList<>();
    options.forEach((name, value) -> arguments.addAll(List.of("--" + name, value)));
    return arguments;
  }

  /** The page of the job in Flink's dashboard. */
  public String page() {
    return flink.page(job);
  }

  JobStatus state() {
    return flink.state(job);
  }

  /**
   * What the job has counted since it started, on top of the job that it continues; a restart after
   * a failure starts anew.
   *
   * @param faulty records that no event could be read from
   * @param superseded versions that came after a newer one of their fact
   * @param uncorrectable versions of facts that are closed; dead letters too
   */
  public record Counters(
      long faulty, long applied, long superseded, long repeated, long uncorrectable) {
    public static final Counters NONE = new Counters(0, 0, 0, 0, 0);

    /** Records that the ledger or the dead letters have. */
    public long settled() {
      return faulty + applied + superseded + repeated + uncorrectable;
    }

    private Counters after(Counters earlier) {
      return new Counters(
          earlier.faulty + faulty,
          earlier.applied + applied,
          earlier.superseded + superseded,
          earlier.repeated + repeated,
          earlier.uncorrectable + uncorrectable);
    }
  }

  /** Counts up to about a second ago; 0 where the cluster does not know yet. */
  private Counters counters() {
    if (metricsOf.isEmpty()) {
      findMetrics();
    }
    Map<String, Long> sums = new HashMap<>();
    metricsOf.forEach(
        (vertex, names) ->
            flink
                .metricSums(job, vertex, names)
                .forEach((name, sum) -> sums.merge(name, sum.longValue(), Long::sum)));
    return new Counters(
            sums.getOrDefault("decode.faultyRecords", 0L),
            sums.getOrDefault("ledger.appliedEvents", 0L),
            sums.getOrDefault("ledger.supersededEvents", 0L),
            sums.getOrDefault("ledger.repeatedEvents", 0L),
            sums.getOrDefault("ledger.uncorrectableEvents", 0L))
        .after(before);
  }

  /** Keeps where the counters are once all are there; operators start one after the other. */
  private void findMetrics() {
    Map<String, List<String>> found = new HashMap<>();
    for (Vertex vertex : flink.vertices(job)) {
      List<String> names =
          flink.metricNames(job, vertex.id()).stream().filter(COUNTERS::contains).toList();
      if (!names.isEmpty()) {
        found.put(vertex.id(), names);
      }
    }
    if (found.values().stream().mapToInt(List::size).sum() == COUNTERS.size()) {
      metricsOf.putAll(found);
    }
  }

  /** Waits until the job runs. */
  public void awaitRunning(Duration limit) {
    await(() -> flink.isRunning(job), limit, () -> "It does not run");
  }

  /**
   * Waits until a job that reads to an end has finished.
   *
   * @param onProgress told how many records are settled
   */
  public void awaitFinished(LongConsumer onProgress, Duration limit) {
    await(
        () -> {
          boolean finished = flink.state(job) == JobStatus.FINISHED;
          if (!finished) {
            onProgress.accept(counters().settled());
          }
          return finished;
        },
        limit,
        () -> "The job has not finished");
  }

  /**
   * Waits until the job has started and settled {@code records}.
   *
   * @param onProgress told how many records are settled
   * @return what it did with them
   * @throws StackException also if the job restarts, since it counts anew then
   */
  public Counters awaitSettled(long records, LongConsumer onProgress, Duration limit) {
    Counters[] counted = new Counters[1];
    await(
        () -> {
          requireRunning();
          counted[0] = counters();
          onProgress.accept(counted[0].settled());
          return !metricsOf.isEmpty() && counted[0].settled() >= records;
        },
        limit,
        () -> "The job has settled %,d of %,d records".formatted(counted[0].settled(), records));
    return counted[0];
  }

  /**
   * Waits until a backfill that does not end has caught up: it has read each partition up to its
   * end, or all that there is, and nothing moves any more.
   *
   * @param ends of each partition, the offset after the last event that has to be read
   * @param onProgress told how many records are settled
   * @return what it did with them; what it still holds back is not settled
   */
  public Counters awaitCaughtUp(Map<Integer, Long> ends, LongConsumer onProgress, Duration limit) {
    Counters[] counted = {counters()};
    int[] still = {0};
    int[] read = {0};
    await(
        () -> {
          Counters now = counters();
          onProgress.accept(now.settled());
          boolean toTheEnds = hasReadTo(ends);
          boolean moved = !now.equals(counted[0]);
          read[0] = toTheEnds ? read[0] + 1 : 0;
          still[0] = !moved && (toTheEnds || hasReadAll()) ? still[0] + 1 : 0;
          counted[0] = now;
          return still[0] >= LOOKS_WHEN_STILL || read[0] >= LOOKS_WHEN_READ;
        },
        limit,
        () ->
            "The backfill has not caught up, %,d records settled,".formatted(counted[0].settled()));
    return counted[0];
  }

  /** Whether each partition is read up to its end; an end may be no record's, so it may not be. */
  private boolean hasReadTo(Map<Integer, Long> ends) {
    Map<String, Long> wanted = new HashMap<>();
    ends.forEach(
        (partition, end) -> {
          if (end > 0) {
            wanted.put(LAST_READ.formatted(partition), end - 1);
          }
        });
    return metricsOf.keySet().stream()
        .map(vertex -> flink.metricSums(job, vertex, List.copyOf(wanted.keySet())))
        .anyMatch(
            read ->
                wanted.entrySet().stream()
                    .allMatch(end -> read.getOrDefault(end.getKey(), -1.0) >= end.getValue()));
  }

  /** Whether the source has taken in every record that there is; it knows once it has read some. */
  private boolean hasReadAll() {
    return metricsOf.keySet().stream()
        .map(vertex -> flink.metricSums(job, vertex, List.of(PENDING)).get(PENDING))
        .filter(Objects::nonNull)
        .findAny()
        .filter(pending -> pending == 0)
        .isPresent();
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

  private void requireRunning() {
    JobStatus state = flink.state(job);
    if (state != JobStatus.RUNNING) {
      throw new StackException(
          "The job is %s: %s. See %s".formatted(state, flink.failure(job), page()));
    }
  }

  /** Takes a checkpoint: what was settled before has gone all the way to the sinks. */
  public void checkpoint(Duration limit) {
    flink.checkpoint(job, limit);
  }

  /**
   * Lets the job publish all rows of its lake: with a checkpoint, and with another where rows came
   * by time after it and nothing else moves any more.
   */
  public void publish(Path lake, Duration limit) {
    checkpoint(limit);
    AtomicReference<Set<Path>> seen = new AtomicReference<>(Set.of());
    await(
        () -> {
          Set<Path> there = files(lake);
          boolean published = there.stream().noneMatch(file -> file.toString().endsWith(".rows"));
          if (!published && there.equals(seen.getAndSet(there))) {
            checkpoint(limit);
          }
          return published;
        },
        limit,
        () -> "The lake's files are not published");
  }

  private static Set<Path> files(Path lake) {
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
      Files.walkFileTree(lake, visitor);
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
