package io.crewcast.local.scoring;

import io.crewcast.local.stack.FlinkClient;
import io.crewcast.local.stack.FlinkClient.Run;
import io.crewcast.local.stack.FlinkClient.Vertex;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;

/**
 * A MonitoringJob on a Flink cluster, started and watched by REST.
 *
 * @param job the job itself
 */
public record MonitoringRun(JobRun job) {

  private static final String MAIN = "io.crewcast.jobs.MonitoringJob";

  /** Counts what the job was given. */
  private static final String READ = "received.numRecordsIn";

  /** Longer than the cluster's counters take to be seen. */
  private static final int LOOKS_WHEN_STILL = 3;

  /**
   * Starts the job.
   *
   * @param jar id of the uploaded jar
   * @param options the job's own, without dashes
   * @param how adds parallelism and settings of Flink over those of the cluster
   */
  public static MonitoringRun start(
      FlinkClient flink, String jar, Map<String, String> options, UnaryOperator<Run> how) {
    Run run = Run.of(MAIN, ScoringRun.arguments(options));
    return new MonitoringRun(new JobRun(flink, flink.run(jar, how.apply(run))));
  }

  /**
   * Waits until the job has read {@code records} and nothing moves in it any more.
   *
   * @param onProgress told how many records are read
   */
  public void awaitRead(long records, LongConsumer onProgress, Duration limit) {
    long[] read = {0};
    long[] moved = {0};
    int[] still = {0};
    job.await(
        () -> {
          List<Vertex> vertices = job.flink().vertices(job.job());
          read[0] = vertices.stream().mapToLong(this::read).sum();
          onProgress.accept(read[0]);
          long now = vertices.stream().mapToLong(vertex -> vertex.read() + vertex.written()).sum();
          still[0] = read[0] >= records && now == moved[0] ? still[0] + 1 : 0;
          moved[0] = now;
          return still[0] >= LOOKS_WHEN_STILL;
        },
        limit,
        () -> "The job has read %,d of %,d records".formatted(read[0], records));
  }

  private long read(Vertex vertex) {
    return job.flink()
        .metricSums(job.job(), vertex.id(), List.of(READ))
        .getOrDefault(READ, 0.0)
        .longValue();
  }
}
