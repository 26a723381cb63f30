package io.crewcast.sinks.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.crewcast.schemas.Alert;
import io.crewcast.schemas.AlertSeverity;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class PostAlertsIT {

  @RegisterExtension
  static final MiniClusterExtension FLINK =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(1)
              .build());

  private static final CountDownLatch ALL_POSTED = new CountDownLatch(1);

  private static Alert alert(String id, boolean resolved) {
    return Alert.newBuilder()
        .setAlertId(id)
        .setSeverity(AlertSeverity.CRITICAL)
        .setSubject("model.late")
        .setCompanyId(resolved ? "acme" : "*")
        .setMessage("\"quoted\" " + id)
        .setResolved(resolved)
        .setAsOf(Instant.parse("2026-03-02T00:00:00Z"))
        .build();
  }

  /** Asks the busy one again, the refusing one once, and goes on after one that never answers. */
  @Test
  void postsAgainUntilItIsTakenAndGoesOnWhereItIsNot() throws Exception {
    List<String> bodies = new CopyOnWriteArrayList<>();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          bodies.add(body);
          long posted = bodies.stream().filter(body::equals).count();
          int status = 200;
          if (body.contains("busy")) {
            status = posted < 3 ? 503 : 200;
          } else if (body.contains("broken")) {
            status = 500;
          } else if (body.contains("refused")) {
            status = 404;
          }
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
          if (bodies.stream().filter(sent -> sent.contains("broken")).count() == 6) {
            ALL_POSTED.countDown();
          }
        });
    server.start();
    try {
      var env = StreamExecutionEnvironment.getExecutionEnvironment();
      env.setParallelism(1);
      env.disableOperatorChaining(); // the source waits, the posts go on
      List<String> ids = new ArrayList<>(List.of("busy", "broken", "refused", "plain", "last"));
      var alerts =
          env.fromSource(
              new DataGeneratorSource<>(
                  index -> {
                    if (index == ids.size() - 1) {
                      ALL_POSTED.await(); // at the end of all input Flink asks nobody again
                    }
                    return alert(ids.get(index.intValue()), index == 3);
                  },
                  ids.size(),
                  new AvroTypeInfo<>(Alert.class)),
              WatermarkStrategy.noWatermarks(),
              "alerts");
      List<PostAlerts.Answer> answers = new ArrayList<>();
      PostAlerts.to("http://127.0.0.1:" + server.getAddress().getPort() + "/hook", alerts, 1)
          .executeAndCollect()
          .forEachRemaining(answers::add);

      assertThat(answers)
          .containsExactlyInAnyOrder(
              PostAlerts.Answer.TAKEN,
              PostAlerts.Answer.TAKEN,
              PostAlerts.Answer.TAKEN,
              PostAlerts.Answer.REFUSED);
      assertThat(bodies).filteredOn(body -> body.contains("busy")).hasSize(3);
      assertThat(bodies).filteredOn(body -> body.contains("broken")).hasSize(6);
      assertThat(bodies).filteredOn(body -> body.contains("refused")).hasSize(1);
      assertThat(bodies)
          .contains("{\"text\":\"RESOLVED model.late of acme: \\\"quoted\\\" plain\"}")
          .contains("{\"text\":\"CRITICAL model.late: \\\"quoted\\\" busy\"}");
    } finally {
      server.stop(0);
    }
  }
}
