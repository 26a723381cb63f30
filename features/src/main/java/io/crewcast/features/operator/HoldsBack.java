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
   * Hands out what all keys hold back.
   *
   * @param keys whose state it is
   */
  void handOut(KeyedStateBackend<String> keys, Output<StreamRecord<R>> out) throws Exception;
}
