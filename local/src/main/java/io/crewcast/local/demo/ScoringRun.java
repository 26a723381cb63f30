package io.crewcast.local.demo;

import io.crewcast.local.stack.FlinkClient;
import io.crewcast.local.stack.FlinkClient.Run;
import io.crewcast.local.stack.FlinkClient.Vertex;
import io.crewcast.local.stack.StackException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.apache.flink.api.common.JobStatus;
import org.jspecify.annotations.Nullable;

/** A ScoringJob on a Flink cluster, started and watched by REST. */
public final class ScoringRun {
  private static final String MAIN = "io.crewcast.jobs.ScoringJob";
  private static final long LOOK_NANOS = 500_000_000;
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

  private ScoringRun(FlinkClient flink, String job) {
    this.flink = flink;
    this.job = job;
  }

  /**
   * Starts the job on what comes, for good.
   *
   * @param jar id of the uploaded jar
   * @param options the job's own, without dashes
   * @param parallelism null takes the cluster's
   * @param settings of Flink, over those of the cluster
   */
  public static ScoringRun startLive(
      FlinkClient flink,
      String jar,
      Map<String, String> options,
      @Nullable Integer parallelism,
      Map<String, String> settings) {
    return start(flink, jar, "live", options, parallelism, settings);
  }

  /** Starts a backfill, which reads to an end. */
  public static ScoringRun startBackfill(
      FlinkClient flink,
      String jar,
      Map<String, String> options,
      @Nullable Integer parallelism,
      Map<String, String> settings) {
    return start(flink, jar, "backfill", options, parallelism, settings);
  }

  private static ScoringRun start(
      FlinkClient flink,
      String jar,
      String mode,
      Map<String, String> options,
      @Nullable Integer parallelism,
      Map<String, String> settings) {
    List<String> arguments = new ArrayList<>(List.of("--mode", mode));
    options.forEach((name, value) -> arguments.addAll(List.of("--" + name, value)));
    Run run = Run.of(MAIN, arguments).with(settings);
    return new ScoringRun(
        flink, flink.run(jar, parallelism == null ? run : run.withParallelism(parallelism)));
  }

  /** The page of the job in Flink's dashboard. */
  public String page() {
    return flink.page(job);
  }

  /**
   * What the job has counted since it started; a restart after a failure starts anew.
   *
   * @param faulty records that no event could be read from
   * @param superseded versions that came after a newer one of their fact
   * @param uncorrectable versions of facts that are closed; dead letters too
   */
  public record Counters(
      long faulty, long applied, long superseded, long repeated, long uncorrectable) {
    /** Records that the ledger or the dead letters have. */
    public long settled() {
      return faulty + applied + superseded + repeated + uncorrectable;
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
        sums.getOrDefault("ledger.uncorrectableEvents", 0L));
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
    flink.await(job, JobStatus.RUNNING, limit);
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
   * Waits until the running job has settled {@code records}.
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
          return counted[0].settled() >= records;
        },
        limit,
        () -> "The job has settled %,d of %,d records".formatted(counted[0].settled(), records));
    return counted[0];
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
   * Looks again and again until {@code done}.
   *
   * @throws StackException if the job ends badly or the time is over, beginning with {@code
   *     otherwise}
   */
  public void await(BooleanSupplier done, Duration limit, Supplier<String> otherwise) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!done.getAsBoolean()) {
      JobStatus state = flink.state(job);
      boolean late = System.nanoTime() > deadline;
      if (late || state == JobStatus.FAILED || state == JobStatus.CANCELED) {
        throw new StackException(
            "%s %s: the job is %s. %s See %s"
                .formatted(
                    otherwise.get(),
                    late ? "after " + limit.toSeconds() + " s" : "and will not",
                    state,
                    flink.failure(job),
                    page()));
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }
}
