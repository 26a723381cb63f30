package io.crewcast.sinks.redis;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.groups.SinkWriterMetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;

/** What a writer tells of itself; histograms are of its last thousand pipelines. */
final class WriteMetrics implements OnlineWrites.Watch {

  private static final int RECENT = 1_000;
  private static final long NOTHING = 0;

  private final Counter landed;
  private final Counter outdated;
  private final Counter retries;
  private final Histogram writeMicros;
  private final Histogram batchRows;

  /** By the system's clock of nanoseconds; reporters read it from threads of their own. */
  private volatile long waitsSince = NOTHING;

  WriteMetrics(SinkWriterMetricGroup group) {
    landed = group.getNumRecordsSendCounter();
    outdated = group.counter("redisOutdatedRows");
    retries = group.counter("redisRetries");
    writeMicros = group.histogram("redisWriteMicros", new DescriptiveStatisticsHistogram(RECENT));
    batchRows = group.histogram("redisBatchRows", new DescriptiveStatisticsHistogram(RECENT));
    group.gauge("redisBehindMillis", (Gauge<Long>) this::behindMillis);
  }

  /** The oldest of the rows that Redis does not have yet came. */
  void waitsSince(long nanos) {
    waitsSince = nanos == NOTHING ? 1 : nanos;
  }

  void nothingWaits() {
    waitsSince = NOTHING;
  }

  private long behindMillis() {
    long since = waitsSince;
    return since == NOTHING ? 0 : (System.nanoTime() - since) / 1_000_000;
  }

  @Override
  public void answered(int rows, long nanos) {
    writeMicros.update(nanos / 1_000);
    batchRows.update(rows);
  }

  @Override
  public void taken(boolean newest) {
    (newest ? landed : outdated).inc();
  }

  @Override
  public void retried() {
    retries.inc();
  }
}
