package io.crewcast.sinks.redis;

import io.crewcast.schemas.FeatureVector;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/**
 * Keeps the newest vector of every entity in Redis. Writes are idempotent and ordered by the
 * server, so at-least-once delivery is enough. A Redis that is away holds the job back and loses
 * nothing.
 */
public final class RedisFeatureSink implements Sink<FeatureVector> {

  private final OnlineStore store;

  public RedisFeatureSink(OnlineStore store) {
    this.store = store;
  }

  @Override
  public SinkWriter<FeatureVector> createWriter(WriterInitContext context) {
    return new RedisFeatureWriter(store, context.getProcessingTimeService(), context.metricGroup());
  }
}
