package io.crewcast.schemas.serde;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/** Speaks as much of Confluent's API as the adapter asks for; it can be told to fail. */
final class RegistryOfTheTest implements AutoCloseable {

  private final ObjectMapper json = new ObjectMapper();
  private final HttpServer server;
  private final List<String> schemas = new ArrayList<>();
  private final Map<String, List<Integer>> subjects = new HashMap<>();
  private final Map<String, String> compatibility = new HashMap<>();
  private int failures;
  private int requests;

  RegistryOfTheTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** The next {@code count} requests are answered with 503. */
  void fail(int count) {
    failures = count;
  }

  int requests() {
    return requests;
  }

  @Nullable String compatibilityOf(String subject) {
    return compatibility.get(subject);
  }

  private void answer(HttpExchange exchange) throws IOException {
    requests++;
    String[] path = exchange.getRequestURI().getPath().substring(1).split("/");
    ObjectNode answer = json.createObjectNode();
    int status = 200;
    if (failures > 0) {
      failures--;
      status = 503;
      answer.put("error_code", 50301).put("message", "busy");
    } else if (path[0].equals("config")) {
      String level = body(exchange).get("compatibility").asText();
      compatibility.put(path[1], level);
      answer.put("compatibility", level);
    } else if (path[0].equals("schemas")) {
      int id = Integer.parseInt(path[2]);
      if (id >= 1 && id <= schemas.size()) {
        answer.put("schema", schemas.get(id - 1));
      } else {
        status = 404;
        answer.put("error_code", 40403).put("message", "Schema not found");
      }
    } else if (exchange.getRequestMethod().equals("POST")) {
      status = register(path[1], body(exchange).get("schema").asText(), answer);
    } else {
      versions(exchange, path);
      return;
    }
    send(exchange, status, answer);
  }

  private int register(String subject, String schema, ObjectNode answer) {
    List<Integer> ids = subjects.computeIfAbsent(subject, name -> new ArrayList<>());
    Schema next = new Schema.Parser().parse(schema);
    for (int id : ids) {
      Schema earlier = new Schema.Parser().parse(schemas.get(id - 1));
      if (SchemaConflict.between(next, earlier).isPresent()) {
        answer.put("error_code", 409).put("message", "incompatible");
        return 409;
      }
    }
    int at = schemas.indexOf(schema);
    if (at < 0) {
      schemas.add(schema);
      at = schemas.size() - 1;
    }
    ids.add(at + 1);
    answer.put("id", at + 1);
    return 200;
  }

  private void versions(HttpExchange exchange, String[] path) throws IOException {
    List<Integer> ids = subjects.getOrDefault(path[1], List.of());
    if (path.length == 3) {
      List<Integer> versions = new ArrayList<>();
      for (int version = 1; version <= ids.size(); version++) {
        versions.add(version);
      }
      send(exchange, 200, json.valueToTree(versions));
    } else {
      int version = Integer.parseInt(path[3]);
      send(
          exchange,
          200,
          json.createObjectNode()
              .put("subject", path[1])
              .put("version", version)
              .put("id", ids.get(version - 1))
              .put("schema", schemas.get(ids.get(version - 1) - 1)));
    }
  }

  private JsonNode body(HttpExchange exchange) throws IOException {
    return json.readTree(exchange.getRequestBody());
  }

  private void send(HttpExchange exchange, int status, JsonNode answer) throws IOException {
    byte[] bytes = json.writeValueAsBytes(answer);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    try (exchange) {
      exchange.getResponseBody().write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
