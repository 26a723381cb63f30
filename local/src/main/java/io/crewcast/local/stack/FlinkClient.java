package io.crewcast.local.stack;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.apache.flink.api.common.JobStatus;
import org.jspecify.annotations.Nullable;

/**
 * Flink's REST interface, as far as submitting, watching and stopping jobs takes it. A refusal, or
 * a cluster that does not answer, is a {@link StackException} with Flink's own reason.
 */
public final class FlinkClient {
  private static final Duration REQUEST = Duration.ofSeconds(60);

  /** The cluster takes addresses of 4,096 characters. */
  private static final int NAMES_OF_A_REQUEST = 20;

  private static final Pattern LINES = Pattern.compile("\\R");
  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private final String url;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /**
   * @param url of the dashboard, such as {@code http://127.0.0.1:8081}
   */
  public FlinkClient(String url) {
    this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  public record Overview(
      @JsonProperty("taskmanagers") int taskManagers,
      @JsonProperty("slots-total") int slots,
      @JsonProperty("slots-available") int freeSlots,
      @JsonProperty("jobs-running") int runningJobs,
      @JsonProperty("flink-version") String version) {}

  public record Job(@JsonProperty("jid") String id, String name, JobStatus state) {}

  /**
   * An operator chain of a job.
   *
   * @param read records that it has taken in, of those that came over the network
   * @param written records that it has handed on
   */
  public record Vertex(String id, String name, int parallelism, long read, long written) {}

  /** Checkpoints of a job since it was started or restored. */
  public record Checkpoints(long completed, long failed, long restored) {}

  /**
   * How to run a program of an uploaded jar.
   *
   * @param parallelism null takes the program's or the cluster's
   * @param savepoint to start from; null starts empty
   * @param settings of Flink's configuration that stand over the cluster's
   */
  public record Run(
      String mainClass,
      List<String> arguments,
      @Nullable Integer parallelism,
      @Nullable String savepoint,
      Map<String, String> settings) {
    public static Run of(String mainClass, List<String> arguments) {
      return new Run(mainClass, arguments, null, null, Map.of());
    }

    public Run withParallelism(@Nullable Integer newParallelism) {
      return new Run(mainClass, arguments, newParallelism, savepoint, settings);
    }

    public Run from(@Nullable String newSavepoint) {
      return new Run(mainClass, arguments, parallelism, newSavepoint, settings);
    }

    public Run with(Map<String, String> newSettings) {
      return new Run(mainClass, arguments, parallelism, savepoint, newSettings);
    }
  }

  public String url() {
    return url;
  }

  /** The page of a job in the dashboard. */
  public String page(String job) {
    return url + "/#/job/running/" + job + "/overview";
  }

  public Overview overview() {
    return get("/overview", Overview.class);
  }

  /** The ids of the registered TaskManagers. */
  public Set<String> taskManagers() {
    Set<String> ids = new TreeSet<>();
    get("/taskmanagers").get("taskmanagers").forEach(one -> ids.add(one.get("id").asText()));
    return ids;
  }

  public List<Job> jobs() {
    List<Job> jobs = new ArrayList<>();
    get("/jobs/overview").get("jobs").forEach(job -> jobs.add(as(job, Job.class)));
    return jobs;
  }

  /** Returns the id of the jar on the cluster. */
  public String upload(Path jar) {
    String boundary = UUID.randomUUID().toString();
    String head =
        "--%s\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\"%s\"\r\n"
                .formatted(boundary, jar.getFileName())
            + "Content-Type: application/java-archive\r\n\r\n";
    try {
      BodyPublisher body =
          BodyPublishers.concat(
              BodyPublishers.ofString(head),
              BodyPublishers.ofFile(jar),
              BodyPublishers.ofString("\r\n--" + boundary + "--\r\n"));
      String stored =
          send(request("/jars/upload")
                  .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                  .POST(body))
              .get("filename")
              .asText();
      return stored.substring(stored.lastIndexOf('/') + 1);
    } catch (FileNotFoundException e) {
      throw new StackException("No such jar: " + jar, e);
    }
  }

  /** Runs a program of an uploaded jar and returns the id of the job that it submitted. */
  public String run(String jar, Run run) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("entryClass", run.mainClass());
    body.put("programArgsList", run.arguments());
    body.put("flinkConfiguration", run.settings());
    if (run.parallelism() != null) {
      body.put("parallelism", run.parallelism());
    }
    if (run.savepoint() != null) {
      body.put("savepointPath", run.savepoint());
    }
    return post("/jars/" + encoded(jar) + "/run", body).get("jobid").asText();
  }

  public JobStatus state(String job) {
    return JobStatus.valueOf(get("/jobs/" + job).get("state").asText());
  }

  /** Sources first. */
  public List<Vertex> vertices(String job) {
    List<Vertex> vertices = new ArrayList<>();
    for (JsonNode vertex : get("/jobs/" + job).get("vertices")) {
      JsonNode metrics = vertex.get("metrics");
      vertices.add(
          new Vertex(
              vertex.get("id").asText(),
              vertex.get("name").asText(),
              vertex.get("parallelism").asInt(),
              metrics.get("read-records").asLong(),
              metrics.get("write-records").asLong()));
    }
    return vertices;
  }

  public Checkpoints checkpoints(String job) {
    JsonNode counts = get("/jobs/" + job + "/checkpoints").path("counts");
    return new Checkpoints(
        counts.path("completed").asLong(),
        counts.path("failed").asLong(),
        counts.path("restored").asLong());
  }

  /** The names of the metrics of a job's vertex, over all its subtasks. */
  public List<String> metricNames(String job, String vertex) {
    List<String> names = new ArrayList<>();
    get(metrics(job, vertex)).forEach(metric -> names.add(metric.get("id").asText()));
    return names;
  }

  /** The sum over the subtasks of each metric that the vertex has; others are left out. */
  public Map<String, Double> metricSums(String job, String vertex, List<String> names) {
    Map<String, Double> sums = new LinkedHashMap<>();
    for (int from = 0; from < names.size(); from += NAMES_OF_A_REQUEST) {
      List<String> some = names.subList(from, Math.min(names.size(), from + NAMES_OF_A_REQUEST));
      get(metrics(job, vertex) + "?agg=sum&get=" + encoded(String.join(",", some)))
          .forEach(metric -> sums.put(metric.get("id").asText(), metric.get("sum").asDouble()));
    }
    return sums;
  }

  /** Why the job failed or restarted, first lines, the last failure first; empty if never. */
  public List<String> failures(String job) {
    List<String> failures = new ArrayList<>();
    get("/jobs/" + job + "/exceptions")
        .path("exceptionHistory")
        .path("entries")
        .forEach(entry -> failures.add(reason(entry.path("stacktrace").asText())));
    return failures;
  }

  /** Why it did so last; empty if never. */
  public String failure(String job) {
    return failures(job).stream().findFirst().orElse("");
  }

  public void cancel(String job) {
    send(request("/jobs/" + job).method("PATCH", BodyPublishers.noBody()));
  }

  /** Takes a checkpoint now and returns when it is complete: all that was read before is in it. */
  public void checkpoint(String job, Duration limit) {
    String trigger =
        post("/jobs/" + job + "/checkpoints", Map.of("checkpointType", "CONFIGURED"))
            .get("request-id")
            .asText();
    String path = "/jobs/" + job + "/checkpoints/" + trigger;
    await(
        () -> get(path).path("status").path("id").asText().equals("COMPLETED"),
        limit,
        "The checkpoint of job " + job + " is not complete");
    JsonNode cause = get(path).path("operation").path("failure-cause");
    if (!cause.isMissingNode()) {
      throw new StackException(
          "The checkpoint of job %s failed: %s"
              .formatted(job, reason(cause.path("stack-trace").asText())));
    }
  }

  /** Takes a savepoint, stops the job and returns where the savepoint lies. */
  public String stopWithSavepoint(String job, Duration limit) {
    String trigger =
        post("/jobs/" + job + "/stop", Map.of("drain", false)).get("request-id").asText();
    String path = "/jobs/" + job + "/savepoints/" + trigger;
    await(
        () -> get(path).path("status").path("id").asText().equals("COMPLETED"),
        limit,
        "The savepoint of job " + job + " is not complete");
    JsonNode operation = get(path).path("operation");
    if (operation.has("failure-cause")) {
      throw new StackException(
          "The savepoint of job %s failed: %s"
              .formatted(
                  job, reason(operation.path("failure-cause").path("stack-trace").asText())));
    }
    return operation.get("location").asText();
  }

  /**
   * Waits until the job is in {@code wanted}.
   *
   * @throws StackException if it ends otherwise or the time is over
   */
  public void await(String job, JobStatus wanted, Duration limit) {
    await(
        () -> {
          JobStatus state = state(job);
          if (state != wanted && state.isGloballyTerminalState()) {
            throw new StackException(
                "Job %s is %s, not %s. %s".formatted(job, state, wanted, failure(job)).strip());
          }
          return wanted == JobStatus.RUNNING ? isRunning(job) : state == wanted;
        },
        limit,
        "Job " + job + " is not " + wanted);
  }

  /**
   * Whether the job and all its tasks run: it is RUNNING before they have read their state, which
   * they may refuse.
   */
  public boolean isRunning(String job) {
    JsonNode details = get("/jobs/" + job);
    if (!details.get("state").asText().equals(JobStatus.RUNNING.name())) {
      return false;
    }
    for (JsonNode vertex : details.get("vertices")) {
      String status = vertex.get("status").asText();
      if (!status.equals("RUNNING") && !status.equals("FINISHED")) {
        return false;
      }
    }
    return true;
  }

  private void await(BooleanSupplier done, Duration limit, String otherwise) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!done.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new StackException(
            otherwise + " after " + limit.toSeconds() + " s: see the dashboard at " + url);
      }
      Pause.briefly();
    }
  }

  private static String metrics(String job, String vertex) {
    return "/jobs/" + job + "/vertices/" + vertex + "/subtasks/metrics";
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(url + path)).timeout(REQUEST);
  }

  private <T> T get(String path, Class<T> type) {
    return as(get(path), type);
  }

  private JsonNode get(String path) {
    return send(request(path).GET());
  }

  private JsonNode post(String path, Object body) {
    try {
      return send(
          request(path)
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body))));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("No JSON: " + body, e);
    }
  }

  private JsonNode send(HttpRequest.Builder builder) {
    HttpRequest request = builder.build();
    try {
      var response = http.send(request, BodyHandlers.ofByteArray());
      JsonNode answer = JSON.readTree(response.body());
      if (response.statusCode() >= 300) {
        throw new StackException(
            "Flink refuses %s %s: %s"
                .formatted(
                    request.method(),
                    request.uri().getPath(),
                    reason(answer.path("errors").path(answer.path("errors").size() - 1).asText())));
      }
      return answer;
    } catch (JsonProcessingException e) {
      throw new StackException(
          "No Flink at " + url + ": something else listens there, name the dashboard's address", e);
    } catch (IOException e) {
      throw new StackException(
          "Flink does not answer at "
              + url
              + ": start the stack with ./crewcast up, or name the"
              + " dashboard's address",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StackException("Interrupted while waiting for Flink", e);
    }
  }

  private static <T> T as(JsonNode node, Class<T> type) {
    try {
      return JSON.treeToValue(node, type);
    } catch (JsonProcessingException e) {
      throw new StackException("Flink answers what is no " + type.getSimpleName() + ": " + node, e);
    }
  }

  /** The innermost cause in a stack trace, which says most. */
  private static String reason(String stackTrace) {
    return LINES
        .splitAsStream(stackTrace)
        .filter(line -> line.startsWith("Caused by: "))
        .reduce((before, last) -> last)
        .map(line -> line.substring("Caused by: ".length()))
        .orElseGet(() -> LINES.splitAsStream(stackTrace).findFirst().orElse(""));
  }
}
