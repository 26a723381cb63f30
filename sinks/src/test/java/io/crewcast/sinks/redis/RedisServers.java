package io.crewcast.sinks.redis;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import redis.embedded.RedisServer;
import redis.embedded.core.RedisServerBuilder;

/** Real servers on free ports of 127.0.0.1, without persistence. */
final class RedisServers {

  private RedisServers() {}

  static RedisServerBuilder on(int port) {
    return RedisServer.newRedisServer().port(port).bind("127.0.0.1").setting("save \"\"");
  }

  static RedisServer started(RedisServerBuilder builder) throws IOException {
    RedisServer server = builder.build();
    server.start();
    return server;
  }

  static URI uri(int port) {
    return URI.create("redis://127.0.0.1:" + port);
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  static int freePort(int atMost) throws IOException {
    int port;
    do {
      port = freePort();
    } while (port > atMost);
    return port;
  }
}
