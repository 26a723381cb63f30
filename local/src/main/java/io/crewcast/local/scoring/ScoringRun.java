package io.crewcast.local.scoring;

import io.crewcast.local.stack.FlinkClient;
import io.crewcast.local.stack.FlinkClient.Run;
import io.crewcast.local.stack.FlinkClient.Vertex;
import io.crewcast.local.stack.StackException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import org.apache.flink.api.common.JobStatus;

/** A ScoringJob on a Flink cluster, started and watched by REST. */
public final class ScoringRun {
  private static final String MAIN = "io.crewcast.jobs.ScoringJob";

  /** Longer than the cluster's counters take to be seen. */
  private static final int LOOKS_WHEN_STILL = 3;

  /**
   * Longer than what was read takes to the end of the job; new events may never let it be still.
   */
  private static final int LOOKS_WHEN_READ = 30;

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
  private final JobRun job;

  /** Which vertex counts what, once it is known. */
  private final Map<String, List<String>> metricsOf = new HashMap<>();

  /** What the job counted that this one continues. */
  private final Counters before;

  private ScoringRun(JobRun job, Counters before) {
    this.flink = job.flink();
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
    return new ScoringRun(new JobRun(flink, flink.run(jar, how.apply(run))), before);
  }

  /** The job itself. */
  public JobRun job() {
    return job;
  }

  /** The command line of the job. */
  public static List<String> arguments(Map<String, String> options) {
    List<String> arguments = new ArrayList<>();
    options.forEach((name, value) -> arguments.addAll(List.of("--" + name, value)));
    return arguments;
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
                .metricSums(job.job(), vertex, names)
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
    for (Vertex vertex : flink.vertices(job.job())) {
      List<String> names =
          flink.metricNames(job.job(), vertex.id()).stream().filter(COUNTERS::contains).toList();
      if (!names.isEmpty()) {
        found.put(vertex.id(), names);
      }
    }
    if (found.values().stream().mapToInt(List::size).sum() == COUNTERS.size()) {
      metricsOf.putAll(found);
    }
  }

  /**
   * Waits until a job that reads to an end has finished.
   *
   * @param onProgress told how many records are settled
   */
  public void awaitFinished(LongConsumer onProgress, Duration limit) {
    job.await(
        () -> {
          boolean finished = job.state() == JobStatus.FINISHED;
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
    job.await(
        () -> {
          job.requireRunning();
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
    job.await(
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
        .map(vertex -> flink.metricSums(job.job(), vertex, List.copyOf(wanted.keySet())))
        .anyMatch(
            read ->
                wanted.entrySet().stream()
                    .allMatch(end -> read.getOrDefault(end.getKey(), -1.0) >= end.getValue()));
  }

  /** Whether the source has taken in every record that there is; it knows once it has read some. */
  private boolean hasReadAll() {
    return metricsOf.keySet().stream()
        .map(vertex -> flink.metricSums(job.job(), vertex, List.of(PENDING)).get(PENDING))
        .filter(Objects::nonNull)
        .findAny()
        .filter(pending -> pending == 0)
        .isPresent();
  }
}
