package io.crewcast.features.operator;

import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.streaming.api.operators.Output;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * A function keyed by a text that holds something back in a backfill, for {@link GoLive}.
 *
 * @param <R> what it puts out
 */
public interface HoldsBack<R> {

  /**
   * Comes before anything else.
   *
   * @param keys whose state the function keeps
   * @param bytes how much of it may stay in memory; 0 when it lies there anyway
   */
  void keyedBy(KeyedStateBackend<String> keys, long bytes);

  /** Hands out what all keys hold back. */
  void handOut(Output<StreamRecord<R>> out) throws Exception;
}
