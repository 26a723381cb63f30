package io.crewcast.sinks.redis;

import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.Prediction;
import java.time.Duration;
import java.util.Collection;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/**
 * Keeps the newest row of every entity in Redis. Writes are idempotent and ordered by the server,
 * so at-least-once delivery is enough. A Redis that is away holds the job back and loses nothing.
 */
public final class OnlineSink<T> implements Sink<T> {

  private final OnlineStore store;
  private final OnlineView<T> view;

  private OnlineSink(OnlineStore store, OnlineView<T> view) {
    this.store = store;
    this.view = view;
  }

  /** Keeps the features of some kinds of entity; vectors of others are passed over. */
  public static OnlineSink<FeatureVector> ofFeatures(
      OnlineStore store, Collection<FeatureSchema> schemas) {
    return new OnlineSink<>(store, new FeatureViews(schemas, store.timeToLive()));
  }

  /**
   * Keeps what served of each entity and model; shadows and other models are passed over.
   *
   * @param schemas one a model that is kept
   * @param tasksTimeToLive how long a task is kept after its last prediction, for tasks have no
   *     features there and come and go
   */
  public static OnlineSink<Prediction> ofPredictions(
      OnlineStore store, Collection<PredictionSchema> schemas, Duration tasksTimeToLive) {
    return new OnlineSink<>(
        store, new PredictionViews(schemas, store.timeToLive(), tasksTimeToLive));
  }

  @Override
  public SinkWriter<T> createWriter(WriterInitContext context) {
    return new OnlineWriter<>(
        store, view, context.getProcessingTimeService(), context.metricGroup());
  }
}
