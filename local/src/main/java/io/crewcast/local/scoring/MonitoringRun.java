package io.crewcast.local.scoring;

import io.crewcast.local.stack.FlinkClient;
import io.crewcast.local.stack.FlinkClient.Run;
import java.time.Duration;
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
    job.awaitRead(READ, records, onProgress, limit);
  }
}
