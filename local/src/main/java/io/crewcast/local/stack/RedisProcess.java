package io.crewcast.local.stack;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import redis.embedded.core.ExecutableProvider;

/** Redis without persistence. */
final class RedisProcess implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(1);

  private final ChildProcess process;
  private final int port;

  private RedisProcess(ChildProcess process, int port) {
    this.process = process;
    this.port = port;
  }

  static RedisProcess start(Path directory, int port) {
    Path data = directory.resolve("redis");
    try {
      Files.createDirectories(data);
      Path program =
          ExecutableProvider.newJarResourceProvider(data.toFile()).get().toPath().toAbsolutePath();
      ChildProcess process =
          ChildProcess.start(
              "Redis",
              directory.resolve("redis.log"),
              List.of(
                  program.toString(),
                  "--bind",
                  "127.0.0.1",
                  "--port",
                  Integer.toString(port),
                  "--save",
                  "",
                  "--appendonly",
                  "no",
                  "--dir",
                  data.toAbsolutePath().toString()));
      return new RedisProcess(process, port);
    } catch (IOException e) {
      throw new StackException("Cannot unpack Redis into " + data + ": " + e.getMessage(), e);
    }
  }

  URI uri() {
    return URI.create("redis://127.0.0.1:" + port);
  }

  void awaitReady() {
    process.awaitReady(this::answers, START);
  }

  private boolean answers() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
      InputStream answer = socket.getInputStream();
      return new String(answer.readNBytes(5), StandardCharsets.US_ASCII).equals("+PONG");
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
