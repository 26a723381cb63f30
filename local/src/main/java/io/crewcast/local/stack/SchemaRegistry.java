package io.crewcast.local.stack;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Apicurio with its storage in memory, spoken to through Confluent's API. */
final class SchemaRegistry implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(3);

  private final ChildProcess process;
  private final URI url;

  private SchemaRegistry(ChildProcess process, URI url) {
    this.process = process;
    this.url = url;
  }

  static SchemaRegistry start(Home home, Path directory, int port) {
    ChildProcess process =
        ChildProcess.start(
            "the schema registry",
            directory.resolve("registry.log"),
            List.of(
                Machine.java(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dquarkus.http.host=127.0.0.1",
                "-Dquarkus.http.port=" + port,
                "-jar",
                runner(home).toString()));
    return new SchemaRegistry(process, URI.create("http://127.0.0.1:" + port + "/apis/ccompat/v7"));
  }

  private static Path runner(Home home) {
    return home.apicurio().resolve("apicurio-registry-app-3.0.9-runner.jar");
  }

  URI url() {
    return url;
  }

  void awaitReady() {
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    HttpRequest subjects =
        HttpRequest.newBuilder(URI.create(url + "/subjects")).timeout(START).build();
    process.awaitReady(() -> answers(client, subjects), START);
  }

  private static boolean answers(HttpClient client, HttpRequest request) {
    try {
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
