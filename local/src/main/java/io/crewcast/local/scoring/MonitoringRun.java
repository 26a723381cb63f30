package io.crewcast.local.scoring;

import io.crewcast.local.stack.FlinkClient;
import io.crewcast.local.stack.FlinkClient.Run;
import io.crewcast.schemas.serde.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

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

  /** Lets the job publish its rows, of which no other job has any. */
  public void publish(Path lake, Duration limit) {
    List<Path> tables =
        Stream.of(Topic.DRIFT_STATISTICS, Topic.MODEL_PERFORMANCE)
            .flatMap(topic -> topic.table().stream())
            .map(lake::resolve)
            .toList();
    job.publish(tables, limit);
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
