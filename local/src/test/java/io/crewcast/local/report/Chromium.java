package io.crewcast.local.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.io.FileUtils;

/** A headless Chromium with one page, driven by the protocol of its developer tools. */
final class Chromium implements AutoCloseable {
  private static final Path PROGRAM = Path.of("/usr/bin/chromium");
  private static final Pattern LISTENING = Pattern.compile("ws://127\\.0\\.0\\.1:(\\d+)/");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> FAULTS =
      List.of("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled");

  private final Path profile = Files.createTempDirectory("crewcast-chromium");
  private final List<String> faults = new CopyOnWriteArrayList<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final Map<Integer, CompletableFuture<JsonNode>> asked = new ConcurrentHashMap<>();
  private final Map<String, CompletableFuture<Void>> loads = new ConcurrentHashMap<>();
  private final AtomicInteger ids = new AtomicInteger();
  private final Process process;
  private final WebSocket tools;

  private Chromium() throws Exception {
    this.process = start();
    HttpClient client = HttpClient.newHttpClient();
    JsonNode targets =
        JSON.readTree(
            client
                .send(
                    HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:%s/json/list".formatted(port())))
                        .build(),
                    BodyHandlers.ofString())
                .body());
    JsonNode page = targets.get(0);
    this.tools =
        client
            .newWebSocketBuilder()
            .buildAsync(URI.create(page.get("webSocketDebuggerUrl").asText()), new Answers())
            .get(20, TimeUnit.SECONDS);
    for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
      ask(domain + ".enable", Map.of());
    }
    ask("Page.setLifecycleEventsEnabled", Map.of("enabled", true));
  }

  static boolean isThere() {
    return Files.isExecutable(PROGRAM);
  }

  static Chromium start(Path page) throws Exception {
    Chromium chromium = new Chromium();
    try {
      chromium.open(page);
      return chromium;
    } catch (Exception e) {
      chromium.close();
      throw e;
    }
  }

  private Process start() throws IOException {
    return new ProcessBuilder(
            PROGRAM.toString(),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--remote-debugging-port=0",
            "--user-data-dir=" + profile,
            "about:blank")
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** Chromium says on its standard error where it listens, and goes on to say other things. */
  private String port() throws IOException {
    BufferedReader said =
        new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
    for (String line = said.readLine(); line != null; line = said.readLine()) {
      Matcher listening = LISTENING.matcher(line);
      if (listening.find()) {
        Thread rest = new Thread(() -> said.lines().forEach(ignored -> {}), "chromium-stderr");
        rest.setDaemon(true);
        rest.start();
        return listening.group(1);
      }
    }
    throw new IOException("Chromium ended before it listened");
  }

  void open(Path page) throws Exception {
    JsonNode navigated = ask("Page.navigate", Map.of("url", page.toUri().toString()));
    loaded(navigated.path("loaderId").asText()).get(20, TimeUnit.SECONDS);
    settle();
  }

  /** Done once a navigation has come to its end, which may be before it is asked for. */
  private CompletableFuture<Void> loaded(String loader) {
    return loads.computeIfAbsent(loader, unknown -> new CompletableFuture<>());
  }

  /** The value of an expression of JavaScript. */
  JsonNode value(String expression) throws Exception {
    JsonNode answer =
        ask(
            "Runtime.evaluate",
            Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
    if (answer.has("exceptionDetails")) {
      throw new IllegalStateException(answer.get("exceptionDetails").toString());
    }
    return answer.at("/result/value");
  }

  String text(String selector) throws Exception {
    return value(
            "document.querySelector(%s).innerText".formatted(JSON.writeValueAsString(selector)))
        .asText();
  }

  /** Until what was asked for is drawn: charts are, in the frame after the next. */
  void settle() throws Exception {
    value(
        "new Promise(then => requestAnimationFrame(() => requestAnimationFrame(() =>"
            + " requestAnimationFrame(() => setTimeout(() => then(true), 50)))))");
  }

  void press(String key) throws Exception {
    String text = key.equals("Enter") ? "\r" : "";
    Map<String, Integer> codes =
        Map.of(
            "Enter",
            13,
            "Tab",
            9,
            "ArrowLeft",
            37,
            "ArrowUp",
            38,
            "ArrowRight",
            39,
            "ArrowDown",
            40);
    ask(
        "Input.dispatchKeyEvent",
        Map.of(
            "type",
            "keyDown",
            "key",
            key,
            "code",
            key,
            "text",
            text,
            "windowsVirtualKeyCode",
            codes.get(key)));
    ask(
        "Input.dispatchKeyEvent",
        Map.of("type", "keyUp", "key", key, "code", key, "windowsVirtualKeyCode", codes.get(key)));
  }

  void resize(int width, int height) throws Exception {
    ask(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    settle();
  }

  /**
   * Shows the page as on another medium.
   *
   * @param medium screen or print
   * @param scheme light or dark
   */
  void media(String medium, String scheme) throws Exception {
    ask(
        "Emulation.setEmulatedMedia",
        Map.of(
            "media",
            medium,
            "features",
            List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    settle();
  }

  byte[] screenshot() throws Exception {
    return Base64.getDecoder()
        .decode(ask("Page.captureScreenshot", Map.of("format", "png")).get("data").asText());
  }

  /** Exceptions, and whatever was written to the console. */
  List<String> faults() {
    return List.copyOf(faults);
  }

  /** What was asked of a network or a disk. */
  List<String> requests() {
    return List.copyOf(requests);
  }

  private JsonNode ask(String method, Map<String, ?> parameters) throws Exception {
    int id = ids.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    asked.put(id, answer);
    tools
        .sendText(
            JSON.writeValueAsString(Map.of("id", id, "method", method, "params", parameters)), true)
        .get(20, TimeUnit.SECONDS);
    return answer.get(20, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws Exception {
    tools.abort();
    List<ProcessHandle> children = new ArrayList<>(process.descendants().toList());
    process.destroy();
    process.waitFor(10, TimeUnit.SECONDS);
    children.forEach(ProcessHandle::destroyForcibly);
    FileUtils.deleteQuietly(profile.toFile());
  }

  private final class Answers implements WebSocket.Listener {
    private final StringBuilder message = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
      message.append(part);
      if (last) {
        take(message.toString());
        message.setLength(0);
      }
      socket.request(1);
      return null;
    }

    private void take(String text) {
      try {
        JsonNode said = JSON.readTree(text);
        CompletableFuture<JsonNode> answer = asked.remove(said.path("id").asInt());
        if (answer != null && said.has("error")) {
          answer.completeExceptionally(new IllegalStateException(text));
        } else if (answer != null) {
          answer.complete(said.get("result"));
        } else if (FAULTS.contains(said.path("method").asText())) {
          faults.add(said.get("params").toString());
        } else if (said.path("method").asText().equals("Page.lifecycleEvent")
            && said.at("/params/name").asText().equals("load")) {
          loaded(said.at("/params/loaderId").asText()).complete(null);
        } else if (said.path("method").asText().equals("Network.requestWillBeSent")) {
          requests.add(said.at("/params/request/url").asText());
        }
      } catch (IOException e) {
        faults.add(e.toString());
      }
    }
  }
}
