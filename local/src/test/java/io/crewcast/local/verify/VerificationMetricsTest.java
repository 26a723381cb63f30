package io.crewcast.local.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

final class VerificationMetricsTest {

  private static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");

  @Test
  void servesWhatTheLastRunFound() throws Exception {
    try (var metrics = new VerificationMetrics(Clock.fixed(NOON.plusSeconds(90), ZoneOffset.UTC))) {
      int port = metrics.serve(InetAddress.getLoopbackAddress(), 0);
      assertThat(read(port)).doesNotContain("crewcast_verify_archive_age_seconds 0");

      metrics.report(report("gone", 10, 7), Duration.ofMillis(1_500));
      metrics.report(report("hours_7d", 10, 0), Duration.ofMillis(1_500));
      metrics.report(report("hours_7d", 0, 0), Duration.ofMillis(1_500));
      metrics.report(report("hours_7d", 10, 2), Duration.ofMillis(2_500));
      metrics.failed();

      assertThat(read(port))
          .contains("crewcast_verify_compared_rows{entity=\"worker\",feature=\"hours_7d\"} 10.0")
          .contains("crewcast_verify_different_rows{entity=\"worker\",feature=\"hours_7d\"} 2.0")
          .contains("crewcast_verify_archive_age_seconds 90.0")
          .contains("crewcast_verify_duration_seconds 2.5")
          .contains("crewcast_verify_runs_total{outcome=\"different\"} 2.0")
          .contains("crewcast_verify_runs_total{outcome=\"equal\"} 1.0")
          .contains("crewcast_verify_runs_total{outcome=\"nothing\"} 1.0")
          .contains("crewcast_verify_runs_total{outcome=\"failed\"} 1.0")
          .doesNotContain("gone");
    }
  }

  private static VerificationReport report(String feature, long rows, long different) {
    return new VerificationReport(
        Path.of("lake"),
        Selection.EVERY_ROW,
        NOON,
        List.of(new FeatureResult("worker", feature, false, rows, different, 0, List.of(), null)));
  }

  private static String read(int port) throws Exception {
    var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"));
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString()).body();
  }
}
