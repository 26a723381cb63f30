package io.crewcast.sinks.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.crewcast.schemas.Alert;
import java.io.Serializable;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;
import org.apache.flink.streaming.util.retryable.AsyncRetryStrategies;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Posts each alert to a webhook, as JSON with one {@code text}, which Slack and what is like it
 * take. Who is not there, or says that it is busy or broken, is asked again, after a second, two,
 * four and so on, six times in all; each post that is not taken is logged and counted in {@code
 * failedPosts}, and the job goes on. Tells what became of alerts that got an answer.
 */
public final class PostAlerts extends RichAsyncFunction<Alert, PostAlerts.Answer> {

  /** What became of an alert that was answered for good. */
  public enum Answer {
    TAKEN,
    REFUSED
  }

  private static final Logger LOG = LoggerFactory.getLogger(PostAlerts.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final int RETRIES = 5;
  private static final long FIRST_PAUSE_MILLIS = 1_000;
  private static final long LONGEST_PAUSE_MILLIS = 30_000;
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final Duration ALL_ATTEMPTS = Duration.ofMinutes(3);

  /** Of a webhook that hangs, so many wait before the job does. */
  private static final int AT_ONCE = 1_000;

  private final String url;

  private transient HttpClient client;
  private transient Counter failed;

  @SuppressWarnings("NullAway.Init") // transient fields are set in open()
  private PostAlerts(String url) {
    this.url = url;
  }

  /** Posts all alerts of a stream. */
  public static SingleOutputStreamOperator<Answer> to(String url, DataStream<Alert> alerts) {
    return to(url, alerts, FIRST_PAUSE_MILLIS);
  }

  static SingleOutputStreamOperator<Answer> to(
      String url, DataStream<Alert> alerts, long firstPauseMillis) {
    var retries =
        new AsyncRetryStrategies.ExponentialBackoffDelayRetryStrategyBuilder<Answer>(
                RETRIES, firstPauseMillis, LONGEST_PAUSE_MILLIS, 2.0)
            .ifResult((Predicate<Collection<Answer>> & Serializable) Collection::isEmpty)
            .build();
    return AsyncDataStream.unorderedWaitWithRetry(
        alerts,
        new PostAlerts(url),
        ALL_ATTEMPTS.toMillis(),
        TimeUnit.MILLISECONDS,
        AT_ONCE,
        retries);
  }

  @Override
  public void open(OpenContext context) {
    client = HttpClient.newBuilder().connectTimeout(ANSWER).build();
    failed = getRuntimeContext().getMetricGroup().counter("failedPosts");
  }

  @Override
  public void asyncInvoke(Alert alert, ResultFuture<Answer> result) throws JsonProcessingException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .timeout(ANSWER)
            .header("Content-Type", "application/json")
            .POST(
                BodyPublishers.ofString(
                    JSON.writeValueAsString(Map.of("text", AlertText.of(alert)))))
            .build();
    var unused =
        client
            .sendAsync(request, BodyHandlers.discarding())
            .whenComplete(
                (response, failure) -> {
                  if (failure != null) {
                    result.complete(failed(alert, failure.toString()));
                  } else if (response.statusCode() / 100 == 2) {
                    result.complete(List.of(Answer.TAKEN));
                  } else {
                    List<Answer> none = failed(alert, "it answered " + response.statusCode());
                    boolean mayBeTakenLater =
                        response.statusCode() == 429 || response.statusCode() >= 500;
                    result.complete(mayBeTakenLater ? none : List.of(Answer.REFUSED));
                  }
                });
  }

  @Override
  public void timeout(Alert alert, ResultFuture<Answer> result) {
    result.complete(failed(alert, "not within " + ALL_ATTEMPTS.toMinutes() + " minutes"));
  }

  /** No answer, which is what is asked for again. */
  private List<Answer> failed(Alert alert, String why) {
    failed.inc();
    LOG.warn(
        "The webhook at {} did not take alert {} ({}): it is in the topic alerts",
        URI.create(url).getHost(), // the path may be what lets one in, as Slack's is
        alert.getAlertId(),
        why);
    return List.of();
  }
}
