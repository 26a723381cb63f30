package io.crewcast.features.operator;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.operators.Output;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.Collector;

/**
 * In a backfill, holds what comes until the watermark has passed it and lets it go in the order of
 * knowledge, so that no vector holds what was not yet recorded. Live, it holds nothing but hands
 * out what a backfill held: an entity applies facts as they arrive.
 *
 * @param <T> what is put in order
 */
public final class ReleaseInOrder<T> extends KeyedProcessFunction<String, T, T>
    implements HoldsBack<T> {

  /** An order that travels to the task managers. */
  public interface Order<T> extends Comparator<T>, Serializable {}

  private final boolean holds;
  private final MapStateDescriptor<Long, List<T>> descriptor;
  private final Order<T> order;

  @SuppressWarnings("NullAway.Init") // set in keyedBy()
  private transient KeyedStateBackend<String> keys;

  private transient MapState<Long, List<T>> held;

  @SuppressWarnings("NullAway.Init") // transient fields are set in open()
  public ReleaseInOrder(boolean holds, TypeInformation<T> type, Order<T> order) {
    this.holds = holds;
    this.descriptor = new MapStateDescriptor<>("held", Types.LONG, Types.LIST(type));
    this.order = order;
  }

  @Override
  public void keyedBy(KeyedStateBackend<String> backend, long bytes) {
    keys = backend;
  }

  @Override
  public void open(OpenContext context) {
    held = getRuntimeContext().getMapState(descriptor);
  }

  @Override
  public void processElement(T element, Context context, Collector<T> out) throws Exception {
    Long at = context.timestamp();
    if (!holds || at == null || at <= context.timerService().currentWatermark()) {
      out.collect(element);
      return;
    }
    List<T> sameInstant = held.get(at);
    if (sameInstant == null) {
      sameInstant = new ArrayList<>();
      context.timerService().registerEventTimeTimer(at);
    }
    sameInstant.add(element);
    held.put(at, sameInstant);
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<T> out) throws Exception {
    List<T> sameInstant = held.get(timestamp);
    if (sameInstant != null) {
      held.remove(timestamp);
      sameInstant.sort(order);
      sameInstant.forEach(out::collect);
    }
  }

  @Override
  public void handOut(Output<StreamRecord<T>> out) throws Exception {
    var all = new TreeMap<Long, List<T>>();
    keys.applyToAllKeys(
        VoidNamespace.INSTANCE,
        VoidNamespaceSerializer.INSTANCE,
        descriptor,
        (String key, MapState<Long, List<T>> ofKey) -> {
          for (var sameInstant : ofKey.entries()) {
            all.computeIfAbsent(sameInstant.getKey(), at -> new ArrayList<>())
                .addAll(sameInstant.getValue());
          }
          ofKey.clear();
        });
    all.forEach(
        (at, elements) -> {
          elements.sort(order);
          elements.forEach(element -> out.collect(new StreamRecord<>(element, at)));
        });
  }
}
