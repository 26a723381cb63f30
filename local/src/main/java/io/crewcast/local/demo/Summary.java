package io.crewcast.local.demo;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The figures of a run, for programs.
 *
 * @param eventsScored events that led to a prediction
 * @param auc null where labels of one kind only are known
 * @param latencyP50Ms from the broker's append of an event to that of its prediction; null where
 *     the paced part had none
 */
@JsonPropertyOrder({
  "events_in",
  "events_scored",
  "predictions",
  "dead_letters",
  "repeats",
  "features_equal",
  "features_different",
  "auc",
  "latency_p50_ms",
  "latency_p95_ms",
  "latency_p99_ms",
  "events_per_second",
  "lake",
  "report"
})
public record Summary(
    @JsonProperty("events_in") long eventsIn,
    @JsonProperty("events_scored") long eventsScored,
    @JsonProperty("predictions") long predictions,
    @JsonProperty("dead_letters") long deadLetters,
    @JsonProperty("repeats") long repeats,
    @JsonProperty("features_equal") long featuresEqual,
    @JsonProperty("features_different") long featuresDifferent,
    @JsonProperty("auc") @Nullable Double auc,
    @JsonProperty("latency_p50_ms") @Nullable Double latencyP50Ms,
    @JsonProperty("latency_p95_ms") @Nullable Double latencyP95Ms,
    @JsonProperty("latency_p99_ms") @Nullable Double latencyP99Ms,
    @JsonProperty("events_per_second") long eventsPerSecond,
    @JsonProperty("lake") String lake,
    @JsonProperty("report") String report) {

  /** Writes one JSON object. */
  public void write(Path file) throws IOException {
    JsonMapper.builder()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .build()
        .writeValue(file.toFile(), this);
  }
}
