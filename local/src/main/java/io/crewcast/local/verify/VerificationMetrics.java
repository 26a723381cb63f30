package io.crewcast.local.verify;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What the last of many verifications found, at {@code /metrics} in Prometheus' text format. */
public final class VerificationMetrics implements AutoCloseable {

  private static final double MILLIS_A_SECOND = 1e3;

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Gauge rows =
      Gauge.builder()
          .name("crewcast_verify_compared_rows")
          .help("Rows compared by the last run")
          .labelNames("entity", "feature")
          .register(registry);
  private final Gauge different =
      Gauge.builder()
          .name("crewcast_verify_different_rows")
          .help("Rows of the last run that differ from their recomputation")
          .labelNames("entity", "feature")
          .register(registry);
  private final Gauge duration =
      Gauge.builder()
          .name("crewcast_verify_duration_seconds")
          .help("How long the last run took")
          .register(registry);
  private final Counter runs =
      Counter.builder()
          .name("crewcast_verify_runs_total")
          .help(
              "Runs by their outcome: equal, different, nothing (none was there to compare) or failed")
          .labelNames("outcome")
          .register(registry);
  private @Nullable HTTPServer server;
  private volatile @Nullable Instant until;

  /**
   * Nothing is known yet.
   *
   * @param clock by which the archive grows old
   */
  public VerificationMetrics(Clock clock) {
    GaugeWithCallback.builder()
        .name("crewcast_verify_archive_age_seconds")
        .help("Age of the newest event that the last run counted, now")
        .callback(
            value -> {
              Instant newest = until;
              if (newest != null) {
                value.call(Duration.between(newest, clock.instant()).toMillis() / MILLIS_A_SECOND);
              }
            })
        .register(registry);
  }

  /**
   * Serves until it is closed.
   *
   * @param port 0 for any that is free
   * @return the port
   */
  public int serve(InetAddress address, int port) throws IOException {
    HTTPServer started =
        HTTPServer.builder().inetAddress(address).port(port).registry(registry).buildAndStart();
    server = started;
    return started.getPort();
  }

  /** A run has come to its end. */
  public void report(VerificationReport report, Duration took) {
    rows.clear();
    different.clear();
    for (FeatureResult result : report.features()) {
      if (result.note() == null) {
        rows.labelValues(result.entity(), result.feature()).set((double) result.rows());
        different.labelValues(result.entity(), result.feature()).set((double) result.different());
      }
    }
    duration.set(took.toMillis() / MILLIS_A_SECOND);
    until = report.until();
    runs.labelValues(outcome(report)).inc();
  }

  private static String outcome(VerificationReport report) {
    if (report.different() > 0) {
      return "different";
    }
    return report.compared() > 0 ? "equal" : "nothing";
  }

  /** A run could not be made. */
  public void failed() {
    runs.labelValues("failed").inc();
  }

  @Override
  public void close() {
    if (server != null) {
      server.close();
    }
  }
}
